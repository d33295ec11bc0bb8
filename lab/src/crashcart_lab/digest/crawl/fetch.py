"""One request at a time: polite, bounded in time and size, patient once."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpcore
import httpx

from crashcart_lab.digest.crawl import body, connect
from crashcart_lab.digest.crawl.address import WebAddress
from crashcart_lab.digest.crawl.errors import AddressRefused, Skipped, Unanswered, Unremarkable
from crashcart_lab.digest.crawl.guard import Guard
from crashcart_lab.digest.crawl.limits import Clock, Limits

logger = logging.getLogger(__name__)

# The word before the slash is what robots.txt calls us.
USER_AGENT = "digest/1.0"

REDIRECTS = frozenset({301, 302, 303, 307, 308})
BUSY = frozenset({429, 503})

# The library below has no common base for its errors.
_TRANSPORT_ERRORS = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError)


@dataclass(frozen=True, slots=True)
class Want:
    """What may come back; a type or size that does not fit is not read to its end.

    Attributes:
        types: media types to read, all if empty. An answer without a type is read.
        is_cut: whether the beginning of what is too large is of use.
    """

    types: frozenset[str]
    timeout_s: float
    max_bytes: int
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; the body is decompressed, and empty unless the status is 200."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def leads_to(self) -> str | None:
        return self.headers.get("location") if self.status in REDIRECTS else None


class Fetcher:
    """Requests to sites, spaced by `gap_s`, or by the delay of the limits if that is longer."""

    def __init__(self, connections: httpcore.AsyncConnectionPool, *, limits: Limits, agent: str, clock: Clock) -> None:
        self._connections = connections
        self._limits = limits
        self._agent = agent
        self._clock = clock
        self._last_at = float("-inf")
        self.gap_s = 0.0
        self.requests = 0

    async def get(self, address: WebAddress, want: Want) -> Answer:
        """Ask for *address*; redirects are the caller's.

        Asked again, once each, are a server that says nothing in time, and one that is busy
        and says for how long.

        Raises:
            Skipped: it could not be read, and why.
            AddressRefused: it may not be visited.
        """
        answer = await self._ask_patiently(address, want)
        if (wait_s := self._asked_wait_s(answer)) is None:
            return answer
        if wait_s > self._limits.max_retry_after_s:
            raise Skipped(f"it answered {answer.status} and asks for {wait_s:.0f} s of peace")
        logger.warning("page %s answered %d, trying once more in %.0f s", address, answer.status, wait_s)
        await self._clock.sleep(wait_s)
        return await self._ask_patiently(address, want)

    async def _ask_patiently(self, address: WebAddress, want: Want) -> Answer:
        try:
            return await self._ask(address, want)
        except Unanswered:
            logger.warning("page %s is slow, trying once more", address)
        return await self._ask(address, want)

    async def _ask(self, address: WebAddress, want: Want) -> Answer:
        await self._keep_distance()
        has_answered = False
        try:
            async with asyncio.timeout(want.timeout_s), self._stream(address) as response:
                has_answered = True
                return await _read(response, want)
        except TimeoutError as err:
            if has_answered:
                raise Skipped(f"it takes longer than {want.timeout_s:g} s") from err
            raise Unanswered(f"it did not answer within {want.timeout_s:g} s") from err
        except AddressRefused as err:
            raise AddressRefused(str(address), err.reason) from err
        except _TRANSPORT_ERRORS as err:
            raise Skipped(_words_of(err)) from err

    @asynccontextmanager
    async def _stream(self, address: WebAddress) -> AsyncIterator[httpcore.Response]:
        headers = [
            ("Host", address.authority),
            ("User-Agent", self._agent),
            ("Accept", "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"),
            ("Accept-Encoding", body.ACCEPTED_ENCODINGS),
        ]
        url = httpcore.URL(scheme=address.scheme, host=address.host, port=address.port, target=address.path)
        self.requests += 1
        async with self._connections.stream("GET", url, headers=headers) as response:
            yield response

    async def _keep_distance(self) -> None:
        due_at = self._last_at + max(self._limits.delay_s, self.gap_s)
        if (wait_s := due_at - self._clock.now()) > 0:
            await self._clock.sleep(wait_s)
        self._last_at = self._clock.now()

    def _asked_wait_s(self, answer: Answer) -> float | None:
        text = answer.headers.get("retry-after", "").strip()
        if answer.status not in BUSY or not text:
            return None
        if text.isascii() and text.isdigit():
            return float(text)
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (moment - self._clock.today()).total_seconds())


@asynccontextmanager
async def fetcher(
    guard: Guard, *, limits: Limits, agent: str, clock: Clock, tls: ssl.SSLContext | None
) -> AsyncIterator[Fetcher]:
    async with connect.pool(guard, tls=tls) as connections:
        yield Fetcher(connections, limits=limits, agent=agent, clock=clock)


def _words_of(err: BaseException) -> str:
    """The library's own errors are empty or vague; what lies below them all says what happened."""
    words: list[str] = []
    at: BaseException | None = err
    while at is not None:
        words.append(str(at))
        at = at.__cause__ or at.__context__
    said = [text for text in words if text] or [type(err).__name__]
    return said[0] if said[0] == said[-1] else f"{said[0]}: {said[-1]}"


async def _read(response: httpcore.Response, want: Want) -> Answer:
    headers = httpx.Headers(response.headers)
    if response.status != 200:
        return Answer(response.status, headers, b"")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if want.types and media_type and media_type not in want.types:
        raise Unremarkable(f"it is {media_type}")
    announced = headers.get("content-length", "")
    too_large = Skipped(f"it is larger than {want.max_bytes} bytes")
    if not want.is_cut and announced.isdigit() and int(announced[:18]) > want.max_bytes:
        raise too_large
    content, was_cut = await body.collect(
        response.aiter_stream(), encoding=headers.get("content-encoding", ""), max_bytes=want.max_bytes
    )
    if was_cut and not want.is_cut:
        raise too_large
    return Answer(response.status, headers, content)
