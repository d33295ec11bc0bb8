"""The service still keeps away from a provider that has long recovered."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("breaker-open", "digest")


@dataclass(frozen=True, slots=True)
class BreakerOpen(Fault):
    name: str = "breaker-open"
    summary: str = "digest's .env has it leave the provider alone for an hour after a hiccup, which is over"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        reset_s = rng.choice([1800, 3600, 86400])
        return {"failures": rng.choice([1, 2]), "reset_s": reset_s, "status": rng.choice([500, 503])}

    def break_(self, world: World, drawn: Drawn) -> None:
        failures = str(drawn["failures"])
        world.set_env({"OPENAI_BREAKER_FAILURES": failures, "OPENAI_BREAKER_RESET_S": str(drawn["reset_s"])})
        world.restart_digest()
        world.set_rules([{"kind": "status", "status": drawn["status"], "scope": "chat"}])
        client.scrape(world.digest_url, world.site_url, jobs=int(failures))
        world.set_rules([])

    def heal(self, world: World) -> None:
        world.set_rules([])
        world.set_env({})
        world.restart_digest()
