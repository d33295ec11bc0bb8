"""The health of a system: every **Healthy** item of its guides, judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from crashcart.model.net import BoundCheck, Source


class Mark(Enum):
    """What became of an item. Unseen is neither good nor bad."""

    FAIL = "fail"
    WARN = "warn"
    UNSEEN = "unseen"
    PASS = "pass"


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One **Healthy** item at one target, judged.

    `saw` says what was seen, or why nothing was; `took_s` is that of the slowest look.
    """

    target: str
    check: BoundCheck
    mark: Mark
    saw: str
    took_s: float
    source: Source


@dataclass(frozen=True, slots=True)
class Health:
    """All items, sorted by target, then as the guides have them."""

    system: str
    environment: str
    now: datetime  # aware, UTC
    took_s: float
    looks: int
    lines: tuple[HealthLine, ...]
    notes: tuple[str, ...] = ()

    def counts(self) -> Mapping[Mark, int]:
        """Return how many items have each mark."""
        return {mark: sum(line.mark is mark for line in self.lines) for mark in Mark}

    @property
    def mark(self) -> Mark:
        """The worst thing seen; unseen when not one item could be judged."""
        counts = self.counts()
        if counts[Mark.UNSEEN] == len(self.lines):
            return Mark.UNSEEN
        return next((mark for mark in (Mark.FAIL, Mark.WARN) if counts[mark]), Mark.PASS)
