"""The front proxy gives the service no time to answer."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("upstream-timeout-too-short", "front")


@dataclass(frozen=True, slots=True)
class UpstreamTimeoutTooShort(Fault):
    name: str = "upstream-timeout-too-short"
    summary: str = "the .env of the front proxy gives digest less than a millisecond, and the proxy was restarted"
    client_sees: str = "the summariser answered 504"
    truth: Truth = TRUTH
    tries: Act = client.scrape_through_front
    needs_front: bool = True

    def draw(self, rng: random.Random) -> Drawn:
        return {"timeout_s": rng.choice([0.0001, 0.0002, 0.0005])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_front_env({"UPSTREAM_TIMEOUT_S": f"{drawn['timeout_s']:f}"})
        world.restart("front")
        world.await_front()

    def heal(self, world: World) -> None:
        world.set_front_env({})
        world.restart("front")
        world.await_front()
