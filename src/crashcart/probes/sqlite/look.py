"""Six ways to look at a SQLite file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from time import monotonic
from types import MappingProxyType
from typing import TypeVar

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import FileLock, Place, Rows, Secrets
from crashcart.probes.address import attribute
from crashcart.probes.plain import plain
from crashcart.probes.pool import FILES
from crashcart.probes.sqlite import asked
from crashcart.probes.sqlite.locks import Log, has_log, held, log_of, size_of
from crashcart.redact import Scrubber

WATCH_S = 0.5  # a transaction of a healthy service takes some milliseconds
TIMEOUT_S = 1.0  # while we read a database without a write-ahead log, its writers wait for us
_CHECK_S = 2.0
STEP_S = 0.05
_SHOWN_CHARS = 300
_ASKED: Mapping[str, Callable[[asked.Ask, Look, datetime], asked.Fields]] = MappingProxyType(
    {"integrity": asked.integrity, "schema": asked.schema, "rows": asked.rows, "settings": asked.settings}
)

T = TypeVar("T")


class SqliteLook:
    """Reads a database as it is used."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place
        self._scrubber = scrubber

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        path = attribute(target, "path")
        if isinstance(path, Unseen):
            return path
        try:
            if look.look == "lock":
                return Seen(await self._lock(path, moment))
            if look.look == "journal":
                return Seen(await self._journal(path, moment))
            return await FILES.run(lambda: self._ask(path, look, moment))
        except FileNotFoundError:
            return Unseen(f"no such file: {path}")
        except PermissionError:
            return Unseen(f"not permitted to read {path}: run as its user or as root")
        except OSError as error:
            return Unseen(f"cannot read {path}: {error.strerror or error}")

    def _ask(self, path: str, look: Look, moment: Moment) -> Outcome:
        limit_s = _CHECK_S if look.look == "integrity" else TIMEOUT_S
        ends_at = monotonic() + limit_s

        def ask(sql: str, values: tuple[str, ...]) -> Rows:
            return self._place.query(path, sql, values, timeout_s=max(0.0, ends_at - monotonic()))

        try:
            fields = _ASKED[look.look](ask, look, moment.now)
        except asked.Stopped as stopped:
            if stopped.state == "slow":
                return Unseen(f"{path} did not answer within {limit_s:g} s: it is large, or the disk is slow")
            return Seen({"answer": stopped.state})
        return Seen({name: self._shown(value) if isinstance(value, str) else value for name, value in fields.items()})

    async def _lock(self, path: str, moment: Moment) -> dict[str, Scalar]:
        first = await FILES.run(lambda: held(self._place, path))
        if first.lock is None:
            return {"is_locked": False, "level": first.level}
        async for now in _again(lambda: held(self._place, path)):
            if not now.is_as(first):
                return {"is_locked": False, "level": "free"}
        return {"is_locked": True, "level": first.level, **await self._holder(first.lock, moment)}

    async def _journal(self, path: str, moment: Moment) -> dict[str, Scalar]:
        is_wal = await FILES.run(lambda: has_log(self._place, path))
        log = await FILES.run(lambda: log_of(self._place, path)) if is_wal else Log(0, 0, {})
        fields: dict[str, Scalar] = {
            "mode": "wal" if is_wal else "rollback",
            "wal": await FILES.run(lambda: size_of(self._place, f"{path}-wal")),
            "rollback": await FILES.run(lambda: size_of(self._place, f"{path}-journal")),
        }
        if log is None:  # whoever uses a log has an index of it: an old log without one says no more than its size
            return fields if fields["wal"] else {**fields, "pages": 0, "pending": 0, "is_pinned": False}
        pin = await self._pin(path, log)
        holder = await self._holder(pin, moment)
        return {**fields, "pages": log.pages, "pending": log.pending, "is_pinned": pin is not None, **holder}

    async def _pin(self, path: str, log: Log) -> FileLock | None:
        """Return the lock of a reader that held one old state all the while; of several, the one with the oldest."""
        pins = dict(log.pins)
        if pins:
            async for later in _again(lambda: log_of(self._place, path)):
                pins = {key: lock for key, lock in pins.items() if later is not None and later.pins.get(key) == lock}
                if not pins:
                    break
        return pins[min(pins)] if pins else None

    async def _holder(self, lock: FileLock | None, moment: Moment) -> dict[str, Scalar]:
        if lock is None or lock.pid is None:
            return {}
        pid = lock.pid
        found = await FILES.run(lambda: self._place.process(pid))
        if found is None:
            return {"pid": pid}
        age_s = max(0.0, (moment.now - found.started_at).total_seconds())
        return {"pid": pid, "command": self._shown(" ".join(found.command)), "age": age_s}

    def _shown(self, text: str) -> str:
        return " ".join(plain(self._scrubber.text(text)).split())[:_SHOWN_CHARS]


async def _again(see: Callable[[], T]) -> AsyncIterator[T]:
    """See again and again, until the watch is over."""
    ends_at = monotonic() + WATCH_S
    while monotonic() < ends_at:
        await asyncio.sleep(STEP_S)
        yield await FILES.run(see)
