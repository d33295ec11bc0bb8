"""What a look asks of the records of a log. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from crashcart.model.observation import Look, Moment
from crashcart.probes.log.patterns import Pattern
from crashcart.probes.log.records import LEVELS, UNKNOWN

DEFAULT_S = 900.0
# A diagnosis takes up to a minute after its *now*; what was logged meanwhile is news and no mistake.
_AFTER_NOW_S = 60.0


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record with its moment; `at_s` is None when that is not known. `line` counts from 1, 0 when not known."""

    text: str
    raw: str
    at_s: float | None
    level: int
    path: str
    line: int

    def holds(self, pattern: Pattern) -> bool:
        """Say whether the text stands in it, decoded or as it was written."""
        return pattern.is_in(self.text) or (bool(self.raw) and pattern.is_in(self.raw))

    def captured(self, pattern: Pattern) -> dict[str, str]:
        """Return what the holes of a pattern held."""
        match = pattern.find(self.text) or (pattern.find(self.raw) if self.raw else None)
        return dict(match.captures) if match is not None else {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a look asks of the records."""

    pattern: Pattern | None
    level: int
    start_s: float
    end_s: float
    follow: Pattern | None
    follow_s: float
    now_s: float

    def takes(self, record: LogRecord) -> bool:
        """Say whether a record is of the window, or may be, has the level and holds the text."""
        return (
            (record.at_s is None or self.start_s <= record.at_s <= self.end_s)
            and (self.level == UNKNOWN or record.level >= self.level)
            and (self.pattern is None or record.holds(self.pattern))
        )

    def following(self) -> Wanted:
        """Return what asks for the records that may follow those."""
        return replace(self, pattern=self.follow, level=UNKNOWN, follow=None)


def wanted(look: Look, moment: Moment) -> Wanted:
    """Read the arguments of a look."""
    now_s = moment.now.timestamp()
    onset_s = (moment.onset or moment.now).timestamp()
    if look.over_s is not None:
        start_s = now_s - look.over_s
    elif look.since_onset_s is not None:
        start_s = onset_s - look.since_onset_s
    else:
        start_s = onset_s - DEFAULT_S
    text, level, follow = look.arg("text"), look.arg("level"), look.arg("follow")
    return Wanted(
        pattern=Pattern.of(text) if text else None,
        level=LEVELS.index(level) if level in LEVELS else UNKNOWN,
        start_s=start_s,
        end_s=now_s + _AFTER_NOW_S,
        follow=Pattern.of(follow) if follow else None,
        follow_s=float(look.arg("follow_s") or 0.0),
        now_s=now_s,
    )
