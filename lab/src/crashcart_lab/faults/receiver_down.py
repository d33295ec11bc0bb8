"""Nobody listens where the service sends its notifications."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.faults.base import Fault, Truth, submit_when_drawn
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("receiver-down", "receiver")


@dataclass(frozen=True, slots=True)
class ReceiverDown(Fault):
    name: str = "receiver-down"
    summary: str = "the system that digest notifies was stopped through its supervisor"
    client_sees: str = client.NOT_TOLD
    truth: Truth = TRUTH
    tries: Act = client.await_notification

    def draw(self, rng: random.Random) -> Drawn:
        return {"during_a_job": rng.random() < 0.5}

    def break_(self, world: World, drawn: Drawn) -> None:
        submit_when_drawn(world, drawn)
        world.stop("receiver")

    def heal(self, world: World) -> None:
        world.start("receiver")
        world.await_receiver()
