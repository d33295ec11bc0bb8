"""The provider is up, and its own servers fail."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("provider-errors", "openai")


@dataclass(frozen=True, slots=True)
class ProviderErrors(Fault):
    name: str = "provider-errors"
    summary: str = "the provider answers with 5xx: its own servers fail, or the network before them"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"scope": rng.choice(["all", "chat"]), "status": rng.choice([500, 502, 503, 504])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_rules([{"kind": "status", **drawn}])

    def heal(self, world: World) -> None:
        world.set_rules([])
