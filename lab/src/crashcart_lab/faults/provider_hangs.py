"""The provider takes requests and does not answer them."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("provider-hangs", "openai")


@dataclass(frozen=True, slots=True)
class ProviderHangs(Fault):
    name: str = "provider-hangs"
    summary: str = "the provider accepts connections and does not answer before the SDK gives up"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        # A minute of silence and silence for ever look the same to a client that waits three seconds.
        kind = rng.choice(["hang", "latency"])
        return {"kind": kind, "scope": rng.choice(["all", "chat"]), "seconds": rng.randint(30, 120)}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_rules([drawn])

    def heal(self, world: World) -> None:
        world.set_rules([])
