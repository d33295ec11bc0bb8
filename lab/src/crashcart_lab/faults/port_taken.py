"""Another program has taken the service's port, so the service cannot start."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import ports
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.faults.starting import restart_in_vain
from crashcart_lab.state import Drawn
from crashcart_lab.waiting import until
from crashcart_lab.world import World

TRUTH = Truth("port-taken", "digest")


@dataclass(frozen=True, slots=True)
class PortTaken(Fault):
    name: str = "port-taken"
    summary: str = "another web server listens at digest's port, and digest ends as often as it is started"
    client_sees: str = "the summariser answered 501"
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"by": rng.choice(["dashboard", "site"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.stop("digest")
        port = world.state.ports.digest
        if drawn["by"] == "dashboard":
            world.spawn("crashcart_lab.neighbours.dashboard", "--port", str(port), "--database", str(world.database))
        else:
            world.spawn("crashcart_lab.site", "--port", str(port))
        until(lambda: ports.is_open(port), timeout_s=10.0, what=f"port {port} to be taken", hint=f"read {world.root}")
        restart_in_vain(world, sign="address already in use")

    def heal(self, world: World) -> None:
        world.end_helpers()
        world.restart_digest()
