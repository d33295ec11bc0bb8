"""The workers look for their jobs in another database than the service."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.faults.base import Fault, Truth, await_a_job
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("database-differs", "worker")


@dataclass(frozen=True, slots=True)
class WorkerDatabaseDiffers(Fault):
    name: str = "worker-database-differs"
    summary: str = "the .env of the workers names another database file than digest's, and they were restarted"
    client_sees: str = client.STILL_QUEUED
    truth: Truth = TRUTH
    needs_workers: bool = True

    def draw(self, rng: random.Random) -> Drawn:
        return {"path": rng.choice(["summaries.db", "../digest/digest.db", "../digest/summaries.sqlite3"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_worker_env({"DATABASE_PATH": str(drawn["path"])})
        world.restart_worker()

    def heal(self, world: World) -> None:
        world.set_worker_env({})
        world.restart_worker()
        await_a_job(world)
