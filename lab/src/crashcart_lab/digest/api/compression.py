"""Compressed answers for those who take them."""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

FROM_BYTES = 1000


class Compression:
    """The framework's own compression, and past it for clients that do not ask: it takes as long as a small answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._compressing = GZipMiddleware(app, minimum_size=FROM_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._compressing if _takes_gzip(scope) else self._app)(scope, receive, send)


def _takes_gzip(scope: Scope) -> bool:
    return scope["type"] == "http" and any(
        name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"]
    )
