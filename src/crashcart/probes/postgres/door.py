"""Whether a server lets us in, and why not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crashcart.model.observation import Scalar, Unseen
from crashcart.probes.postgres.session import OURS, Refused, connect
from crashcart.probes.postgres.where import Where

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

# SQLSTATE, as it is the same in every language; from appendix A of PostgreSQL's manual.
_ANSWERS: Mapping[str, str] = {
    "57P03": "unready",
    "57P01": "unready",
    "57P02": "unready",
    "53300": "full",
    "28P01": "password",
    "3D000": "database",
    "42501": "forbidden",
    "55000": "forbidden",  # a database that takes no connections
}
# What libpq would take from the environment, or the home, of whoever runs us; it has nothing to do with the target.
_NOT_OURS: Mapping[str, str] = {
    "password": "", "passfile": "/dev/null/none", "options": "", "hostaddr": "", "target_session_attrs": "any",
}  # fmt: skip
_LOCKED = "55P03"  # not even a session can begin: it reads tables of the system, and ours waits for no lock
_NO_OPTIONS = "08P01"  # what PgBouncer says of a startup parameter that it does not pass on
# libpq's own words for what happened before the server could say anything; it is built without translations.
_TLS = ("SSL", "certificate", "TLS")
_STRANGE = "received invalid response"  # also of something that has never heard of encryption, nor of databases
_SOCKET = ("No such file or directory", "Connection refused")


@dataclass(frozen=True, slots=True)
class Door:
    """An open connection, or the word for why there is none; `told` is the other side's own, not yet redacted."""

    answer: str
    told: str = ""
    connection: PGconn | None = None
    fields: Mapping[str, Scalar] = field(default_factory=dict)


async def door(to: Where, addresses: Sequence[str], options: str, *, timeout_s: float) -> Door | Unseen:
    """Knock; the caller closes the connection."""
    settings = {**_NOT_OURS, "dbname": to.setting("user"), **dict(to.settings), "application_name": OURS}
    hosts = [to.host] * max(1, len(addresses))
    settings |= {"host": ",".join(hosts), "port": str(to.port)}
    if addresses:
        settings["hostaddr"] = ",".join(addresses)
    if options:  # ours come last: of two, the last one holds
        settings["options"] = f"{settings['options']} {options}".strip()
    try:
        async with asyncio.timeout(timeout_s):
            connection = await connect(settings)
    except TimeoutError:
        return Door("silent")
    except Refused as refused:
        return _why(refused, to)
    return Door("ok", connection=connection, fields=_said(connection))


def _why(refused: Refused, to: Where) -> Door | Unseen:
    if refused.needs_password:
        return Unseen('it asks for a password, and the url has none: url = "env:NAME" or "file:PATH"')
    if refused.code == _NO_OPTIONS:
        return Unseen(
            "a pooler in front of it takes no session settings, and without them we do not ask: name the server"
        )
    if refused.code == _LOCKED:
        return Unseen("a table of the system is locked, and a look does not wait for a lock")
    told = refused.told
    if refused.code == "28000":
        # Says of a role that it is not there, and of an access list that it has no line for us; its name is never
        # translated.
        return Door("forbidden" if "pg_hba.conf" in told else "role", told)
    if not refused.code and to.is_socket and any(word in told for word in _SOCKET):
        return Door("unreached", told)
    if not refused.code and any(word in told for word in _TLS) and _STRANGE not in told:
        return Door("tls", told)
    return Door(_ANSWERS.get(refused.code, "error"), told)


def _said(connection: PGconn) -> Mapping[str, Scalar]:
    """Return what the server says of itself when it lets somebody in (since PostgreSQL 14), without being asked."""
    standby = connection.parameter_status(b"in_hot_standby")
    default = connection.parameter_status(b"default_transaction_read_only")
    fields: dict[str, Scalar] = {}
    if connection.server_version:
        fields["version"] = connection.server_version // 10000
    if standby:
        fields["is_standby"] = standby == b"on"
    if standby and default:
        fields["is_read_only"] = b"on" in (standby, default)
    return fields
