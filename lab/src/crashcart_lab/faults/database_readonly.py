"""The database file may be read and not written."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client, host
from crashcart_lab.faults.base import Fault, Truth, submit_when_drawn
from crashcart_lab.faults.starting import restart_in_vain
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("database-readonly", "db")
MODE, READ_ONLY = 0o644, 0o444


@dataclass(frozen=True, slots=True)
class DatabaseReadonly(Fault):
    name: str = "database-readonly"
    summary: str = "digest's database file may not be written any more, and digest was restarted"
    client_sees: str = client.UNREACHABLE
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"during_a_job": rng.random() < 0.5}

    def break_(self, world: World, drawn: Drawn) -> None:
        submit_when_drawn(world, drawn)
        world.database.chmod(READ_ONLY)
        # Permissions do not hold root up, and a service in a container often is root.
        if host.is_root():
            host.seal(world.database, is_sealed=True)
        restart_in_vain(world, sign="readonly database")

    def heal(self, world: World) -> None:
        if host.is_root():
            host.seal(world.database, is_sealed=False)
        world.database.chmod(MODE)
        world.restart_digest()
