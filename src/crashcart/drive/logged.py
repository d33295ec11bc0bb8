"""A diagnosis from logs alone: the moment it speaks of, the system it supposes, and looks at nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from crashcart.drive.given import GivenFile, GivenPlace
from crashcart.drive.take import WorldTaker
from crashcart.model.diagnosis import Given
from crashcart.model.logs import KnownSeen, KnownText, LogReport
from crashcart.model.observation import Look, Moment, Outcome, Unseen
from crashcart.model.spec import KindSpec
from crashcart.model.system import System, Target
from crashcart.ports import Clock, Looker, Secrets
from crashcart.probes.log.given import GivenLogLook
from crashcart.redact import Scrubber

ONLY_LOGS = "only the given logs were looked at"
NO_ERRORS = "no errors in the log"
WINDOW_S = 900.0  # how far a log look goes back when nothing is said
_AFTER_ERROR_S = 60.0
_DEADLINE_S = 600.0  # one look waits until the log is read, for all of them; the budget ends it sooner
_OWNER, _OWNER_KIND = "service", "http"
_ANYTHING = "tcp"
# What a service may need, by kind: called so in a system of which nothing but a log is known.
_NAMES = {"provider": "provider", "sqlite": "database", "postgres": "postgres", "redis": "redis", _ANYTHING: "receiver"}
# How client libraries call themselves in messages and tracebacks.
_MARKS = {
    "provider": (
        "openai.", "anthropic.", "assemblyai", "deepgram", "google.genai", "google.api_core", "voyageai", "mistralai",
    ),
    "sqlite": ("sqlite3.", "aiosqlite"),
    "postgres": ("psycopg", "asyncpg", "pg8000"),
    "redis": ("redis.exceptions", "kombu.exceptions"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LogTime:
    """When logs end, and the *now* of their diagnosis: the last errors may be much older than the end."""

    end: datetime
    now: datetime
    zone: tzinfo  # of the stamps that name none
    is_zoned: bool  # whether it is known, by the stamps or by the system file
    has_stamps: bool = True

    def meant(self, stamp: datetime) -> datetime:
        """Return the moment of a stamp of the report, which has the clock on the wall as if it were UTC."""
        return stamp.replace(tzinfo=self.zone).astimezone(UTC)


def time_of(report: LogReport, *, written: datetime, timezone: str = "") -> LogTime:
    """Return the time of logs; those without stamps end when they were last written.

    `timezone` is that of stamps that name none; without it they are taken as UTC.
    """
    span = report.span
    if span is None:
        return LogTime(written, written, UTC, is_zoned=True, has_stamps=False)
    zone = UTC if span.is_zoned else _zone(timezone)
    ends = LogTime(span.last, span.last, zone, is_zoned=span.is_zoned or bool(timezone))
    end = ends.meant(span.last)
    error = max((ends.meant(error.last) for error in report.problems if error.last is not None), default=end)
    is_over = (end - error).total_seconds() > WINDOW_S
    return replace(ends, end=end, now=error + timedelta(seconds=_AFTER_ERROR_S) if is_over else end)


def _zone(name: str) -> tzinfo:
    """Return a zone by name; of one that does not exist, the looks say so themselves."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ValueError, OSError, KeyError):  # ZoneInfo raises any of them, by what is wrong with the name
        return UTC


def seen_lately(report: LogReport, when: LogTime, *, begin: datetime) -> tuple[KnownSeen, ...]:
    """Return the known texts that still came after `begin`; one old error says nothing of today."""
    return tuple(each for each in report.known if each.last is None or when.meant(each.last) >= begin)


def with_marks(known: Sequence[KnownText]) -> tuple[KnownText, ...]:
    """Return the texts to look for, with the names of libraries that tell what the service talks to."""
    marks = (KnownText(mark, "", kind, "", "") for kind, names in _MARKS.items() for mark in names)
    return (*known, *marks)


def kinds_told(seen: Sequence[KnownSeen], kind_of: Mapping[str, str]) -> frozenset[str]:
    """Return the kinds of target that a log speaks of; `kind_of` tells whom a guide is for.

    A library's name tells its kind, and so does the text of a guide, unless that text is also part of one for a kind
    that is surer: "Connection refused" alone does not bring a Redis into a log of PostgreSQL.
    """
    sure = {each.known.problem for each in seen if not each.known.guide}
    texts: dict[str, set[str]] = {}
    for each in seen:
        if each.known.guide:
            texts.setdefault(kind_of.get(each.known.guide, ""), set()).add(each.known.text)
    told = set().union(*(texts.get(kind, set()) for kind in (*sure, _OWNER_KIND)))
    found = sure | {kind for kind, own in texts.items() if any(not _is_within(text, told) for text in own)}
    # Anything can be what listens; it is supposed only where something of its own speaks for nothing better.
    shared = texts.get(_ANYTHING, set())
    better = sure | {kind for kind, own in texts.items() if any(not _is_within(text, shared) for text in own)}
    return frozenset(found - {_ANYTHING} if found & better & (_NAMES.keys() - {_ANYTHING}) else found)


def _is_within(text: str, others: Iterable[str]) -> bool:
    return any(text in other or other in text for other in others)


def supposed(logs: Sequence[str], kinds: Collection[str]) -> System:
    """Return the system that logs alone let us suppose: a service of ours, and what it needs."""
    needed = {name: Target(name, kind) for kind, name in _NAMES.items() if kind in kinds}
    owner = Target(_OWNER, _OWNER_KIND, logs=tuple(logs), depends=tuple(sorted(needed)))
    return System("the given log" if len(logs) == 1 else "the given logs", "", {_OWNER: owner, **needed})


def errors_given(report: LogReport, system: System, when: LogTime) -> tuple[Given, ...]:
    """Return that the logs of a target hold errors: whoever hands over such a log has not come for nothing."""
    end = when.now.timestamp()
    files = {
        error.example.file
        for error in report.problems
        if error.example is not None and (error.last is None or end - when.meant(error.last).timestamp() <= WINDOW_S)
    }
    owners = (target for _, target in sorted(system.targets.items()) if files & set(target.logs))
    return tuple(Given(NO_ERRORS, target.name, None) for target in owners)


def with_logs(system: System, logs: Mapping[str, Sequence[str]]) -> System:
    """Return the system with these logs, by target, in place of its own."""
    targets = {name: replace(target, logs=tuple(logs.get(name, ()))) for name, target in system.targets.items()}
    return replace(system, targets=targets)


def in_utc(system: System) -> System:
    """Return the system in which stamps that name no zone are UTC, where nobody said one."""
    targets = {
        name: replace(target, timezone=target.timezone or "UTC") if target.logs else target
        for name, target in system.targets.items()
    }
    return replace(system, targets=targets)


class _Blind:
    """Takes every look that is not of logs."""

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Say that it was not looked at."""
        return Unseen(ONLY_LOGS)


class _Owned:
    """Takes looks of logs where logs were given."""

    def __init__(self, looker: Looker) -> None:
        self._looker = looker

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        return await self._looker.take(look, target, moment) if target.logs else Unseen(ONLY_LOGS)


def log_taker(
    system: System,
    files: Sequence[GivenFile],
    moment: Moment,
    clock: Clock,
    *,
    scrubber: Scrubber,
    secrets: Secrets,
    kinds: Mapping[str, KindSpec],
) -> WorldTaker:
    """Return what takes the looks of logs from these files, and none of the others."""
    logs = _Owned(GivenLogLook(GivenPlace(files), scrubber, secrets, end_s=moment.now.timestamp()))
    blind = _Blind()
    return WorldTaker(
        system, lambda kind: logs if kind == "log" else blind, clock, moment, deadline_s=_DEADLINE_S, kinds=kinds
    )
