"""No worker runs."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.faults.base import Fault, Truth, submit_when_drawn
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("worker-stopped", "worker")


@dataclass(frozen=True, slots=True)
class WorkerStopped(Fault):
    name: str = "worker-stopped"
    summary: str = "digest's worker was stopped through its supervisor, and nobody started it again"
    client_sees: str = client.STILL_QUEUED
    truth: Truth = TRUTH
    tries: Act = client.scrape_unless_queued
    needs_workers: bool = True

    def draw(self, rng: random.Random) -> Drawn:
        return {"during_a_job": rng.random() < 0.5}

    def break_(self, world: World, drawn: Drawn) -> None:
        submit_when_drawn(world, drawn)
        world.stop("worker")

    def heal(self, world: World) -> None:
        world.restart_worker()
