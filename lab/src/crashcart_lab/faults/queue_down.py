"""Nobody listens where the queue of jobs should be."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("queue-down", "redis")


@dataclass(frozen=True, slots=True)
class QueueDown(Fault):
    name: str = "queue-down"
    summary: str = "the Redis server between digest and its workers was stopped"
    client_sees: str = client.STILL_QUEUED
    truth: Truth = TRUTH
    tries: Act = client.scrape_unless_queued
    needs_workers: bool = True

    def draw(self, rng: random.Random) -> Drawn:
        return {"digest_restarted": rng.random() < 0.5}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.stop("redis")
        if drawn["digest_restarted"]:
            world.restart_digest()

    def heal(self, world: World) -> None:
        world.start("redis")
        # A worker asks for its queue again at growing intervals; nobody waits for that who can restart it.
        world.restart_worker()
