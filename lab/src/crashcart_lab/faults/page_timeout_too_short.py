"""The service gives the pages of a site no time to come."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("page-timeout-too-short", "digest")


@dataclass(frozen=True, slots=True)
class PageTimeoutTooShort(Fault):
    name: str = "page-timeout-too-short"
    summary: str = "digest's .env gives a page less than a millisecond, and digest was restarted"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"timeout_s": rng.choice([0.0001, 0.0002, 0.0005])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_env({"PAGE_TIMEOUT_S": f"{drawn['timeout_s']:f}"})
        world.restart_digest()

    def heal(self, world: World) -> None:
        world.set_env({})
        world.restart_digest()
