"""One session of ours with the database of a target, with deadlines that the server keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crashcart.actions.blocking import Job
from crashcart.actions.files import Refused
from crashcart.model.observation import Unseen
from crashcart.probes.address import attribute
from crashcart.redact import Scrubber

if TYPE_CHECKING:
    from psycopg import Connection

_CONNECT_S = 5
_DRIVER = re.compile(r"^(postgres(?:ql)?)\+\w+:")  # as SQLAlchemy writes it


@contextmanager
def session(job: Job) -> Iterator[Connection]:
    """Open a session, statement by statement; what takes longer than the deadline is given up by the server.

    Raises:
        Refused: it is not known where, or the driver is missing.
        OSError: the server could not be reached, or did not do it; with its own words, redacted.
    """
    url = attribute(job.target, "url")
    if isinstance(url, Unseen):
        raise Refused(url.reason)
    try:
        import psycopg
    except ImportError as error:
        raise Refused("driver missing: pip install 'crashcart[postgres]'") from error
    limits = f"-c statement_timeout={int(job.timeout_s * 1000)} -c lock_timeout={int(job.timeout_s * 500)}"
    try:
        with psycopg.connect(
            _DRIVER.sub(r"\1:", url),
            autocommit=True,
            connect_timeout=_CONNECT_S,
            options=limits,
            application_name="crashcart",
        ) as connection:
            yield connection
    except psycopg.Error as error:
        told = Scrubber(()).text(" ".join(str(error).split()))[:300]
        raise OSError(f"PostgreSQL could not do it: {told}") from error


def rows(connection: Connection, sql: str, *values: object) -> Sequence[tuple[object, ...]]:
    """Return what a statement of ours answers with."""
    return connection.execute(sql.encode(), values).fetchall()
