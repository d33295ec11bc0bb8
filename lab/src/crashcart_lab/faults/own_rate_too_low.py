"""The service allows itself far too few requests to the provider."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("own-rate-too-low", "digest")


@dataclass(frozen=True, slots=True)
class OwnRateTooLow(Fault):
    name: str = "own-rate-too-low"
    summary: str = "digest's .env allows it one or two requests a minute to the provider, and jobs wait for their turn"
    client_sees: str = client.STILL_QUEUED
    truth: Truth = TRUTH
    tries: Act = client.scrape_impatiently

    def draw(self, rng: random.Random) -> Drawn:
        # As many others as run at once, or more: whoever comes now is behind them for minutes.
        return {"per_minute": rng.choice([1, 2]), "others": rng.randint(4, 8)}

    def break_(self, world: World, drawn: Drawn) -> None:
        per_minute = int(drawn["per_minute"])
        world.set_env({"OPENAI_REQUESTS_PER_MINUTE": str(per_minute)})
        world.restart_digest()
        client.scrape(world.digest_url, world.site_url, jobs=per_minute)
        for _ in range(int(drawn["others"])):
            client.submit(world.digest_url, world.site_url)

    def heal(self, world: World) -> None:
        world.set_env({})
        world.restart_digest()
