"""What can be looked at, and what was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

LookId = NewType("LookId", str)  # canonical text of a look: equal looks have equal ids

Scalar = str | int | float | bool


CLIENT = "client"  # no kind of look: it acts as a user, and only a run with its yes may


@dataclass(frozen=True, slots=True)
class Look:
    """A bound look: one target, literal arguments, no expectation.

    `args` are (name in the kind's table, text) in the order of that table. `over_s` looks back from now,
    `since_onset_s` from that many seconds before the onset; both None means the kind's own default.
    `vantage` is the target to stand at, "" for where we are.
    """

    kind: str
    target: str
    look: str = ""
    args: tuple[tuple[str, str], ...] = ()
    over_s: float | None = None
    since_onset_s: float | None = None
    vantage: str = ""

    @property
    def id(self) -> LookId:
        """The canonical text, also shown to people."""
        words = [self.kind, "{" + self.target + "}"]
        if self.look:
            words.append(self.look)
        words += [f"{name}={value!r}" for name, value in self.args]
        if self.vantage:
            words.append("from {" + self.vantage + "}")
        if self.over_s is not None:
            words.append(f"over {self.over_s:g} s")
        if self.since_onset_s is not None:
            words.append(f"since onset - {self.since_onset_s:g} s")
        return LookId(" ".join(words))

    def arg(self, name: str) -> str | None:
        """Return the argument of that name, or None."""
        return next((value for key, value in self.args if key == name), None)


@dataclass(frozen=True, slots=True)
class Record:
    """One thing among several that a look saw (a log record), redacted.

    `where` is file and line as a person would type it; `at` is ISO 8601 in UTC, "" when not known.
    """

    text: str
    where: str
    at: str = ""
    captures: tuple[tuple[str, str], ...] = ()


Sample = tuple[float, float]  # seconds since the first sample, value


@dataclass(frozen=True, slots=True)
class Seen:
    """What the target did, by field. A field that is not there was not seen; numbers are in base units
    (seconds, bytes, percent), instants ISO 8601 in UTC. At most `records` worth showing, the newest last.

    `watched` holds the samples of each number when the look stayed and watched; `fields` is then the last one."""

    fields: Mapping[str, Scalar]
    records: tuple[Record, ...] = ()
    watched: Mapping[str, tuple[Sample, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unseen:
    """Why *we* could not see; never a stand-in for False or 0. The reason says what would help."""

    reason: str


Outcome = Seen | Unseen


@dataclass(frozen=True, slots=True)
class Observation:
    """What one look saw at one moment. A fact, never a verdict."""

    look: LookId
    outcome: Outcome
    seen_at: datetime  # aware, UTC
    took_s: float


@dataclass(frozen=True, slots=True)
class Moment:
    """The time that looks refer to: *now*, and the onset when it is known. Both aware, UTC."""

    now: datetime
    onset: datetime | None = None
