"""The workers have no key, and the service has one."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth, await_a_job
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("key-missing", "worker")


@dataclass(frozen=True, slots=True)
class WorkerKeyMissing(Fault):
    name: str = "worker-key-missing"
    summary: str = "the provider's key is gone from the .env of the workers, not from digest's, and they were restarted"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH
    needs_workers: bool = True

    def draw(self, rng: random.Random) -> Drawn:
        return {"how": rng.choice(["removed", "emptied"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_worker_env({"OPENAI_API_KEY": "" if drawn["how"] == "emptied" else None})
        world.restart_worker()

    def heal(self, world: World) -> None:
        world.set_worker_env({})
        world.restart_worker()
        await_a_job(world)
