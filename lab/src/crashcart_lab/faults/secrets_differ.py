"""The service signs its notifications with another secret than their receiver expects."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("secrets-differ", "receiver")
NAME = "WEBHOOK_SECRET"


@dataclass(frozen=True, slots=True)
class SecretsDiffer(Fault):
    name: str = "secrets-differ"
    summary: str = "the secret of the notifications was changed on one side alone"
    client_sees: str = client.NOT_TOLD
    truth: Truth = TRUTH
    tries: Act = client.await_notification

    def draw(self, rng: random.Random) -> Drawn:
        secret = "".join(rng.choices(string.hexdigits.lower(), k=40))
        return {"changed_by": rng.choice(["digest", "receiver"]), "secret": secret}

    def break_(self, world: World, drawn: Drawn) -> None:
        secret = str(drawn["secret"])
        if drawn["changed_by"] == "receiver":
            world.set_receiver_secret(secret)
            return
        world.set_env({NAME: secret})
        world.restart_digest()

    def heal(self, world: World) -> None:
        world.set_receiver_secret(world.state.env[NAME])
        world.set_env({})
        world.restart_digest()
