"""The service speaks TLS to a provider that does not."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("scheme-wrong", "openai")


@dataclass(frozen=True, slots=True)
class SchemeWrong(Fault):
    name: str = "scheme-wrong"
    summary: str = "digest's .env says https for a provider that answers http alone, and digest was restarted"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"slash_at_end": rng.random() < 0.5}

    def break_(self, world: World, drawn: Drawn) -> None:
        end = "/" if drawn["slash_at_end"] else ""
        world.set_env({"OPENAI_BASE_URL": world.provider_url.replace("http://", "https://") + end})
        world.restart_digest()

    def heal(self, world: World) -> None:
        world.set_env({})
        world.restart_digest()
