"""The provider's address in the service's environment file leads to the provider, and past its API."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("base-path-wrong", "openai")


@dataclass(frozen=True, slots=True)
class BasePathWrong(Fault):
    name: str = "base-path-wrong"
    summary: str = "digest's .env has the provider's host with a wrong path behind it, and digest was restarted"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"path": rng.choice(["", "/v1/v1", "/v1/chat/completions", "/openai/v1", "/api"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_env({"OPENAI_BASE_URL": world.provider_url.removesuffix("/v1") + str(drawn["path"])})
        world.restart_digest()

    def heal(self, world: World) -> None:
        world.set_env({})
        world.restart_digest()
