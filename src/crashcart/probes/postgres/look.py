"""Seven ways to look at a PostgreSQL database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, Secrets
from crashcart.probes.address import attribute
from crashcart.probes.plain import plain
from crashcart.probes.postgres import asked
from crashcart.probes.postgres.door import Door, door
from crashcart.probes.postgres.locks import holder, locks
from crashcart.probes.postgres.session import OPTIONS, Refused
from crashcart.probes.postgres.where import Where, where
from crashcart.redact import Scrubber

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

TIMEOUT_S = 3.0  # a server of this kind answers within milliseconds, or something is wrong
_SHOWN_CHARS = 300
_Ask = Callable[["PGconn", Look, asked.Shown], Awaitable[asked.Fields]]
_ASKED: Mapping[str, _Ask] = MappingProxyType(
    {
        "connections": asked.connections,
        "sessions": asked.sessions,
        "locks": locks,
        "holder": holder,
        "tables": asked.tables,
        "schema": asked.schema,
    }
)


class PostgresLook:
    """Asks with one connection of its own and closes it."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place
        self._scrubber = scrubber

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        url = attribute(target, "url")
        if isinstance(url, Unseen):
            return url
        to = where(url, target.name)
        if isinstance(to, Unseen):
            return to
        dialled = await self._dial(to)
        if not isinstance(dialled, tuple):
            return dialled
        state, addresses = dialled
        if state != "ok":
            return Seen({"connect": state, "answer": "unreached"} if not look.look else {"answer": "unreached"})
        if not to.setting("user"):
            return self._nobody(look, target, state)
        try:
            import psycopg
        except ImportError:
            return Unseen("driver missing: pip install 'crashcart[postgres]'")
        began = time.monotonic()
        try:
            found = await door(to, addresses, "" if not look.look else OPTIONS, timeout_s=TIMEOUT_S)
            outcome = await self._told(found, look)
        except psycopg.Error:
            return Unseen(f"the connection to {target.name} broke off while we asked; look again")
        if isinstance(outcome, Unseen) or look.look:
            return outcome
        if outcome.fields["answer"] == "unreached":  # of a socket that is not there
            state = "refused"
        return Seen({"connect": state, **outcome.fields, "took": time.monotonic() - began})

    async def _dial(self, to: Where) -> tuple[str, tuple[str, ...]] | Seen | Unseen:
        """Return how a connection ends and which addresses there are; a socket of this machine is asked directly."""
        if to.is_socket:
            return "ok", ()
        try:
            connected = await self._place.connect(to.host, to.port, timeout_s=TIMEOUT_S)
            if connected.state != "ok":
                return connected.state, ()
            return "ok", (await self._place.resolve(to.host, timeout_s=TIMEOUT_S)).addresses
        except OSError as error:
            return Unseen(f"could not open a connection from here: {error.strerror or error}")

    def _nobody(self, look: Look, target: Target, state: str) -> Outcome:
        # As whom the driver would come by itself is whoever runs us: what the server says of that says nothing.
        if look.look:
            return Unseen(f"the url of {target.name} names no role to ask as: postgresql://USER@HOST/DATABASE")
        return Seen({"connect": state})

    async def _told(self, found: Door | Unseen, look: Look) -> Seen | Unseen:
        if isinstance(found, Unseen):
            return found
        if found.connection is None:
            fields: dict[str, Scalar] = {"answer": found.answer}
            if found.answer == "full" and look.look == "connections":
                fields["left"] = 0
            if found.told and not look.look:
                fields["detail"] = self._shown(found.told)
            return Seen(fields)
        try:
            async with asyncio.timeout(TIMEOUT_S + (asked.WATCH_S if look.look == "tables" else 0.0)):
                return await self._ask(found, found.connection, look)
        except TimeoutError:
            return Unseen(f"the server did not answer within {TIMEOUT_S:g} s")
        except Refused as refused:
            return _unasked(refused)
        finally:
            found.connection.finish()

    async def _ask(self, found: Door, connection: PGconn, look: Look) -> Seen | Unseen:
        if not look.look:
            return Seen({"answer": "ok", **found.fields})
        room = await asked.room(connection)
        if look.look == "connections":
            fields: dict[str, Scalar] = {"answer": "ok", "used": room.used, "limit": room.limit, "left": room.left}
            return Seen(fields if room.is_last else fields | await asked.connections(connection, look, self._shown))
        if room.is_last:
            return Unseen("we had its last connection, and left it to others")
        return Seen({"answer": "ok", **await _ASKED[look.look](connection, look, self._shown)})

    def _shown(self, text: str) -> str:
        return " ".join(plain(self._scrubber.text(text)).split())[:_SHOWN_CHARS]


def _unasked(refused: Refused) -> Seen | Unseen:
    """Say why a server that took us did not answer a question."""
    match refused.code:
        case "57014":
            return Unseen("the server did not answer within the time that we give it: it is busy")
        case "55P03":
            return Unseen("a table of the system is locked, and a look does not wait for a lock")
        case "42501":
            return Unseen("not permitted: our role needs to be a member of pg_monitor, or may not use that schema")
        case "57P01" | "57P02" | "57P03":  # it stops, or a process of it crashed
            return Seen({"answer": "unready"})
        case _:
            return Unseen(
                f"the server did not understand the question (SQLSTATE {refused.code}): PostgreSQL 14 or newer?"
            )
