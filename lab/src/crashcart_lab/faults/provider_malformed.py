"""The provider's answers are successes that nobody can read."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("provider-malformed", "openai")


@dataclass(frozen=True, slots=True)
class ProviderMalformed(Fault):
    name: str = "provider-malformed"
    summary: str = "the provider answers 200 with half a document, a web page, something else or nothing"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"scope": rng.choice(["all", "chat"]), "body": rng.choice(["half", "page", "empty", "other"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_rules([{"kind": "malformed", **drawn}])

    def heal(self, world: World) -> None:
        world.set_rules([])
