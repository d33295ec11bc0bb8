"""The service gives the provider no time to answer."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("timeout-too-short", "digest")


@dataclass(frozen=True, slots=True)
class TimeoutTooShort(Fault):
    name: str = "timeout-too-short"
    summary: str = (
        "digest's .env gives the provider a millisecond at most, as if the unit were another, and digest was restarted"
    )
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"timeout_s": rng.choice([0.0002, 0.0005, 0.001])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_env({"OPENAI_TIMEOUT_S": str(drawn["timeout_s"])})
        world.restart_digest()

    def heal(self, world: World) -> None:
        world.set_env({})
        world.restart_digest()
