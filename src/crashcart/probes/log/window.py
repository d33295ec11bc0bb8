"""Which records of a window a look asks for, from all files together. Pure."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from crashcart.probes.log.asked import LogRecord, Wanted
from crashcart.probes.log.reading import Reading


@dataclass(frozen=True, slots=True)
class Window:
    """What was asked for in order of time, that of which the time is not known, and how many records there are."""

    matched: Sequence[LogRecord]
    undated: Sequence[LogRecord]
    records: int


def window(readings: Sequence[Reading], asked: Wanted) -> Window:
    """Join the records of all files."""
    matched, undated = _chosen(readings, asked)
    return Window(matched, undated, sum(reading.dated(asked.start_s, asked.end_s) for reading in readings))


def unfollowed(readings: Sequence[Reading], matched: Sequence[LogRecord], asked: Wanted) -> list[LogRecord]:
    """Return the matched records without a follower in time; those too recent to know are left out.

    Holes of the same name mean the same value: "job <id> started" is followed by "job <id> done" of that job only.
    """
    if asked.follow is None:
        return []
    followers, _ = _chosen(readings, asked.following())
    moments = [record.at_s or 0.0 for record in followers]
    left: list[LogRecord] = []
    for record in matched:
        at_s = record.at_s or 0.0
        bound = asked.follow.bound(record.captured(asked.pattern) if asked.pattern is not None else {})
        begin, end = bisect.bisect_left(moments, at_s), bisect.bisect_right(moments, at_s + asked.follow_s)
        is_followed = any(not _is_same(later, record) and later.holds(bound) for later in followers[begin:end])
        if not is_followed and at_s + asked.follow_s <= asked.now_s:
            left.append(record)
    return left


def _chosen(readings: Sequence[Reading], asked: Wanted) -> tuple[list[LogRecord], list[LogRecord]]:
    """Return the records with a moment, in order, and those without."""
    every = [record for reading in readings for record in reading.chosen(asked)]
    dated = sorted((record for record in every if record.at_s is not None), key=lambda record: record.at_s or 0.0)
    return dated, [record for record in every if record.at_s is None]


def _is_same(one: LogRecord, other: LogRecord) -> bool:
    # The records of a long log are made anew each time that they are asked for.
    return (one.path, one.line, one.at_s, one.text) == (other.path, other.line, other.at_s, other.text)
