"""Summaries in one SQLite file with a write-ahead log: one writer, and readers that never wait."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS summaries (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_created_at ON summaries (created_at);
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """One stored summary; created_at is ISO 8601 in UTC."""

    id: int
    url: str
    title: str
    summary: str
    status: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Storage:
    """The summaries of one database file. Each call has its own connection, so any thread may call."""

    path: Path
    busy_timeout_s: float

    def prepare(self) -> None:
        """Create file and tables where they are missing."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(SCHEMA)

    def save(self, *, url: str, title: str, summary: str) -> int:
        """Store a summary and return its id."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._connection() as db, db:
            cursor = db.execute(
                "INSERT INTO summaries (url, title, summary, status, created_at) VALUES (?, ?, ?, 'completed', ?)",
                (url, title, summary, now),
            )
            assert cursor.lastrowid is not None  # an INSERT that returned has made a row
            return cursor.lastrowid

    def page(self, *, limit: int, offset: int) -> list[Summary]:
        """Return the newest summaries first."""
        with self._connection() as db:
            rows = db.execute(
                "SELECT id, url, title, summary, status, created_at FROM summaries ORDER BY id DESC LIMIT ? OFFSET ?",
                (limit, offset),
            ).fetchall()
        return [Summary(*row) for row in rows]

    def get(self, summary_id: int) -> Summary | None:
        with self._connection() as db:
            row = db.execute(
                "SELECT id, url, title, summary, status, created_at FROM summaries WHERE id = ?", (summary_id,)
            ).fetchone()
        return Summary(*row) if row else None

    def count(self) -> int:
        with self._connection() as db:
            return int(db.execute("SELECT count(*) FROM summaries").fetchone()[0])

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self.path, timeout=self.busy_timeout_s)
        try:
            yield db
        finally:
            db.close()
