"""The workers wait at another queue than the one that the service fills."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.faults.base import Fault, Truth, await_a_job
from crashcart_lab.ports import HOST
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("queue-differs", "worker")


@dataclass(frozen=True, slots=True)
class WorkerQueueDiffers(Fault):
    name: str = "worker-queue-differs"
    summary: str = "the .env of the workers names another Redis database than digest's, and they were restarted"
    client_sees: str = client.STILL_QUEUED
    truth: Truth = TRUTH
    needs_workers: bool = True

    def draw(self, rng: random.Random) -> Drawn:
        return {"number": rng.choice([1, 2, 5])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_worker_env({"REDIS_URL": f"redis://{HOST}:{world.state.ports.redis}/{drawn['number']}"})
        world.restart_worker()

    def heal(self, world: World) -> None:
        world.set_worker_env({})
        world.restart_worker()
        await_a_job(world)
