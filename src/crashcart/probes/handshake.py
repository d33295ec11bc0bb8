"""One TLS handshake, and the certificate that was shown in it, whether it is trusted or not."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import cast

from crashcart.ports import Handshake
from crashcart.probes.dial import Resolve, look_up, most_telling, state_of
from crashcart.probes.trust import trusted

# Of x509_vfy.h: the reasons that point at something different to do.
_CODES = MappingProxyType(
    {9: "early", 10: "expired", 18: "self_signed", 19: "untrusted", 20: "untrusted", 21: "untrusted", 62: "mismatch",
     64: "mismatch"}
)  # fmt: skip
_PLAIN = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE",
          "HTTPS_PROXY_REQUEST", "INVALID_ALERT", "UNEXPECTED_MESSAGE")  # fmt: skip
_SEQUENCE, _UTC_TIME, _TAGGED = 0x30, 0x17, 0xA0


@dataclass(frozen=True, slots=True)
class _Shown:
    """How one handshake ended and what was shown; `parsed` is empty unless the chain was verified."""

    state: str
    der: bytes = b""
    parsed: Mapping[str, object] = field(default_factory=dict)
    version: str = ""


class Handshaker:
    """Shakes hands; keeps the certificates that this machine trusts, which take 30 ms to load."""

    def __init__(self, ask: Resolve) -> None:
        self._ask = ask
        self._contexts: dict[str, ssl.SSLContext] = {}

    async def shake(self, host: str, port: int, *, timeout_s: float) -> Handshake:
        """Connect, shake hands as a client that checks everything, and close. Raises OSError only when *we* cannot."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(timeout_s):
                address, state = await _reachable(self._ask, host, port, timeout_s=timeout_s)
                shown = await self._shown(host, address, port) if address else _Shown(state)
        except TimeoutError:
            shown = _Shown("silent")
        first_at, last_at = _validity(shown.der) if shown.der else (None, None)
        names, issuer = _names(shown.parsed)
        return Handshake(shown.state, first_at, last_at, names, issuer, shown.version, time.monotonic() - started)

    async def _shown(self, host: str, address: str, port: int) -> _Shown:
        """Shake hands; when something is wrong with the certificate, again without checking that, to see it."""
        strict = await _shake(self._context("all"), host, address, port)
        if strict.state not in _CODES.values():
            return strict
        loose = await _shake(self._context("chain" if strict.state == "mismatch" else "none"), host, address, port)
        return _Shown(strict.state, loose.der, loose.parsed, loose.version)

    def _context(self, checks: str) -> ssl.SSLContext:
        if checks not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if checks == "none" else trusted()
            context.check_hostname = checks == "all"
            if checks == "none":
                context.verify_mode = ssl.CERT_NONE
            self._contexts[checks] = context
        return self._contexts[checks]


async def _reachable(ask: Resolve, host: str, port: int, *, timeout_s: float) -> tuple[str, str]:
    """Return the first address that accepts, or "" and why none does."""
    found = await look_up(ask, host, port, timeout_s=timeout_s)
    states = [] if found.addresses else ["dns"]
    for address in found.addresses:
        try:
            async with asyncio.timeout(timeout_s / len(found.addresses)):
                (await _connected(address, port)).close()
            return address, "ok"
        except TimeoutError:
            states.append("timeout")
        except OSError as error:
            states.append(state_of(error))
    return "", most_telling(states)


async def _shake(context: ssl.SSLContext, host: str, address: str, port: int) -> _Shown:
    try:
        with await _connected(address, port) as connection:
            _, writer = await asyncio.open_connection(sock=connection, ssl=context, server_hostname=host)
            try:
                secure = cast(ssl.SSLObject, writer.get_extra_info("ssl_object"))
                return _Shown("ok", secure.getpeercert(True) or b"", secure.getpeercert() or {}, secure.version() or "")
            finally:
                writer.transport.abort()
    except ssl.SSLCertVerificationError as error:
        return _Shown(_CODES.get(error.verify_code, "untrusted"))
    except ssl.SSLError as error:
        return _Shown("plain" if any(word in str(error.reason) for word in _PLAIN) else "failed")
    except ConnectionError:
        return _Shown("closed")


async def _connected(address: str, port: int) -> socket.socket:
    connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, (address, port))
    except BaseException:
        connection.close()
        raise
    return connection


def _names(parsed: Mapping[str, object]) -> tuple[tuple[str, ...], str]:
    """Return the names a certificate is for, and who issued it."""
    names = cast("tuple[tuple[str, str], ...]", parsed.get("subjectAltName", ()))
    issuer = cast("tuple[tuple[tuple[str, str], ...], ...]", parsed.get("issuer", ()))
    parts = [value for group in issuer for key, value in group if key in ("organizationName", "commonName")]
    return tuple(name for _, name in names), ", ".join(parts)


def _validity(der: bytes) -> tuple[datetime | None, datetime | None]:
    """Return from when until when a certificate is valid: the standard library tells that of trusted ones only."""
    try:
        body = next(_parts(next(_parts(der))[1]))[1]
        fields = [content for tag, content in _parts(body) if tag != _TAGGED]
        first, last = _parts(fields[3])  # serial number, algorithm, issuer, validity: RFC 5280, 4.1
        return _instant(*first), _instant(*last)
    except (ValueError, IndexError, StopIteration):  # no certificate that this profile knows
        return None, None


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the tag and the content of each part of DER-coded data."""
    at = 0
    while at < len(data):
        tag, size, at = data[at], data[at + 1], at + 2
        if size & 0x80:
            width = size & 0x7F
            size, at = int.from_bytes(data[at : at + width], "big"), at + width
        yield tag, data[at : at + size]
        at += size


def _instant(tag: int, content: bytes) -> datetime:
    text = content.decode("ascii")
    if tag == _UTC_TIME:  # two digits of the year: 50 and above are of the last century
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
