"""One connection of ours to a server, on libpq's own state machine: whatever hangs is left, never waited for.

psycopg's own connections would try for ten seconds to cancel what a frozen server does not answer.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

Row = tuple[str | None, ...]

OURS = "crashcart"  # how our sessions call themselves, and how we tell them from others

# Kept by the server itself, in milliseconds, from the first moment. A lock is not waited for: one tick, and we go.
STATEMENT_MS, _LOCK_MS, _IDLE_MS = 2000, 10, 5000
OPTIONS = (
    f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT_MS} -c lock_timeout={_LOCK_MS} "
    f"-c idle_in_transaction_session_timeout={_IDLE_MS}"
)
# Said again inside, for a pooler that has swallowed our options: it lasts as long as the transaction, and no longer.
_BEGIN = f"BEGIN READ ONLY; SET LOCAL statement_timeout = {STATEMENT_MS}; SET LOCAL lock_timeout = {_LOCK_MS}"
_CODE = re.compile(r"\tB\t\d+\tErrorResponse\t S \"[^\"]*\"(?: V \"[^\"]*\")? C \"([0-9A-Z]{5})\"")
_TRACE_BYTES = 1 << 16


class Refused(Exception):
    """The server did not do it; `code` is its SQLSTATE, empty when there is none, `told` its own words."""

    def __init__(self, code: str, told: str, *, needs_password: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.told = told
        self.needs_password = needs_password


async def connect(settings: Mapping[str, str]) -> PGconn:
    """Open a connection; the caller closes it with `finish`.

    libpq tells the SQLSTATE of a failed connection to nobody, and its text is in the language of the server. So it is
    tried once more, with libpq writing down what the server sent.

    Raises:
        Refused: the server, or libpq, did not want it.
        psycopg.Error: libpq does not understand the settings.
    """
    try:
        return await _connected(settings, trace=None)
    except Refused as refused:
        if not hasattr(os, "memfd_create"):
            raise
        # In memory, read for one word and closed: what we sent is in it too.
        trace = os.memfd_create("crashcart")
        try:
            return await _connected(settings, trace=trace)
        except Refused as again:
            seen = os.pread(trace, _TRACE_BYTES, 0).decode("utf-8", "replace")
            codes = _CODE.findall(seen)
            raise Refused(codes[-1] if codes else "", again.told, needs_password=again.needs_password) from refused
        finally:
            os.close(trace)


async def _connected(settings: Mapping[str, str], *, trace: int | None) -> PGconn:
    from psycopg import NotSupportedError, pq
    from psycopg.conninfo import make_conninfo

    connection = pq.PGconn.connect_start(make_conninfo("", **settings).encode())
    try:
        if trace is not None:
            try:
                connection.trace(trace)
            except NotSupportedError:  # another system than Linux: then it stays without a code
                trace = None
        while (status := connection.connect_poll()) not in (pq.PollingStatus.OK, pq.PollingStatus.FAILED):
            await _ready(connection.socket, is_write=status == pq.PollingStatus.WRITING)
        if trace is not None:
            connection.untrace()
        if status == pq.PollingStatus.FAILED:
            told = connection.error_message.decode("utf-8", "replace")
            raise Refused("", told, needs_password=connection.needs_password)
    except BaseException:
        connection.finish()
        raise
    connection.nonblocking = 1
    return connection


@asynccontextmanager
async def reading(connection: PGconn) -> AsyncIterator[None]:
    """Hold a read-only transaction open, and leave nothing of it."""
    await _simple(connection, _BEGIN)
    yield
    await _simple(connection, "ROLLBACK")


async def ask(connection: PGconn, sql: str, *values: str | None) -> list[Row]:
    """Return the rows of one statement of ours; values are bound.

    Raises:
        Refused: the server did not do it.
    """
    bound = [None if value is None else value.encode() for value in values]
    connection.send_query_params(sql.encode(), bound)
    return _rows((await _results(connection))[-1])


async def _simple(connection: PGconn, sql: str) -> None:
    connection.send_query(sql.encode())
    await _results(connection)


async def _results(connection: PGconn) -> Sequence[PGresult]:
    from psycopg import pq

    while connection.flush():
        await _ready(connection.socket, is_write=True)
    found: list[PGresult] = []
    while True:
        while connection.is_busy():
            await _ready(connection.socket, is_write=False)
            connection.consume_input()
        result = connection.get_result()
        if result is None:
            return found
        if result.status == pq.ExecStatus.FATAL_ERROR:
            code = result.error_field(pq.DiagnosticField.SQLSTATE) or b""
            raise Refused(code.decode(), result.error_message.decode("utf-8", "replace"))
        found.append(result)


def _rows(result: PGresult) -> list[Row]:
    return [
        tuple(_text(result.get_value(row, column)) for column in range(result.nfields)) for row in range(result.ntuples)
    ]


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")


async def _ready(socket: int, *, is_write: bool) -> None:
    """Wait until the socket can be written or read."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not ready.done():
            ready.set_result(None)

    (loop.add_writer if is_write else loop.add_reader)(socket, tell)
    try:
        await ready
    finally:
        (loop.remove_writer if is_write else loop.remove_reader)(socket)
