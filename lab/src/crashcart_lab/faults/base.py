"""What every fault is."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Protocol

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.state import Drawn
from crashcart_lab.waiting import until
from crashcart_lab.world import World

WORKERS_TIMEOUT_S = 60.0
# The outward symptom that most faults share.
JOBS_FAIL = client.JOB_FAILED
# And of those to whom the wait matters.
NOT_DONE = f"my scrape job is not done after {client.SHORT_PATIENCE_S:g} s"


@dataclass(frozen=True, slots=True)
class Truth:
    """The one cause that a fault makes true, and the target where it is true."""

    cause: str
    target: str

    def __str__(self) -> str:
        return f"{self.cause}@{self.target}"


class Fault(Protocol):
    """A defect caused on purpose, from outside. Faults inherit from it, for what few of them need."""

    @property
    def tries(self) -> Act:
        """What a user does to meet it."""
        return client.scrape_site

    @property
    def needs_workers(self) -> bool:
        """Whether it can only come about where jobs run in workers."""
        return False

    @property
    def needs_front(self) -> bool:
        """Whether it can only come about where users come through the front proxy."""
        return False

    @property
    def needs_root(self) -> bool:
        return False

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


def await_a_job(world: World) -> None:
    """Return when a job has been done: workers load their libraries with the first one, and that takes a while."""
    until(
        lambda: client.scrape(world.digest_url, world.site_url).succeeded,
        timeout_s=WORKERS_TIMEOUT_S,
        what="the workers to do a job",
        hint=f"read {world.root / 'worker' / 'worker.log'}",
    )
