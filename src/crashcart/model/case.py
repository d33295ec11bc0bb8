"""A case: everything a diagnosis rested on, so that it can be replayed to the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crashcart.model.diagnosis import Given
from crashcart.model.guide import Trust
from crashcart.model.observation import Observation
from crashcart.model.system import System

CASE_FORMAT = 1


@dataclass(frozen=True, slots=True)
class GuideText:
    """One guide as it stood."""

    path: str
    trust: Trust
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """Evidence in order of arrival, the time, the complaint, the answers of people, the guides.

    `is_sweep` cases hold every look that any guide could ask. `stopped_after` is the number of rounds after which a
    budget or a person stopped the diagnosis, None when it stopped by itself; `stop` says which.
    `truth` names the causes that were really there ("nothing" when all was well), for cases that are proofs.
    """

    engine: str
    now: datetime
    onset: datetime | None
    complaint: str
    system: System
    guides: tuple[GuideText, ...]
    observations: tuple[Observation, ...]
    answers: Mapping[str, str] = field(default_factory=dict)
    is_sweep: bool = False
    stopped_after: int | None = None
    stop: str = ""
    truth: tuple[str, ...] = ()
    note: str = ""
    alerts: tuple[Given, ...] = ()  # trouble that others' alerts told, taken for granted
