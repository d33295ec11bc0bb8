"""One SQLite file with a write-ahead log: one writer at a time, and readers that never wait."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from crashcart_lab.digest.settings import Settings


class Database:
    """The pool of connections to the file. Any thread may call."""

    def __init__(self, settings: Settings) -> None:
        self.path = settings.database_path
        self.engine = _engine(settings)
        # SQLite lets waiting writers try again at intervals, which starves some of them under load;
        # within one process they queue here instead, first come first served.
        self._writer = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees each statement's newest state."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its begin, and is committed at its end."""
        with self._writer, self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def ping(self) -> None:
        """Read something. Raises SQLAlchemyError."""
        with self.reading() as db:
            db.exec_driver_sql("SELECT count(*) FROM sqlite_master")

    def close(self) -> None:
        self.engine.dispose()


def _engine(settings: Settings) -> Engine:
    engine = create_engine(
        f"sqlite:///{settings.database_path}",
        poolclass=QueuePool,
        pool_size=settings.database_pool_size,
        max_overflow=settings.database_max_overflow,
        pool_timeout=settings.database_pool_timeout_s,
        # No implicit transactions by the driver: `_begin` alone decides.
        connect_args={"timeout": settings.sqlite_busy_timeout_s, "isolation_level": None},
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)  # the engine's address says so
    connection.execute("PRAGMA journal_mode = WAL")
    # With a write-ahead log this loses no committed transaction to a crash of the process, only to one of the machine.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait for its turn: SQLite refuses it at once.
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def now() -> str:
    """Return the time as it is stored."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def ago(*, days: float = 0.0, seconds: float = 0.0) -> str:
    """Return a moment of the past as it is stored."""
    return (datetime.now(UTC) - timedelta(days=days, seconds=seconds)).isoformat(timespec="milliseconds")


def make_folder(path: Path) -> None:
    """Create the folder that the file will be in."""
    path.parent.mkdir(parents=True, exist_ok=True)
