"""The inbox of `crashcart hook`: alerts from the moment they are accepted until their report has arrived.

One SQLite file. What `accept` has returned from is on the disk. A second process on the same file is refused: it would
diagnose the same alerts again.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from crashcart.errors import UsageError

SCHEMA = 1
KEPT_DAYS = 30
_STORM_GROUPS = 8  # with more groups waiting, one diagnosis takes them all: they are one outage
_BATCH = 500
_BATCH_BYTES = 8_000_000
_WAITING_BYTES = 256_000_000
_SEEN_DAYS = 8  # the longest window has seven
_FIRST_RETRY_S = 5.0
_LAST_RETRY_S = 600.0
_HINT = "freeing space on this disk, or another file: `--inbox FILE`"
_TABLES = """
CREATE TABLE meta (schema INTEGER NOT NULL);
CREATE TABLE seen (
    system TEXT NOT NULL, fingerprint TEXT NOT NULL, accepted_at REAL NOT NULL, last_at REAL NOT NULL,
    times INTEGER NOT NULL, resolved_at REAL, PRIMARY KEY (system, fingerprint)
) WITHOUT ROWID;
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY, system TEXT NOT NULL, key TEXT NOT NULL, alerts INTEGER NOT NULL, received_at REAL NOT NULL,
    size INTEGER NOT NULL, body BLOB NOT NULL, report INTEGER REFERENCES report (id)
);
CREATE INDEX waiting ON delivery (system, id, alerts, size) WHERE report IS NULL;
CREATE TABLE report (
    id INTEGER PRIMARY KEY, system TEXT NOT NULL, written_at REAL NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL,
    delivered_at REAL, due_at REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',
    arrived_at_urls TEXT NOT NULL DEFAULT ''
);
CREATE INDEX undelivered ON report (due_at) WHERE delivered_at IS NULL;
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert of a delivery, as far as telling repeats needs it."""

    fingerprint: str
    is_firing: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """One payload for one system; `body` is already free of secrets."""

    system: str
    key: str
    entries: tuple[Entry, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of the alerts of a delivery. Only with new ones does it wait to be diagnosed."""

    new: int
    repeats: int
    resolved: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What one diagnosis is about. `resolved` are the fingerprints that were resolved while they waited."""

    system: str
    ids: tuple[int, ...]
    bodies: tuple[bytes, ...]
    first_at: datetime
    resolved: frozenset[str]


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report that has not arrived everywhere. `arrived` are the fingerprints of the URLs where it has."""

    id: int
    system: str
    title: str
    body: str
    tries: int
    arrived: frozenset[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """How much there is to do."""

    waiting: int
    undelivered: int


class InboxFull(Exception):
    """More alerts wait than may: this one was not accepted, and its sender shall try again."""


class Inbox:
    """The open inbox. One thread uses it at a time."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: int) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock

    @classmethod
    def open(cls, path: Path) -> Inbox:
        """Open the inbox, made when it is not there.

        Raises:
            UsageError: it cannot be written, another process has it, or a newer version wrote it.
        """
        lock = _locked(path)
        try:
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            os.chmod(path, 0o600)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            inbox = cls(path, connection, lock)
            inbox._prepare()
        except (sqlite3.Error, OSError, UsageError) as error:
            os.close(lock)
            if isinstance(error, UsageError):
                raise
            raise UsageError(f"the inbox cannot be opened: {error}", where=str(path), hint=_HINT) from error
        return inbox

    def close(self) -> None:
        """Close it and let others have it."""
        self._connection.close()
        os.close(self._lock)

    def accept(self, delivery: Delivery, now: datetime, *, window_s: float, max_waiting: int) -> Accepted:
        """Keep a delivery. An alert that was accepted within the window and not resolved since is a repeat.

        Raises:
            InboxFull: something in it is new, and no more may wait.
            sqlite3.Error: it could not be written.
        """
        at = now.timestamp()
        with self._transaction():
            firing = [entry.fingerprint for entry in delivery.entries if entry.is_firing]
            resolved = [entry.fingerprint for entry in delivery.entries if not entry.is_firing]
            new = [one for one in firing if not self._is_repeat(delivery.system, one, at - window_s)]
            if new and not self._has_room(len(new), len(delivery.body), max_waiting):
                raise InboxFull
            self._note(delivery.system, new, firing, resolved, at)
            if new:
                self._connection.execute(
                    "INSERT INTO delivery (system, key, alerts, received_at, size, body) VALUES (?, ?, ?, ?, ?, ?)",
                    (delivery.system, delivery.key, len(new), at, len(delivery.body), delivery.body),
                )
        return Accepted(len(new), len(firing) - len(new), len(resolved))

    def take(self, system: str) -> Batch | None:
        """Return what is to be diagnosed next: the oldest group with all that came for it, in a storm all groups."""
        rows = self._connection.execute(
            "SELECT id, key, received_at, size FROM delivery WHERE system = ? AND report IS NULL ORDER BY id LIMIT ?",
            (system, _BATCH),
        ).fetchall()
        if not rows:
            return None
        if len({row[1] for row in rows}) <= _STORM_GROUPS:
            rows = [row for row in rows if row[1] == rows[0][1]]
        sizes = accumulate(row[3] for row in rows)
        ids = tuple(row[0] for row, size in zip(rows, sizes, strict=True) if size <= _BATCH_BYTES) or (rows[0][0],)
        read = "SELECT body FROM delivery WHERE id = ?"
        gone = self._connection.execute(
            "SELECT fingerprint FROM seen WHERE system = ? AND resolved_at IS NOT NULL", (system,)
        )
        return Batch(
            system, ids, tuple(self._connection.execute(read, (one,)).fetchone()[0] for one in ids),
            datetime.fromtimestamp(rows[0][2], UTC), frozenset(row[0] for row in gone),
        )  # fmt: skip

    def finish(self, batch: Batch, *, title: str, body: str, now: datetime, has_arrived: bool = False) -> None:
        """Keep the report of a batch, which waits no longer and whose texts go."""
        at = now.timestamp()
        with self._transaction():
            report = self._connection.execute(
                "INSERT INTO report (system, written_at, title, body, due_at, delivered_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
                (batch.system, at, title, body, at, at if has_arrived else None),
            ).fetchone()[0]
            self._connection.executemany(
                "UPDATE delivery SET report = ?, body = x'' WHERE id = ?", [(report, one) for one in batch.ids]
            )

    def due(self, now: datetime) -> StoredReport | None:
        """Return the oldest report that is to be posted now."""
        row = self._connection.execute(
            "SELECT id, system, title, body, tries, arrived_at_urls FROM report WHERE delivered_at IS NULL AND due_at <= ? ORDER BY id LIMIT 1",
            (now.timestamp(),),
        ).fetchone()
        if row is None:
            return None
        number, system, title, body, tries, arrived = row
        return StoredReport(number, system, title, body, tries, frozenset(arrived.split()))

    def next_due(self) -> float | None:
        """Return when the next report is due, in seconds of the clock; None when all have arrived."""
        found: float | None = self._connection.execute(
            "SELECT min(due_at) FROM report WHERE delivered_at IS NULL"
        ).fetchone()[0]
        return found

    def delivered(self, report: int, now: datetime) -> None:
        """Note that a report has arrived."""
        with self._transaction():
            self._connection.execute(
                "UPDATE report SET delivered_at = ?, error = '' WHERE id = ?", (now.timestamp(), report)
            )

    def failed(self, report: StoredReport, error: str, now: datetime, *, arrived: frozenset[str]) -> None:
        """Note that a report has not arrived everywhere. It is tried again, ever more rarely, for `KEPT_DAYS` days."""
        wait_s = min(_FIRST_RETRY_S * 2 ** min(report.tries, 16), _LAST_RETRY_S)
        with self._transaction():
            self._connection.execute(
                "UPDATE report SET tries = tries + 1, error = ?, due_at = ?, arrived_at_urls = ? WHERE id = ?",
                (error, now.timestamp() + wait_s, " ".join(sorted(report.arrived | arrived)), report.id),
            )

    def standing(self) -> Standing:
        """Return how many alerts wait for a diagnosis, and how many reports have not arrived."""
        waiting = self._connection.execute("SELECT total(alerts) FROM delivery WHERE report IS NULL").fetchone()[0]
        undelivered = self._connection.execute("SELECT count(*) FROM report WHERE delivered_at IS NULL").fetchone()[0]
        return Standing(int(waiting), int(undelivered))

    def forget(self, now: datetime) -> None:
        """Remove what is older than `KEPT_DAYS`, and which alerts were seen when no window reaches them. What still waits for its diagnosis stays."""
        before = (now - timedelta(days=KEPT_DAYS)).timestamp()
        with self._transaction():
            self._connection.execute("DELETE FROM delivery WHERE report IS NOT NULL AND received_at < ?", (before,))
            self._connection.execute(
                "DELETE FROM report WHERE written_at < ? AND id NOT IN (SELECT report FROM delivery WHERE report IS NOT NULL)",
                (before,),
            )
            seen_before = (now - timedelta(days=_SEEN_DAYS)).timestamp()
            self._connection.execute("DELETE FROM seen WHERE last_at < ?", (seen_before,))

    def _has_room(self, alerts: int, size: int, max_waiting: int) -> bool:
        waiting, waiting_size = self._connection.execute(
            "SELECT total(alerts), total(size) FROM delivery WHERE report IS NULL"
        ).fetchone()
        return bool(waiting + alerts <= max_waiting and waiting_size + size <= _WAITING_BYTES)

    def _is_repeat(self, system: str, fingerprint: str, since: float) -> bool:
        row = self._connection.execute(
            "SELECT 1 FROM seen WHERE system = ? AND fingerprint = ? AND resolved_at IS NULL AND accepted_at > ?",
            (system, fingerprint, since),
        ).fetchone()
        return row is not None

    def _note(self, system: str, new: Sequence[str], firing: Sequence[str], resolved: Sequence[str], at: float) -> None:
        self._connection.executemany(
            "INSERT INTO seen VALUES (?, ?, ?, ?, 0, NULL) ON CONFLICT DO UPDATE SET accepted_at = ?3, resolved_at = NULL",
            [(system, one, at, at) for one in new],
        )
        self._connection.executemany(
            "UPDATE seen SET times = times + 1, last_at = ? WHERE system = ? AND fingerprint = ?",
            [(at, system, one) for one in firing],
        )
        self._connection.executemany(
            "UPDATE seen SET resolved_at = ?, last_at = ? WHERE system = ? AND fingerprint = ?",
            [(at, at, system, one) for one in resolved],
        )

    def _prepare(self) -> None:
        has = self._connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'meta'").fetchone()[0]
        if not has:
            self._connection.executescript(f"BEGIN;{_TABLES}INSERT INTO meta VALUES ({SCHEMA});COMMIT;")
        schema = self._connection.execute("SELECT schema FROM meta").fetchone()[0]
        if schema != SCHEMA:
            raise UsageError(
                f"the inbox has schema {schema}; this version reads {SCHEMA}",
                where=str(self.path),
                hint="`--inbox FILE`",
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise


def _locked(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UsageError(f"the inbox cannot be written: {error}", where=str(path), hint=_HINT) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise UsageError(
            "another `crashcart hook` has this inbox", where=str(path), hint="an inbox of its own: `--inbox FILE`"
        ) from error
    return lock
