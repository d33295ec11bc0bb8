"""How the provider misbehaves, as rules that its control sets while it runs."""

from __future__ import annotations

import random
import time
from collections import deque
from enum import Enum

from pydantic import BaseModel, Field

MINUTE_S = 60.0


class Kind(Enum):
    """What a rule does to a request."""

    LATENCY = "latency"
    HANG = "hang"
    STATUS = "status"
    RATE_LIMIT = "rate_limit"
    QUOTA = "quota"
    REGION = "region"
    TRICKLE = "trickle"
    MALFORMED = "malformed"
    CUT = "cut"


class Body(Enum):
    """What a malformed answer has in the place of a document."""

    HALF = "half"
    PAGE = "page"
    EMPTY = "empty"
    OTHER = "other"


class Scope(Enum):
    ALL = "all"
    CHAT = "chat"


class Rule(BaseModel):
    """One disturbance.

    `fraction` of the requests in scope are hit; with `per_minute` set, only those beyond that
    many in the last minute. `seconds` is the delay of *latency*, the Retry-After of *rate_limit*,
    and how long *trickle* keeps a connection alive with blanks before the answer comes; `status`
    belongs to *status*; `window` and `limit` to the text of *rate_limit*; `body` to *malformed*;
    `code` to *quota*.
    """

    model_config = {"extra": "forbid", "frozen": True}

    kind: Kind
    scope: Scope = Scope.ALL
    fraction: float = Field(default=1.0, gt=0, le=1)
    per_minute: int | None = Field(default=None, ge=0)
    seconds: float = Field(default=1.0, ge=0)
    status: int = Field(default=500, ge=400, le=599)
    window: str = "requests per min (RPM)"
    limit: int = Field(default=3, ge=0)
    body: Body = Body.HALF
    code: str = "insufficient_quota"


class Rules:
    """The rules in force, and the chance and the counts that they need."""

    def __init__(self, *, seed: int) -> None:
        self._chance = random.Random(seed)
        self._rules: list[tuple[Rule, deque[float]]] = []

    def set(self, rules: list[Rule]) -> None:
        self._rules = [(rule, deque()) for rule in rules]

    def current(self) -> list[Rule]:
        return [rule for rule, _ in self._rules]

    def hits(self, *, is_chat: bool) -> list[Rule]:
        """Return the rules that this request meets, in the order they were set."""
        now = time.monotonic()
        return [
            rule
            for rule, seen in self._rules
            if (is_chat or rule.scope is Scope.ALL)
            and self._chance.random() < rule.fraction
            and _is_over(rule, seen, now)
        ]


def _is_over(rule: Rule, seen: deque[float], now: float) -> bool:
    if rule.per_minute is None:
        return True
    while seen and seen[0] < now - MINUTE_S:
        seen.popleft()
    if len(seen) >= rule.per_minute:
        return True
    seen.append(now)
    return False
