"""The provider does not accept the key that the service sends."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("key-refused", "openai")


@dataclass(frozen=True, slots=True)
class KeyRefused(Fault):
    name: str = "key-refused"
    summary: str = "the provider refuses the key: revoked there, or wrong in digest's .env"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        how = rng.choice(["revoked", "cut", "mistyped", "another account's"])
        return {"how": how, "at": rng.randrange(10, 50), "letters": "".join(rng.choices(string.ascii_letters, k=48))}

    def break_(self, world: World, drawn: Drawn) -> None:
        if drawn["how"] == "revoked":
            world.accept_keys([])
            return
        world.set_env({"OPENAI_API_KEY": _wrong(world.state.key, drawn)})
        world.restart_digest()

    def heal(self, world: World) -> None:
        world.accept_keys([world.state.key])
        world.set_env({})
        world.restart_digest()


def _wrong(key: str, drawn: Drawn) -> str:
    at = int(drawn["at"])
    match drawn["how"]:
        case "cut":
            return key[:at]
        case "mistyped":
            return key[:at] + ("x" if key[at] != "x" else "y") + key[at + 1 :]
        case _:
            return f"sk-proj-{drawn['letters']}"
