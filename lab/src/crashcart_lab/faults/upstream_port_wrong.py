"""The front proxy passes requests on to a port at which nobody listens."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client, ports
from crashcart_lab.client import Act
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.ports import HOST
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("upstream-port-wrong", "front")


@dataclass(frozen=True, slots=True)
class UpstreamPortWrong(Fault):
    name: str = "upstream-port-wrong"
    summary: str = "the .env of the front proxy names a wrong port for digest, and the proxy was restarted"
    client_sees: str = "the summariser answered 502"
    truth: Truth = TRUTH
    tries: Act = client.scrape_through_front
    needs_front: bool = True

    def draw(self, rng: random.Random) -> Drawn:
        return {"off_by": rng.choice([1, -1, 10, 1000])}

    def break_(self, world: World, drawn: Drawn) -> None:
        off_by = int(drawn["off_by"])
        port = world.state.ports.digest + off_by
        while ports.is_open(port):
            port += off_by
        world.set_front_env({"UPSTREAM_URL": f"http://{HOST}:{port}"})
        world.restart("front")
        world.await_front()

    def heal(self, world: World) -> None:
        world.set_front_env({})
        world.restart("front")
        world.await_front()
