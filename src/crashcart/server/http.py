"""The receiver's pages: `POST /alerts`, `/health`, `/metrics`."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import sqlite3
import time
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crashcart.alerts import MAX_PAYLOAD_BYTES
from crashcart.errors import UsageError
from crashcart.server.counts import Counts
from crashcart.server.reception import Reception
from crashcart.server.settings import HookSettings
from crashcart.storage.alerts import InboxFull

BODY_WITHIN_S = 10.0
_RETRY_AFTER_S = "30"
_HEADER = "x-crashcart-secret"
_PAGERDUTY = "x-pagerduty-signature"


def pages(settings: HookSettings, reception: Reception, counts: Counts, ailing: Callable[[], str]) -> Starlette:
    """Return the application. `ailing` says what does not work, "" when all does."""

    async def alerts(request: Request) -> Response:
        response = await _alerts(request, settings, reception, counts)
        counts.request(response.status_code)
        return response

    async def health(request: Request) -> Response:
        why = ailing()
        try:
            standing = await reception.inbox(lambda inbox: inbox.standing())
        except sqlite3.Error as error:
            return JSONResponse({"status": "ailing", "why": f"the inbox: {error}"}, 503)
        told = {"waiting": standing.waiting, "undelivered": standing.undelivered}
        return JSONResponse(
            {"status": "ailing", "why": why, **told} if why else {"status": "ok", **told}, 503 if why else 200
        )

    async def metrics(request: Request) -> Response:
        standing = await reception.inbox(lambda inbox: inbox.standing())
        return PlainTextResponse(counts.text(standing), media_type="text/plain; version=0.0.4")

    return Starlette(
        routes=[
            Route("/alerts", alerts, methods=["POST"]),
            Route("/alerts/{system}", alerts, methods=["POST"]),
            Route("/health", health),
            Route("/metrics", metrics),
        ]
    )


async def _alerts(request: Request, settings: HookSettings, reception: Reception, counts: Counts) -> Response:
    signature = request.headers.get(_PAGERDUTY, "")
    if not signature and not _knows_secret(request, settings.secret):
        return _refused(401, "the secret is missing or wrong", {"WWW-Authenticate": "Bearer"})
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            data = await _body(request)
    except TimeoutError:
        return _refused(408, f"the body took more than {BODY_WITHIN_S:g} s")
    except ClientDisconnect:
        return _refused(400, "the sender went away")
    if data is None:
        return _refused(413, f"a payload may have {MAX_PAYLOAD_BYTES:,} bytes")
    if signature and not _is_signed(data, signature, settings.secret):
        return _refused(401, "the signature is wrong")
    began = time.monotonic()
    try:
        accepted = await reception.accept(data, request.path_params.get("system", ""))
    except UsageError as error:
        return _refused(400, f"{error.what}; try {error.hint}" if error.hint else error.what)
    except InboxFull:
        return _refused(503, f"{settings.max_waiting:,} alerts wait already", {"Retry-After": _RETRY_AFTER_S})
    except sqlite3.Error as error:
        return _refused(503, f"it cannot be written: {error}", {"Retry-After": _RETRY_AFTER_S})
    counts.accepted(accepted, time.monotonic() - began)
    told = {"new": accepted.new, "repeats": accepted.repeats, "resolved": accepted.resolved}
    return JSONResponse(told, 202)


async def _body(request: Request) -> bytes | None:
    """Return the body, None when it is too large: then the rest of it is not read."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > MAX_PAYLOAD_BYTES:
            return None
    return bytes(found)


def _knows_secret(request: Request, secret: str) -> bool:
    if not secret:
        return True
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    told = token.strip() if scheme.lower() == "bearer" else request.headers.get(_HEADER, "")
    return hmac.compare_digest(told.encode("utf-8", "surrogateescape"), secret.encode())


def _is_signed(data: bytes, header: str, secret: str) -> bool:
    """Whether one of PagerDuty's signatures is ours: it sends several while a secret is being changed."""
    if not secret:
        return True
    own = "v1=" + hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()
    return any(
        hmac.compare_digest(one.strip().encode("utf-8", "surrogateescape"), own.encode()) for one in header.split(",")
    )


def _refused(status: int, why: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": why}, status, headers=headers)
