"""What every fault is."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Protocol

from crashcart_lab import client
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

# The outward symptom that most faults share.
JOBS_FAIL = client.JOB_FAILED


@dataclass(frozen=True, slots=True)
class Truth:
    """The one cause that a fault makes true, and the target where it is true."""

    cause: str
    target: str

    def __str__(self) -> str:
        return f"{self.cause}@{self.target}"


class Fault(Protocol):
    """A defect caused on purpose, from outside."""

    @property
    def name(self) -> str: ...

    @property
    def summary(self) -> str:
        """One line, for people."""

    @property
    def client_sees(self) -> str:
        """What the client says, in its own words."""

    @property
    def truth(self) -> Truth: ...

    def draw(self, rng: random.Random) -> Drawn:
        """Choose magnitude and variant."""

    def break_(self, world: World, drawn: Drawn) -> None:
        """Cause the defect; when this returns, it is there."""

    def heal(self, world: World) -> None:
        """Take the defect away, also when `break_` came only half way; when this returns, the service answers."""


def submit_when_drawn(world: World, drawn: Drawn) -> None:
    """Let a client submit a job first, if this was drawn, so that the fault comes in the middle of it."""
    if drawn["during_a_job"]:
        client.submit(world.digest_url, world.site_url)
