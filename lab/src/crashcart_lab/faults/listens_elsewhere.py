"""The service runs, and listens where nobody looks for it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client, ports
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.ports import HOST
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("listens-elsewhere", "digest")
# Of this machine, and not the address that users have: what `HOST=localhost` is on machines with IPv6.
OTHER_HOST = "127.0.0.2"


@dataclass(frozen=True, slots=True)
class ListensElsewhere(Fault):
    name: str = "listens-elsewhere"
    summary: str = "digest's .env has another port or another address to listen at, and digest was restarted"
    client_sees: str = client.UNREACHABLE
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"changed": rng.choice(["port", "address"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        if drawn["changed"] == "port":
            (port,) = ports.free(1)
            world.set_env({"PORT": str(port)})
            url = f"http://{HOST}:{port}"
        else:
            world.set_env({"HOST": OTHER_HOST})
            url = f"http://{OTHER_HOST}:{world.state.ports.digest}"
        world.restart("digest")
        world.await_answer(f"{url}/health", what="digest at its other place", log=world.digest_folder / "digest.out")

    def heal(self, world: World) -> None:
        world.set_env({})
        world.restart_digest()
