"""A service's log of an hour, made: steady, or with an outage, a flood of errors, a job that stops, slow requests."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
MINUTES = 60
SECRET = "correct-horse:battery9staple"


@dataclass(frozen=True)
class Trouble:
    """What goes wrong, by the minute; an empty range is nothing."""

    flood: range = range(0)
    stopped: range = range(0)
    quiet: range = range(0)
    errors_from: int = MINUTES


def lines(trouble: Trouble | None = None, *, minutes: int = MINUTES) -> Iterator[str]:
    """Yield the lines in order of time."""
    went = trouble or Trouble()
    chance = random.Random(11)
    for minute in range(minutes):
        if minute in went.quiet:
            continue
        for second in sorted(chance.randrange(60) for _ in range(40)):
            stamp = (BEGIN + timedelta(minutes=minute, seconds=second)).strftime("%Y-%m-%dT%H:%M:%S.123Z")
            number = chance.randrange(10**6)
            yield f"{stamp} INFO shop.views: order {number} paid in {chance.randrange(20, 90)}ms by user {chance.randrange(99)}"
            if chance.random() < 0.3:
                yield f"{stamp} INFO shop.cache: warmed {number} entries"
            if second % 20 == 0 and minute not in went.stopped:
                yield f"{stamp} INFO shop.beat: heartbeat {number} sent"
            if minute in went.flood:
                yield from (f"{stamp} WARNING shop.pool: pool exhausted, {number + n} waiting" for n in range(12))
            if minute >= went.errors_from and chance.random() < 0.2:
                yield f"{stamp} ERROR shop.pay: payment {number} failed"
                yield from TRACEBACK


TRACEBACK = (
    "Traceback (most recent call last):",
    '  File "/srv/shop/pay.py", line 41, in charge',
    "    answer = client.post(url)",
    '  File "/usr/lib/python3.11/site-packages/httpx/_client.py", line 1144, in post',
    "    raise ReadTimeout(request)",
    "httpx.ReadTimeout: timed out",
)


def block(trouble: Trouble | None = None, *, minutes: int = MINUTES) -> bytes:
    """Return the whole log."""
    return "".join(f"{line}\n" for line in lines(trouble, minutes=minutes)).encode()


def json_lines(count: int = 300) -> bytes:
    """Return JSON lines as services write them, one in ten with an exception."""
    out = []
    for n in range(count):
        is_bad = n % 10 == 0
        record = {
            "time": (BEGIN + timedelta(seconds=n)).isoformat(),
            "level": "error" if is_bad else "info",
            "logger": "digest.worker",
            "message": f"job {n} failed" if is_bad else f"job {n} done",
            "duration_ms": 100 + n % 7,
        }
        if is_bad:
            record["exception"] = "\n".join(TRACEBACK)
        out.append(json.dumps(record))
    return ("\n".join(out) + "\n").encode()
