"""What a job does when the database is not to be had: it waits for what passes, and says at once what does not."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from crashcart_lab.digest.jobs import pipeline
from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage.database import Database

INSERT = "INSERT INTO notes VALUES (zeroblob(9000))"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """A file with a table of notes; nobody waits for long."""
    settings = Settings(
        _env_file=None,
        database_path=tmp_path / "data" / "notes.db",
        sqlite_busy_timeout_s=0.0,
        database_pool_size=1,
        database_max_overflow=0,
        database_pool_timeout_s=0.01,
    )
    settings.database_path.parent.mkdir()
    made = Database(settings)
    with made.writing() as db:
        db.exec_driver_sql("CREATE TABLE notes (text)")
    return made


def insist(step: Callable[[int], str]) -> tuple[str, int]:
    """Take the step until it succeeds, and return what it gave and how often it was tried; it is told the attempt."""
    tried = 0

    def counted() -> str:
        nonlocal tried
        tried += 1
        return step(tried)

    return asyncio.run(pipeline._insist(counted)), tried


def write(database: Database, statement: str = INSERT) -> str:
    with database.writing() as db:
        db.exec_driver_sql(statement)
    return "written"


def test_a_lock_is_waited_for(database: Database):
    other = sqlite3.connect(database.path, isolation_level=None, check_same_thread=False)

    def step(attempt: int) -> str:
        if attempt == 1:
            other.execute("BEGIN IMMEDIATE")
        if attempt == 3:
            other.execute("ROLLBACK")
        return write(database)

    with closing(other):
        assert insist(step) == ("written", 3)


def test_a_full_disk_is_waited_for(database: Database):
    """As SQLite says it when it may not grow any further."""

    def step(attempt: int) -> str:
        with database.reading() as db:
            db.exec_driver_sql(f"PRAGMA max_page_count = {2 if attempt == 1 else 1000}")
        return write(database)

    assert insist(step) == ("written", 2)


def test_a_file_that_cannot_be_opened_is_waited_for(database: Database, tmp_path: Path):
    """So it is when a process has no descriptor left."""
    database.close()
    folder, away = database.path.parent, tmp_path / "away"

    def step(attempt: int) -> str:
        if attempt == 1:
            folder.rename(away)
        if attempt == 2:
            away.rename(folder)
        return write(database)

    assert insist(step) == ("written", 2)


def test_a_free_connection_is_waited_for(database: Database):
    taken = database.engine.connect()

    def step(attempt: int) -> str:
        if attempt == 2:
            taken.close()
        return write(database)

    assert insist(step) == ("written", 2)


@pytest.mark.parametrize(
    ("is_damaged", "statement", "said"),
    [
        (True, INSERT, "file is not a database"),
        (False, "INSERT INTO notes (title) VALUES (1)", "no column named title"),
        (False, "INSERT INTO summaries VALUES (1)", "no such table"),
    ],
)
def test_what_does_not_pass_by_itself_is_said_at_once(database: Database, is_damaged: bool, statement: str, said: str):
    """A person who waits for a job should not wait for ten minutes to be told."""
    database.close()
    if is_damaged:
        database.path.write_bytes(b"this is no database at all " * 1000)
    tried: list[int] = []

    def step(attempt: int) -> str:
        tried.append(attempt)
        return write(database, statement)

    with pytest.raises(DBAPIError, match=said):
        insist(step)

    assert tried == [1]


def test_a_database_that_may_not_be_written_is_said_at_once(database: Database):
    tried: list[int] = []

    def step(attempt: int) -> str:
        tried.append(attempt)
        with database.reading() as db:
            db.exec_driver_sql("PRAGMA query_only = ON")
            db.exec_driver_sql(INSERT)
        return "written"

    with pytest.raises(DBAPIError, match="readonly"):
        insist(step)

    assert tried == [1]


def test_a_defect_of_our_own_is_said_at_once():
    for error in (ValueError("ours"), SQLAlchemyError("no DBAPI error")):
        assert not pipeline._may_pass(error)
    assert pipeline._may_pass(PoolTimeout("QueuePool limit"))
