"""The service lets its users submit far too few sites."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("users-limit-too-low", "digest")


@dataclass(frozen=True, slots=True)
class UsersLimitTooLow(Fault):
    name: str = "users-limit-too-low"
    summary: str = "digest's .env allows users a few sites an hour, and digest refuses more with 429"
    client_sees: str = "the summariser answered 429"
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"rate": rng.choice(["1/minute", "2/hour", "5/hour", "3/day"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_env({"RATE_LIMIT_SCRAPE": str(drawn["rate"])})
        world.restart_digest()
        client.submit_until_refused(world.digest_url, status=429)

    def heal(self, world: World) -> None:
        world.set_env({})
        world.restart_digest()
