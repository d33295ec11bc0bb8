"""The provider refuses requests because the account has made too many."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("rate-limited", "openai")


@dataclass(frozen=True, slots=True)
class RateLimited(Fault):
    name: str = "rate-limited"
    summary: str = "the provider answers 429 with Retry-After: the account's limit is used up"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        # Up to two minutes the SDK waits as told and tries again; beyond that it gives up at once.
        window, limit, wait_s = rng.choice(
            [
                ("requests per min (RPM)", rng.choice([3, 20, 60]), rng.randint(1, 4)),
                ("tokens per min (TPM)", rng.choice([10_000, 40_000]), rng.randint(1, 4)),
                ("requests per day (RPD)", rng.choice([200, 1000, 10_000]), rng.randint(130, 7200)),
            ]
        )
        return {"scope": rng.choice(["all", "chat"]), "window": window, "limit": limit, "seconds": wait_s}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_rules([{"kind": "rate_limit", **drawn}])

    def heal(self, world: World) -> None:
        world.set_rules([])
