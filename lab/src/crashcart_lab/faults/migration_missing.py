"""The database has the schema of an earlier release."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.faults.starting import restart_in_vain
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("migration-missing", "db")


@dataclass(frozen=True, slots=True)
class MigrationMissing(Fault):
    name: str = "migration-missing"
    summary: str = "digest may not migrate by itself, and its database has the schema of an earlier release"
    client_sees: str = client.UNREACHABLE
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"revision": rng.choice(["0001", "0002"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.stop("digest")
        world.run_digest("migrate", "--to", str(drawn["revision"]))
        world.set_env({"MIGRATE_ON_START": "false"})
        restart_in_vain(world, sign="has schema revision")

    def heal(self, world: World) -> None:
        world.set_env({})
        world.stop("digest")
        world.run_digest("migrate")
        world.restart_digest()
