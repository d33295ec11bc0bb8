"""The service may have fewer connections to its database than its readers need at once."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.faults import rows
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("pool-exhausted", "digest")
# So that a page of a hundred has a hundred.
SUMMARIES = 3000


@dataclass(frozen=True, slots=True)
class PoolExhausted(Fault):
    name: str = "pool-exhausted"
    summary: str = "digest's .env allows one or two connections to the database, and many users read"
    client_sees: str = "the summariser answered 503"
    truth: Truth = TRUTH
    tries: Act = client.read_much

    def draw(self, rng: random.Random) -> Drawn:
        return {
            "pool_size": rng.choice([1, 2]),
            "timeout_s": round(rng.uniform(0.02, 0.06), 2),
            "readers": rng.randint(25, 35),
        }

    def break_(self, world: World, drawn: Drawn) -> None:
        rows.fill(world.database, summaries=SUMMARIES)
        world.set_env(
            {
                "DATABASE_POOL_SIZE": str(drawn["pool_size"]),
                "DATABASE_MAX_OVERFLOW": "0",
                "DATABASE_POOL_TIMEOUT_S": str(drawn["timeout_s"]),
            }
        )
        world.restart_digest()
        world.spawn("crashcart_lab.neighbours.crowd", world.digest_url, "--readers", str(drawn["readers"]))
        world.await_line("QueuePool limit")

    def heal(self, world: World) -> None:
        world.end_helpers()
        world.set_env({})
        world.restart_digest()
