"""Names to addresses, addresses to connections: each with its own deadline, so that they can be told apart."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
import time
from collections.abc import Callable, Sequence

from crashcart.ports import Connected, Resolved
from crashcart.probes.pool import NAMES

Resolve = Callable[[str, int], Sequence[str]]

_STATES = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.ECONNABORTED: "reset",
    errno.EPIPE: "reset",
    errno.ETIMEDOUT: "timeout",
}
# EAI_NODATA and EAI_ADDRFAMILY (a name without an address, or without one of ours) are not on every system.
_UNRESOLVED = {
    getattr(socket, name): "unknown" for name in ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY") if hasattr(socket, name)
}
# These are about us, not about the other side.
OUR_ERRORS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
# Of several addresses of one name, the one that says most speaks for all.
_TELLING = ("ok", "reset", "refused", "timeout", "unreachable")


def system_resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver. Blocks, for as long as it likes. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[4][0]) for address in found))


async def resolve(ask: Resolve, host: str, port: int, *, timeout_s: float) -> tuple[str, ...]:
    """Return the addresses of a host, none when it did not resolve in time."""
    try:
        return (await look_up(ask, host, port, timeout_s=timeout_s)).addresses
    except OSError:
        return ()


async def look_up(ask: Resolve, host: str, port: int = 0, *, timeout_s: float) -> Resolved:
    """Return what the resolver says of a host. Raises OSError only when *we* cannot ask."""
    started = time.monotonic()
    state, addresses = await _asked(ask, host, port, timeout_s=timeout_s)
    return Resolved(state, addresses, time.monotonic() - started)


async def _asked(ask: Resolve, host: str, port: int, *, timeout_s: float) -> tuple[str, tuple[str, ...]]:
    try:
        return "ok", (str(ipaddress.ip_address(host)),)
    except ValueError:
        pass  # not an address, so a name: the resolver's business
    try:
        async with asyncio.timeout(timeout_s):
            found = tuple(await NAMES.run(lambda: ask(host, port)))
    except TimeoutError:
        return "timeout", ()
    except UnicodeError:  # a label too long or empty, which no name can have
        return "invalid", ()
    except socket.gaierror as error:
        if error.errno in (socket.EAI_SYSTEM, socket.EAI_MEMORY):  # a call to our own kernel failed
            raise
        return _UNRESOLVED.get(error.errno or 0, "failed"), ()
    return ("ok" if found else "unknown"), found


async def connect(ask: Resolve, host: str, port: int, *, timeout_s: float) -> Connected:
    """Connect to the first address that accepts, and close at once. Raises OSError only when *we* cannot."""
    started = time.monotonic()
    addresses = await resolve(ask, host, port, timeout_s=timeout_s)
    states = [] if addresses else ["dns"]
    for tried, address in enumerate(addresses):
        left_s = timeout_s - (time.monotonic() - started)
        states.append(await _dial(address, port, timeout_s=max(0.0, left_s) / (len(addresses) - tried)))
        if states[-1] == "ok":
            break
    return Connected(most_telling(states), time.monotonic() - started)


def most_telling(states: Sequence[str]) -> str:
    """Return the state that speaks for all addresses of a name."""
    return min(states, key=lambda state: _TELLING.index(state) if state in _TELLING else len(_TELLING))


def state_of(error: OSError) -> str:
    """Return the word for a failed connection. Raises the error again when it is about us."""
    if error.errno in OUR_ERRORS:
        raise error
    return _STATES.get(error.errno or 0, "unreachable")


async def _dial(address: str, port: int, *, timeout_s: float) -> str:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.setblocking(False)
            async with asyncio.timeout(timeout_s):
                await asyncio.get_running_loop().sock_connect(connection, (address, port))
    except TimeoutError:
        return "timeout"
    except OSError as error:
        return state_of(error)
    return "ok"
