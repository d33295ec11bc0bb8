"""The provider does not serve the country that our requests come from."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("region-refused", "openai")


@dataclass(frozen=True, slots=True)
class RegionRefused(Fault):
    name: str = "region-refused"
    summary: str = "the provider answers 403: it does not serve the country that requests come from"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        # Not every path is watched at the border.
        return {"scope": rng.choice(["all", "chat"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_rules([{"kind": "region", **drawn}])

    def heal(self, world: World) -> None:
        world.set_rules([])
