"""The provider answers, and takes a minute for it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.faults.base import NOT_DONE, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("provider-slow", "openai")


@dataclass(frozen=True, slots=True)
class ProviderSlow(Fault):
    name: str = "provider-slow"
    summary: str = "the provider keeps connections alive with blanks and answers late, so no timeout ever strikes"
    client_sees: str = NOT_DONE
    truth: Truth = TRUTH
    tries: Act = client.scrape_impatiently

    def draw(self, rng: random.Random) -> Drawn:
        return {"scope": rng.choice(["all", "chat"]), "seconds": rng.randint(20, 90)}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_rules([{"kind": "trickle", **drawn}])

    def heal(self, world: World) -> None:
        world.set_rules([])
