"""A worker of an earlier deployment still takes jobs, with the settings of that time."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.waiting import until
from crashcart_lab.world import World

TRUTH = Truth("worker-stray", "worker")


@dataclass(frozen=True, slots=True)
class WorkerStray(Fault):
    name: str = "worker-stray"
    summary: str = "a worker of an earlier deployment, with a key that was replaced since, shares the queue"
    client_sees: str = client.SOME_FAILED
    truth: Truth = TRUTH
    tries: Act = client.scrape_often
    needs_workers: bool = True

    def draw(self, rng: random.Random) -> Drawn:
        return {"places": rng.choice([1, 2]), "key": "sk-proj-" + "".join(rng.choices(string.ascii_letters, k=48))}

    def break_(self, world: World, drawn: Drawn) -> None:
        log = world.kept_folder / "old-worker.log"
        then = {
            "OPENAI_API_KEY": str(drawn["key"]),
            "CONCURRENT_JOBS": str(drawn["places"]),
            "DATABASE_PATH": str(world.database),
            "LOG_PATH": str(log),
        }
        world.spawn(
            "crashcart_lab.digest",
            "--folder",
            str(world.worker_env_file.parent),
            "worker",
            env={**world.state.worker_env, **then},
        )
        until(
            lambda: log.exists() and b" ready." in log.read_bytes(),
            timeout_s=20.0,
            what="the old worker to be ready",
            hint=f"read {log}",
        )

    def heal(self, world: World) -> None:
        world.end_helpers()
        (world.kept_folder / "old-worker.log").unlink(missing_ok=True)
