"""The service does not run."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import Fault, Truth, submit_when_drawn
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("service-stopped", "digest")


@dataclass(frozen=True, slots=True)
class ServiceStopped(Fault):
    name: str = "service-stopped"
    summary: str = "digest was stopped through its supervisor, and nobody started it again"
    client_sees: str = "the summariser cannot be reached"
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"during_a_job": rng.random() < 0.5}

    def break_(self, world: World, drawn: Drawn) -> None:
        submit_when_drawn(world, drawn)
        world.supervisor.stop("digest")

    def heal(self, world: World) -> None:
        world.start("digest")
        world.await_digest()
