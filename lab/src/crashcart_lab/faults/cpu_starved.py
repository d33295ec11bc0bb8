"""The service shares one core with many others that compute."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from pathlib import Path

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.waiting import until
from crashcart_lab.world import World

TRUTH = Truth("cpu-starved", "digest")
BATCHES = 4


@dataclass(frozen=True, slots=True)
class CpuStarved(Fault):
    name: str = "cpu-starved"
    summary: str = "digest is held on one core that many batch jobs keep busy"
    client_sees: str = client.SLOW_PDF
    truth: Truth = TRUTH
    tries: Act = client.export_pdf

    def draw(self, rng: random.Random) -> Drawn:
        return {"neighbours": rng.randint(140, 180), "core": rng.randrange(64)}

    def break_(self, world: World, drawn: Drawn) -> None:
        cores = sorted(os.sched_getaffinity(0))
        core = cores[int(drawn["core"]) % len(cores)]
        for thread in _threads(world):
            os.sched_setaffinity(thread, {core})
        batch = ("--core", str(core), "--processes", str(drawn["neighbours"]))
        log = world.root / "grinder.out"
        for _ in range(BATCHES):
            log.unlink(missing_ok=True)
            world.spawn("crashcart_lab.neighbours.grinder", *batch)
            until(lambda: b"compute on" in log.read_bytes(), timeout_s=20.0, what="the batch", hint=f"read {log}")
            if not self.tries(world.doors, 1).succeeded:
                break  # a faster machine bears more of them

    def heal(self, world: World) -> None:
        world.end_helpers()
        (world.root / "grinder.out").unlink(missing_ok=True)
        for thread in _threads(world):
            os.sched_setaffinity(thread, os.sched_getaffinity(0))
        world.await_digest()


def _threads(world: World) -> list[int]:
    pid = world.pid_of("digest")
    return [int(entry.name) for entry in Path(f"/proc/{pid}/task").iterdir()] if pid is not None else []
