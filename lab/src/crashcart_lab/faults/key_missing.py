"""The service's environment file has no key."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("key-missing", "openai")


@dataclass(frozen=True, slots=True)
class KeyMissing(Fault):
    name: str = "key-missing"
    summary: str = "the provider's key is gone from digest's .env, and digest was restarted"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"how": rng.choice(["removed", "emptied"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_env({"OPENAI_API_KEY": "" if drawn["how"] == "emptied" else None})
        world.restart_digest()

    def heal(self, world: World) -> None:
        world.set_env({})
        world.restart_digest()
