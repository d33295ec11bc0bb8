"""The last requests, for whoever looks for the one that went wrong."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import FastAPI, HTTPException
from starlette.types import Scope

from crashcart_lab.digest.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """One request and how it was answered; `at` is ISO 8601 in UTC."""

    at: str
    method: str
    path: str
    query: str
    status: int
    took_s: float


class Recent:
    """The last so many requests; 0 keeps them all."""

    def __init__(self, most: int) -> None:
        self._kept: deque[tuple[datetime, Scope, int, float]] = deque(maxlen=most or None)

    def note(self, scope: Scope, status: int, took_s: float) -> None:
        self._kept.append((datetime.now(UTC), scope, status, took_s))

    def newest(self, count: int) -> list[Asked]:
        return [_asked(*one) for one in list(self._kept)[: -count - 1 : -1]]


def add(app: FastAPI, recent: Recent, settings: Settings) -> None:
    @app.get("/debug/requests")
    def show_requests() -> list[Asked]:
        if not settings.debug:
            raise HTTPException(404, "off: DEBUG=true turns it on")
        return recent.newest(100)


def _asked(at: datetime, scope: Scope, status: int, took_s: float) -> Asked:
    query = scope["query_string"].decode("latin-1")
    stamp = at.isoformat(timespec="milliseconds")
    return Asked(stamp, scope["method"], scope["path"], query, status, round(took_s, 3))
