"""Nobody listens at the provider's address."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth, submit_when_drawn
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("provider-down", "openai")


@dataclass(frozen=True, slots=True)
class ProviderDown(Fault):
    name: str = "provider-down"
    summary: str = "the provider's process was stopped through its supervisor"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"during_a_job": rng.random() < 0.5}

    def break_(self, world: World, drawn: Drawn) -> None:
        submit_when_drawn(world, drawn)
        world.supervisor.stop("provider")

    def heal(self, world: World) -> None:
        world.start("provider")
        world.await_provider()
