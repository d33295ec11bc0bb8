"""Ordinary rows: the summaries and tags that a service has after some years."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

TAGS_EACH = 10
FILLING_TIMEOUT_S = 30.0

_SUMMARIES = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :missing)
INSERT INTO summaries (url, title, summary, status, created_at, method)
SELECT 'https://docs.example.org/manual/' || i || '/', 'Manual, part ' || i,
       'Part ' || i || ' says how a box is opened, what goes into it, and who may close it again.',
       'completed', strftime('%Y-%m-%dT%H:%M:%S.000+00:00', 'now', '-' || (i / 400) || ' days'), 'model' FROM n
"""
_TAGS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :each)
INSERT OR IGNORE INTO summary_tags (tag, summary_id)
SELECT 'topic-' || ((s.id * 7 + n.i * 13) % 500), s.id FROM n, summaries s WHERE s.title LIKE 'Manual, part %'
"""


def fill(database: Path, *, summaries: int) -> None:
    """Bring the database to at least this many summaries, each of the new ones with ten tags."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=FILLING_TIMEOUT_S)) as db:
        there = int(db.execute("SELECT count(*) FROM summaries").fetchone()[0])
        if there >= summaries:
            return
        db.execute("BEGIN IMMEDIATE")
        db.execute(_SUMMARIES, {"missing": summaries - there})
        db.execute(_TAGS, {"each": TAGS_EACH})
        db.execute("COMMIT")


def run(database: Path, statement: str) -> None:
    """Execute one statement as an operator does at the database's own shell."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=FILLING_TIMEOUT_S)) as db:
        db.execute(statement)
