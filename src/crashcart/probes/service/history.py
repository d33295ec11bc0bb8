"""Starts and ends of a program, from supervisord's own log.

It answers with the exit status of what stays down only; of what was started again, or given up, its log alone knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crashcart.ports import Program

WINDOW_S = 300.0
_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d{3} \w+ (exited|stopped|spawned): (.*)")
_SPAWNED = re.compile(r"'(.*)' with pid \d+")
_ENDED = re.compile(r"(.*?) \((?:exit status (\d+)|terminated by (\w+)[^;]*|[^;]*)(; expected)?(?:; not expected)?\)")
_ZONE_STEP_S = 900  # all zones differ from each other by whole quarters of an hour
_SLACK_S = 3  # supervisord tells whole seconds, and writes its log a moment later


@dataclass(frozen=True, slots=True)
class End:
    """How a program ended once; `signal` is empty after an exit, `status` is None after a signal."""

    word: str  # asked, done, failed, killed
    status: int | None
    signal: str


@dataclass(frozen=True, slots=True)
class History:
    """What is known of the recent past; None where the log does not say."""

    last: End | None
    starts: int | None  # within the window
    ends: int | None  # by itself, within the window


@dataclass(frozen=True, slots=True)
class _Entry:
    at: datetime  # in the zone of the log, as if that were UTC
    end: End | None  # None: it was started


def history_of(program: Program, log: str, now: datetime) -> History:
    """Return what the log says of the program, as far as it fits to what supervisord itself says."""
    entries = list(_entries(program.name, log))
    started = [entry.at for entry in entries if entry.end is None]
    ended = [(entry.at, entry.end) for entry in entries if entry.end is not None]
    ended_at = [at for at, _ in ended]
    by_itself = [at for at, end in ended if end.word != "asked"]
    is_told = _shift(ended_at, program.ended_at) is not None
    return History(
        ended[-1][1] if is_told else None,
        _count(started, _shift(started, program.started_at), program.started_at, now),
        _count(by_itself, _shift(ended_at, program.ended_at), program.ended_at, now),
    )


def _count(stamps: Sequence[datetime], shift: timedelta | None, last_at: datetime | None, now: datetime) -> int | None:
    if last_at is None or (now - last_at).total_seconds() > WINDOW_S:
        return 0
    return None if shift is None else sum((now + shift - stamp).total_seconds() <= WINDOW_S for stamp in stamps)


def _shift(stamps: Sequence[datetime], last_at: datetime | None) -> timedelta | None:
    """Return what the zone of the log adds; None when its last line is not about that moment."""
    if last_at is None or not stamps:
        return None
    away_s = (stamps[-1] - last_at).total_seconds()
    zone_s = round(away_s / _ZONE_STEP_S) * _ZONE_STEP_S
    return timedelta(seconds=zone_s) if abs(away_s - zone_s) <= _SLACK_S else None


def _entries(name: str, log: str) -> Iterator[_Entry]:
    for line in log.splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        stamp, verb, rest = found.groups()
        at = datetime.fromisoformat(stamp).replace(tzinfo=UTC)
        about = (_SPAWNED if verb == "spawned" else _ENDED).fullmatch(rest)
        if about is not None and about[1] == name:
            yield _Entry(at, None if verb == "spawned" else _end(verb, about))


def _end(verb: str, about: re.Match[str]) -> End:
    status, signal = about[2], about[3] or ""
    by_itself = "killed" if signal else "done" if about[4] else "failed"
    return End("asked" if verb == "stopped" else by_itself, int(status) if status else None, signal)
