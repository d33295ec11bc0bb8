"""What holds for every request: a log line, a count, a limit, headers, and an answer when all else fails.

One plain ASGI layer. As five layers of the framework's own kind it took more time than the requests themselves.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crashcart_lab.digest.api.errors import failed, too_large, too_many
from crashcart_lab.digest.api.recent import Recent
from crashcart_lab.digest.metrics import Metrics

logger = logging.getLogger(__name__)

LINE = "%s %s - %d - %.3fs"
MOST_BODY_BYTES = 1_000_000
# Answers are data or pages of our own: nothing is to be framed, sniffed, or loaded from elsewhere.
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"vary", b"Accept-Encoding"),  # a cache must not give a compressed answer to who cannot read it
    (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"),
)
# The interactive documentation of the framework loads its scripts from elsewhere, and says so inline.
UNRESTRICTED = ("/docs", "/redoc")


@dataclass(frozen=True, slots=True)
class Limit:
    """How often one client may send any of some requests, written as in "POST /scrape"; none means all."""

    name: str
    rates: Sequence[RateLimitItem]
    requests: frozenset[str] = frozenset()

    def covers(self, scope: Scope) -> bool:
        return not self.requests or f"{scope['method']} {scope['path']}" in self.requests


class Frame:
    """The outermost layer."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, limits: Sequence[Limit], recent: Recent, debug: bool) -> None:
        self._app = app
        self._recent = recent
        self._metrics = metrics
        self._limits = limits
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._debug = debug
        # Looking a labelled counter up takes longer than counting.
        self._counters: dict[tuple[str, str, int], _Counters] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send)
        began = time.perf_counter()
        try:
            await self._answer(scope, receive, exchange)
        except Exception as err:
            logger.exception("unhandled error in %s %s", scope["method"], scope["path"])
            if exchange.status:  # half an answer is out: only closing the connection tells the client
                raise
            await failed(err, debug=self._debug)(scope, receive, exchange.send)
        finally:
            self._note(scope, exchange.status, time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, exchange: _Exchange) -> None:
        if (wait_s := self._must_wait(scope)) is not None:
            await too_many(wait_s)(scope, receive, exchange.send)
        elif _announced_bytes(scope) > MOST_BODY_BYTES:
            await too_large(MOST_BODY_BYTES)(scope, receive, exchange.send)
        else:
            await self._app(scope, _Bounded(receive).receive if scope["method"] == "POST" else receive, exchange.send)

    def _must_wait(self, scope: Scope) -> float | None:
        client = scope["client"][0] if scope.get("client") else "unknown"
        for limit in self._limits:
            if limit.covers(scope):
                for rate in limit.rates:
                    key = (limit.name, client)
                    if not self._limiter.hit(rate, *key):
                        return max(0.0, self._limiter.get_window_stats(rate, *key).reset_time - time.time())
        return None

    def _note(self, scope: Scope, status: int, took_s: float) -> None:
        method, route = scope["method"], _route(scope)
        counters = self._counters.get((method, route, status))
        if counters is None:
            counters = self._counters[method, route, status] = _Counters(self._metrics, method, route, status)
        counters.note(took_s)
        self._recent.note(scope, status, took_s)
        level = logging.WARNING if status >= 400 or not status else logging.INFO
        if logger.isEnabledFor(level):
            # What `logger.log` does, without walking the stack to find out that we are here.
            values = (method, scope["path"], status, took_s)
            logger.handle(logger.makeRecord(logger.name, level, __file__, 0, LINE, values, None, "_note"))


class _Counters:
    """The counters of one kind of answer."""

    def __init__(self, metrics: Metrics, method: str, route: str, status: int) -> None:
        self._count = metrics.requests.labels(method, route, str(status))
        self._latency = metrics.latency.labels(route)

    def note(self, took_s: float) -> None:
        self._count.inc()
        self._latency.observe(took_s)


class _Exchange:
    """Sends an answer on, with our headers, and remembers its status (0 until there is one)."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        self._is_restricted = not scope["path"].startswith(UNRESTRICTED)
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message["headers"], *(HEADERS if self._is_restricted else HEADERS[:-1])]}
        await self._send(message)


class _Bounded:
    """Receives a body, and ends it when it has more bytes than any request of ours needs."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._bytes = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        # A client that does not announce the length and sends for ever: to the service it has gone away.
        return message if self._bytes <= MOST_BODY_BYTES else {"type": "http.disconnect"}


def _announced_bytes(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _route(scope: Scope) -> str:
    """Return the path with placeholders: what a client makes up must not become a label of its own."""
    route = scope.get("route")
    return str(getattr(route, "path", "")) or "unknown"
