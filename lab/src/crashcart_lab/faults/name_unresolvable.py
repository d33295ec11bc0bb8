"""The provider's address in the service's environment file has a name that does not exist."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("name-unresolvable", "openai")


@dataclass(frozen=True, slots=True)
class NameUnresolvable(Fault):
    name: str = "name-unresolvable"
    summary: str = "digest's .env names a provider host that does not resolve, and digest was restarted"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        # The domain .invalid is reserved (RFC 2606): no resolver will ever know a name in it.
        host = rng.choice(["api.opnai", "api.openai", "apl.openai", "llm-gateway.corp", "proxy.internal"])
        return {"host": f"{host}.invalid", "scheme": rng.choice(["http", "https"]), "has_port": rng.random() < 0.5}

    def break_(self, world: World, drawn: Drawn) -> None:
        port = f":{world.state.ports.provider}" if drawn["has_port"] else ""
        world.set_env({"OPENAI_BASE_URL": f"{drawn['scheme']}://{drawn['host']}{port}/v1"})
        world.restart_digest()

    def heal(self, world: World) -> None:
        world.set_env({})
        world.restart_digest()
