"""Which records of a window a look asks for. Pure."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from crashcart.model.observation import Look, Moment
from crashcart.probes.log.patterns import Pattern
from crashcart.probes.log.records import LEVELS, UNKNOWN
from crashcart.probes.log.tail import LogRecord, Reading

DEFAULT_S = 900.0
# A diagnosis takes up to a minute after its *now*; what was logged meanwhile is news and no mistake.
_AFTER_NOW_S = 60.0


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
        """Say whether a record has the level and holds the text."""
        return (self.level == UNKNOWN or record.level >= self.level) and _holds(record, self.pattern)


@dataclass(frozen=True, slots=True)
class Window:
    """The records of a window in order of time, and those whose time is not known."""

    dated: Sequence[LogRecord]
    undated: Sequence[LogRecord]


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


def window(readings: Sequence[Reading], asked: Wanted) -> Window:
    """Join the records of all files."""
    every = [record for reading in readings for record in reading.records]
    dated = [record for record in every if record.at_s is not None and asked.start_s <= record.at_s <= asked.end_s]
    return Window(
        sorted(dated, key=lambda record: record.at_s or 0.0), [record for record in every if record.at_s is None]
    )


def unfollowed(dated: Sequence[LogRecord], matched: Sequence[LogRecord], asked: Wanted) -> list[LogRecord]:
    """Return the matched records without a follower in time; those too recent to know are left out.

    Holes of the same name mean the same value: "job <id> started" is followed by "job <id> done" of that job only.
    """
    if asked.follow is None:
        return []
    followers = [record for record in dated if _holds(record, asked.follow)]
    moments = [record.at_s or 0.0 for record in followers]
    left: list[LogRecord] = []
    for record in matched:
        at_s = record.at_s or 0.0
        bound = asked.follow.bound(_captured(record, asked.pattern))
        begin, end = bisect.bisect_left(moments, at_s), bisect.bisect_right(moments, at_s + asked.follow_s)
        is_followed = any(later is not record and _holds(later, bound) for later in followers[begin:end])
        if not is_followed and at_s + asked.follow_s <= asked.now_s:
            left.append(record)
    return left


def _holds(record: LogRecord, pattern: Pattern | None) -> bool:
    return pattern is None or pattern.is_in(record.text) or (bool(record.raw) and pattern.is_in(record.raw))


def _captured(record: LogRecord, pattern: Pattern | None) -> dict[str, str]:
    if pattern is None:
        return {}
    match = pattern.find(record.text) or (pattern.find(record.raw) if record.raw else None)
    return dict(match.captures) if match is not None else {}
