"""Somebody between us and the provider closes connections in the middle of its answers."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("provider-cuts", "openai")


@dataclass(frozen=True, slots=True)
class ProviderCuts(Fault):
    name: str = "provider-cuts"
    summary: str = "connections to the provider are closed in the middle of its answers"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"scope": rng.choice(["all", "chat"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_rules([{"kind": "cut", **drawn}])

    def heal(self, world: World) -> None:
        world.set_rules([])
