"""The service asks for a model that the provider does not have."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("model-unknown", "openai")


@dataclass(frozen=True, slots=True)
class ModelUnknown(Fault):
    name: str = "model-unknown"
    summary: str = "digest's .env names a model that the provider does not have, and digest was restarted"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        # Mistyped, withdrawn, or another provider's.
        return {"model": rng.choice(["gpt4o-mini", "gpt-4o-mni", "text-davinci-003", "gpt-4-32k", "mistral-small"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_env({"OPENAI_MODEL": str(drawn["model"])})
        world.restart_digest()

    def heal(self, world: World) -> None:
        world.set_env({})
        world.restart_digest()
