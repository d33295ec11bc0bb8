"""One HTTP request, with the phase in which it failed.

The name is resolved here and not by the client, so that a resolver that hangs is told from a server that hangs; the
client then gets an address, with the name in the Host header and in the TLS handshake.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crashcart.ports import Answer
from crashcart.probes.dial import Resolve, most_telling, resolve, state_of
from crashcart.probes.trust import trusted

if TYPE_CHECKING:
    import httpx

METHODS = ("GET", "HEAD", "OPTIONS")
_HOPS = 3  # a health page behind more redirects than that is a loop


@dataclass(slots=True)
class _Progress:
    """How far one attempt came; filled while it runs, read when it fails."""

    connected: bool = False
    is_in_tls: bool = False
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytearray = field(default_factory=bytearray)

    async def trace(self, event: str, info: object) -> None:
        """Follow the client; the names of the events are httpcore's."""
        if event == "connection.connect_tcp.complete":
            self.connected = True
        elif event.startswith("connection.start_tls."):
            self.is_in_tls = not event.endswith(".complete")

    def answer(self, state: str, end: str, *, took_s: float, is_cut: bool = False) -> Answer:
        """Return what has come so far as an answer."""
        return Answer(state, self.status, took_s, self.headers, bytes(self.body), is_cut, end)


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask. `limit_bytes` cuts the body."""

    method: str
    url: str
    headers: Mapping[str, str]
    limit_bytes: int


class Requester:
    """Sends requests; keeps the certificates, which take 30 ms to load."""

    def __init__(self, ask: Resolve) -> None:
        self._ask = ask
        self._trusted: ssl.SSLContext | None = None
        self._unused: ssl.SSLContext | None = None  # the client wants one for plain HTTP too, and loads its own if none

    async def send(self, request: Request, *, timeout_s: float) -> Answer:
        """Send a request and follow redirects on the same server. Raises ValueError for a method that may change things
        and for what is no url: both are for the caller to prevent. Raises OSError only when *we* cannot."""
        import httpx  # late: 0.1 s, and `guide lint` has no use for it

        if request.method not in METHODS:
            raise ValueError(f"{request.method} is not one of {', '.join(METHODS)}")
        started = time.monotonic()
        for _ in range(_HOPS + 1):
            answer = await self._send_once(request, timeout_s=timeout_s - (time.monotonic() - started))
            onward = _redirect(httpx.URL(request.url), answer)
            if onward is None or time.monotonic() - started >= timeout_s:
                break
            request = replace(request, url=onward)
        return replace(answer, took_s=time.monotonic() - started)

    async def _send_once(self, request: Request, *, timeout_s: float) -> Answer:
        import httpx

        started = time.monotonic()
        try:
            url = httpx.URL(request.url)
        except httpx.InvalidURL as error:
            raise ValueError("not a url") from error
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError("not an http url")
        port = url.port or (443 if url.scheme == "https" else 80)
        answers: list[Answer] = []
        addresses = await resolve(self._ask, url.host, port, timeout_s=timeout_s)
        for tried, address in enumerate(addresses):
            left_s = max(0.0, timeout_s - (time.monotonic() - started))
            # A later address is only tried when nobody was there, so the share of each is for the connecting.
            share_s = left_s / (len(addresses) - tried)
            answers.append(await self._try(request, url, address, connect_s=share_s, timeout_s=left_s))
            if answers[-1].end != "unreached" or answers[-1].state not in ("refused", "timeout", "unreachable"):
                return answers[-1]
        if not answers:
            return _Progress().answer("dns", "unreached", took_s=time.monotonic() - started)
        state = most_telling([answer.state for answer in answers])
        return next(answer for answer in answers if answer.state == state)

    async def _try(
        self, request: Request, url: httpx.URL, address: str, *, connect_s: float, timeout_s: float
    ) -> Answer:
        import httpx

        progress = _Progress()
        started = time.monotonic()
        # A proxy or certificate variable of *our* environment says nothing about the service, hence trust_env.
        verify = self._certificates() if url.scheme == "https" else self._no_certificates()
        # The client closes a half-made TLS connection on its own timeout, and loses it when it is cancelled from outside.
        patience = httpx.Timeout(None, connect=0.9 * connect_s)
        state, end, is_cut = "ok", "complete", False
        try:
            async with (
                asyncio.timeout(timeout_s),
                httpx.AsyncClient(verify=verify, trust_env=False, timeout=patience) as client,
            ):
                is_cut = await _receive(client, request, url, address, progress)
        except (TimeoutError, httpx.TimeoutException):
            state, end = _too_late(progress)
        except httpx.TransportError as error:
            state, end = _failed(error, progress)
        return progress.answer(state, end, took_s=time.monotonic() - started, is_cut=is_cut)

    def _no_certificates(self) -> ssl.SSLContext:
        if self._unused is None:
            self._unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return self._unused

    def _certificates(self) -> ssl.SSLContext:
        if self._trusted is None:
            self._trusted = trusted()
        return self._trusted


async def _receive(
    client: httpx.AsyncClient, request: Request, url: httpx.URL, address: str, progress: _Progress
) -> bool:
    """Read the answer into `progress`; say whether our limit cut it."""
    headers = {
        "Host": url.netloc.decode("ascii"),
        "User-Agent": "crashcart",
        "Accept": "*/*",
        "Accept-Encoding": "identity",  # a packed body of 1 MiB can be 1 GiB
        **request.headers,
    }
    extensions = {"sni_hostname": url.host, "trace": progress.trace}
    sent = client.stream(
        request.method, url.copy_with(host=address), headers=headers, extensions=extensions, follow_redirects=False
    )
    async with sent as response:
        progress.status = response.status_code
        progress.headers = tuple((name.lower(), value) for name, value in response.headers.multi_items())
        async for chunk in response.aiter_raw():
            progress.body += chunk
            if len(progress.body) > request.limit_bytes:
                del progress.body[request.limit_bytes :]
                return True
    return False


def _too_late(progress: _Progress) -> tuple[str, str]:
    if not progress.connected:
        return "timeout", "unreached"
    if progress.is_in_tls:
        return "tls", "unreached"
    return ("ok", "cut") if progress.status else ("ok", "silent")


def _failed(error: httpx.TransportError, progress: _Progress) -> tuple[str, str]:
    """Return state and end for what the client raised. Its own bugs and ours (LocalProtocolError) go up."""
    import httpx

    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
        # Without its cause: the message of that would repeat a header.
        raise ValueError("the request cannot be sent like this") from None
    if progress.status:
        return "ok", "cut"
    if progress.is_in_tls or _inner(error, ssl.SSLError) is not None:
        return "tls", "unreached"
    if isinstance(error, httpx.RemoteProtocolError):
        # httpcore has no other sign for "closed before the first byte", which is no fault of protocol.
        return ("reset" if "disconnected" in str(error) else "protocol"), "unreached"
    inner = _inner(error, OSError)
    return (state_of(inner) if isinstance(inner, OSError) else "reset"), "unreached"


def _inner(error: BaseException, kind: type[BaseException]) -> BaseException | None:
    """Return the deepest error of a kind among the causes: the outer ones carry no number."""
    found: BaseException | None = None
    seen: BaseException | None = error
    while seen is not None:
        found = seen if isinstance(seen, kind) else found
        seen = seen.__cause__ or seen.__context__
    return found


def _redirect(url: httpx.URL, answer: Answer) -> str | None:
    """Return where a redirect leads, when it stays on the same server."""
    import httpx

    location = next((value for name, value in answer.headers if name == "location"), "")
    if answer.status not in (301, 302, 303, 307, 308) or not location:
        return None
    try:
        onward = url.join(location)
    except httpx.InvalidURL:
        return None  # the redirect itself is then what is seen
    is_same = (onward.scheme, onward.host, onward.port) == (url.scheme, url.host, url.port)
    return str(onward) if is_same else None
