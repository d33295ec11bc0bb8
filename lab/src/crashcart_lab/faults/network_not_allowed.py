"""The site stands in a network that the service may not read any more."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("network-not-allowed", "digest")


@dataclass(frozen=True, slots=True)
class NetworkNotAllowed(Fault):
    name: str = "network-not-allowed"
    summary: str = "digest's .env does not allow the site's network, so digest refuses the site with 422"
    client_sees: str = "the summariser answered 422"
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"networks": rng.choice(["missing", "", "10.0.0.0/8", "192.168.0.0/16,172.16.0.0/12"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        networks = str(drawn["networks"])
        world.set_env({"ALLOWED_NETWORKS": None if networks == "missing" else networks})
        world.restart_digest()

    def heal(self, world: World) -> None:
        world.set_env({})
        world.restart_digest()
