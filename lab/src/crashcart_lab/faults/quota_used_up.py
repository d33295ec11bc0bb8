"""The account with the provider has no money or no quota left."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("quota-used-up", "openai")


@dataclass(frozen=True, slots=True)
class QuotaUsedUp(Fault):
    name: str = "quota-used-up"
    summary: str = "the provider answers 429: the account has no quota left, and waiting does not help"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        # What costs nothing, such as the list of models, is still answered.
        return {"code": rng.choice(["insufficient_quota", "insufficient_quota", "billing_not_active"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_rules([{"kind": "quota", "scope": "chat", **drawn}])

    def heal(self, world: World) -> None:
        world.set_rules([])
