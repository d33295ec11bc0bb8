"""The database file of a target: how we open it, and what went wrong in words."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import quote

from crashcart.actions.blocking import Job
from crashcart.actions.files import Refused
from crashcart.model.observation import Unseen
from crashcart.probes.address import attribute
from crashcart.probes.database import TURN

_STEPS = 10_000  # of SQLite's machine between two looks at the clock: a few milliseconds


def path_of(job: Job) -> str:
    """Return the path of the database. Raises Refused: the system file does not say."""
    path = attribute(job.target, "path")
    if isinstance(path, Unseen):
        raise Refused(path.reason)
    return path


def asked(job: Job, sql: str, *values: str) -> list[tuple[object, ...]]:
    """Return what the database answers to a reading statement of ours; nothing is written and no file is made.

    Raises:
        Refused: it cannot be read.
    """
    path = path_of(job)
    found = job.place.query(path, sql, values, timeout_s=min(job.timeout_s, 5.0))
    if found.state != "ok":
        raise Refused(f"{path} cannot be read: {found.state}")
    return list(found.rows)


def number(job: Job, sql: str) -> int:
    """Return the number that a statement answers with."""
    return int(str(asked(job, sql)[0][0]))


def quoted(name: str) -> str:
    """Return a name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def opened(job: Job) -> Iterator[sqlite3.Connection]:
    """Open the database to write; every statement is given up at the deadline.

    Raises:
        OSError: SQLite could not do it; what it had begun is rolled back.
    """
    path = path_of(job)
    end = time.monotonic() + job.timeout_s
    try:
        # mode=rw: a file that is not there is not made.
        url = f"file:{quote(path)}?mode=rw"
        # A look that closes the file while we hold its lock would drop the lock: they wait for their turn.
        with TURN, closing(sqlite3.connect(url, uri=True, timeout=job.timeout_s / 2, isolation_level=None)) as database:
            database.set_progress_handler(lambda: int(time.monotonic() > end), _STEPS)
            yield database
    except sqlite3.Error as error:
        raise OSError(f"SQLite could not do it: {error}") from error
