"""supervisord as `supervisorctl` sees it: XML-RPC on its socket or its port. Calls reading methods alone."""

from __future__ import annotations

import asyncio
import configparser
import errno
import os
import ssl
import stat
import xmlrpc.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.parsers.expat import ExpatError

import httpx

from crashcart.ports import Program, Supervised
from crashcart.probes.address import Address
from crashcart.probes.pool import FILES

_LOG_BYTES = 64 * 1024  # two hundred starts and ends
_ANSWER_BYTES = 8 * 1024 * 1024
_STATES = ("stopped", "starting", "running", "backoff", "stopping", "exited", "fatal")
_TOLD = ("stopped", "exited")  # of a program in another state it says 0, whatever there was
_FORBIDDEN = (errno.EACCES, errno.EPERM)


@dataclass(frozen=True, slots=True)
class Door:
    """Where a supervisord listens, and what it asks for."""

    socket: str = ""
    url: str = "http://localhost"
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def where(self) -> str:
        """The socket, or host and port."""
        return self.socket or self.url.partition("://")[2]


class _Refused(Exception):
    """It answered, and the answer is no; the argument is a word of `Supervised.state`."""


async def ask(path: str, *, timeout_s: float) -> Supervised:
    """Return what the supervisord of a settings file, or behind a socket, says of its programs.

    Raises:
        OSError: the settings cannot be read.
        ValueError: they do not say where on this machine it listens.
    """
    door = await FILES.run(lambda: door_of(path))
    try:
        async with asyncio.timeout(timeout_s):
            return await _ask(door)
    except (TimeoutError, httpx.TimeoutException):
        return Supervised("timeout", door.where)
    except _Refused as refused:
        return Supervised(str(refused), door.where)
    except httpx.ConnectError as error:
        return Supervised("forbidden" if _errno(error) in _FORBIDDEN else "absent", door.where)
    except (httpx.HTTPError, xmlrpc.client.Error, ExpatError, ValueError, TypeError):
        return Supervised("odd", door.where)


async def _ask(door: Door) -> Supervised:
    auth = httpx.BasicAuth(door.user, door.password) if door.user else None
    # It speaks no TLS; without a context of ours, httpx would read all root certificates for each look.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    transport = httpx.AsyncHTTPTransport(uds=door.socket or None, verify=context)
    async with httpx.AsyncClient(transport=transport, timeout=None, auth=auth) as client:
        infos = await _call(client, door, "supervisor.getAllProcessInfo")
        if not isinstance(infos, list) or not all(isinstance(info, dict) for info in infos):
            return Supervised("odd", door.where)
        try:
            log = str(await _call(client, door, "supervisor.readLog", -_LOG_BYTES, 0))
        except xmlrpc.client.Fault:  # it keeps none, or writes it to where nothing can be read back
            log = ""
    # Each was asked for in turn: the clock may have ticked between the first and the last.
    now = max((_instant(info.get("now")) or datetime.min.replace(tzinfo=UTC) for info in infos), default=None)
    return Supervised("ok", door.where, now, tuple(_program(info) for info in infos), log)


async def _call(client: httpx.AsyncClient, door: Door, method: str, *arguments: int) -> object:
    body = xmlrpc.client.dumps(arguments, method)
    answer = bytearray()
    async with client.stream(
        "POST", f"{door.url}/RPC2", content=body, headers={"Content-Type": "text/xml"}
    ) as response:
        if response.status_code != 200:
            raise _Refused("forbidden" if response.status_code in (401, 403) else "odd")
        async for chunk in response.aiter_bytes():
            answer += chunk
            if len(answer) > _ANSWER_BYTES:
                raise _Refused("odd")
    values, _ = xmlrpc.client.loads(bytes(answer))
    return values[0] if values else None


def _program(info: Mapping[str, object]) -> Program:
    state = str(info.get("statename", "")).lower()
    status, pid = info.get("exitstatus"), info.get("pid")
    return Program(
        group=str(info.get("group", "")),
        name=str(info.get("name", "")),
        state=state if state in _STATES else "unknown",
        pid=pid if isinstance(pid, int) and pid else None,
        started_at=_instant(info.get("start")),
        ended_at=_instant(info.get("stop")),
        exit_status=status if isinstance(status, int) and state in _TOLD else None,
        error=str(info.get("spawnerr", "")),
    )


def _instant(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) and seconds > 0 else None


def _errno(error: BaseException | None) -> int | None:
    """Return the error number of the system, however deep it lies."""
    while error is not None and not (isinstance(error, OSError) and error.errno):
        error = error.__cause__ or error.__context__
    return error.errno if isinstance(error, OSError) else None


def door_of(path: str) -> Door:
    """Return where the supervisord of a settings file listens; a socket is a door by itself.

    Raises:
        OSError: the file cannot be read.
        ValueError: it does not say, or it is not on this machine.
    """
    try:
        if stat.S_ISSOCK(os.stat(path).st_mode):
            return Door(socket=path)
    except FileNotFoundError:
        if path.endswith(".sock"):  # it takes its socket with it when it ends
            return Door(socket=path)
        raise
    parser = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(";", "#"))
    try:
        parser.read_string(Path(path).read_text(encoding="utf-8"))
    except (configparser.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no settings file of supervisord") from error
    return _Settings(parser, path).door()


class _Settings:
    def __init__(self, parser: configparser.RawConfigParser, path: str) -> None:
        self._parser = parser
        self._path = path

    def door(self) -> Door:
        # As supervisorctl: what it is told for itself comes first.
        url = self._value("supervisorctl", "serverurl")
        socket = unquote(url.removeprefix("unix://")) if url.startswith("unix://") else ""
        socket = socket or ("" if url else self._value("unix_http_server", "file"))
        if socket:
            return Door(socket=os.path.join(Path(self._path).parent, socket), **self._login("unix_http_server"))
        port = self._value("inet_http_server", "port")
        if not url and not port:
            raise ValueError(f"{self._path} names no socket, no port and no serverurl")
        address = _address(url or f"http://{port if ':' in port else f':{port}'}")
        if address is None or not address.is_here:
            raise ValueError(f"by {self._path} it does not listen on this machine's own addresses")
        host = f"[{address.host}]" if ":" in address.host else address.host
        return Door(url=f"http://{host}:{address.port}", **self._login("inet_http_server"))

    def _login(self, section: str) -> dict[str, str]:
        own = "supervisorctl" if self._parser.has_option("supervisorctl", "username") else section
        return {"user": self._value(own, "username"), "password": self._value(own, "password")}

    def _value(self, section: str, key: str) -> str:
        text = self._parser.get(section, key, fallback="").strip()
        known = {"here": str(Path(self._path).resolve().parent), "host_node_name": os.uname().nodename}
        known |= {f"ENV_{name}": value for name, value in os.environ.items()}
        try:
            return os.path.expanduser(text % known)
        except (KeyError, ValueError, TypeError) as error:
            raise ValueError(
                f"{key} in [{section}] of {self._path} holds an expression that is not known here"
            ) from error


def _address(url: str) -> Address | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "127.0.0.1", parts.port
    except ValueError:
        return None
    return Address("127.0.0.1" if host in ("*", "0.0.0.0") else host, port or 9001)
