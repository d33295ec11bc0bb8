"""What a run needs from outside: looks, hands, clock, person. The wiring fills it in; tests put fakes there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crashcart.drive.take import Taker
from crashcart.model.observation import LookId, Moment, Observation
from crashcart.model.plan import Plan
from crashcart.model.run import Facts
from crashcart.model.spec import Catalogue
from crashcart.model.system import System
from crashcart.ports import Clock, Hand

Sleep = Callable[[float], Awaitable[None]]


class Person(Protocol):
    """Who is asked and told. Without a person every question is answered with no."""

    def is_done(self, text: str) -> bool:
        """Have them do something by hand, and say whether it is done."""
        ...

    def answer(self, question: str) -> str:
        """Return yes, no or do not know."""
        ...

    def secret(self, step: int, setting: str, fingerprint: str) -> str | None:
        """Return the secret value of a step (from 1); None when nobody has it."""
        ...

    def tell(self, text: str) -> None:
        """Say what goes on."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """Everything around a run.

    `system_now` and `taker` follow the system file as it is at that moment: a touch may have changed what stands
    behind it. `believe` weighs fresh observations in place of the older ones and returns P(cause).
    """

    system_now: Callable[[], System]
    taker: Callable[[Moment], Taker]
    hand_of: Callable[[str], Hand]
    catalogue: Catalogue
    clock: Clock
    sleep: Sleep
    person: Person
    facts: Callable[[Plan, datetime], Facts]
    believe: Callable[[Plan, Mapping[LookId, Observation]], float]
    keep: Callable[[str, Sequence[Observation]], str]  # run, observations -> where they are kept; raises OSError
    client: Callable[[Sequence[str], float], Awaitable[str]]  # argv, seconds -> why acting as a user failed, or ""
    onset: datetime | None = None
