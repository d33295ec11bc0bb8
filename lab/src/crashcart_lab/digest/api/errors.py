"""One body for every error: what it is called, what happened, and when."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

logger = logging.getLogger(__name__)

RETRY_S = "5"


def add(app: FastAPI) -> None:
    """Give every error of the application the same body."""

    @app.exception_handler(HTTPException)
    async def refused(_request: Request, err: HTTPException) -> JSONResponse:
        return _body(err.status_code, str(err.detail), err.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, err: RequestValidationError) -> JSONResponse:
        return _body(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(_line(problem) for problem in err.errors()))

    @app.exception_handler(OperationalError)
    async def no_database(request: Request, err: OperationalError) -> JSONResponse:
        return _unavailable(request, err)

    @app.exception_handler(PoolTimeout)
    async def no_connection(request: Request, err: PoolTimeout) -> JSONResponse:
        return _unavailable(request, err)


def failed(err: Exception, *, debug: bool) -> JSONResponse:
    """Answer for what nobody foresaw. What exactly it was is for the log, unless this is a debugging session."""
    return _body(HTTPStatus.INTERNAL_SERVER_ERROR, str(err) if debug else "An error occurred, see the log")


def too_many(wait_s: float) -> JSONResponse:
    seconds = str(math.ceil(wait_s))
    return _body(HTTPStatus.TOO_MANY_REQUESTS, f"too many requests: wait {seconds} s", {"Retry-After": seconds})


def too_large(most_bytes: int) -> JSONResponse:
    return _body(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request may have {most_bytes} bytes")


def _unavailable(request: Request, err: Exception) -> JSONResponse:
    logger.error("%s %s failed: %s", request.method, request.url.path, err, exc_info=err)
    message = "the database does not answer, try again"
    return _body(HTTPStatus.SERVICE_UNAVAILABLE, message, {"Retry-After": RETRY_S})


def _body(status: int, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    try:
        name = HTTPStatus(status).phrase
    except ValueError:  # a status that the standard does not know
        name = "Error"
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
    return JSONResponse({"error": name, "message": message, "timestamp": stamp}, status, headers)


def _line(problem: Mapping[str, Any]) -> str:
    place: Sequence[object] = problem["loc"]
    return ".".join(str(part) for part in place) + ": " + str(problem["msg"])
