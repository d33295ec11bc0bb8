"""How old an entry of a queue is, where it tells. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

# Where task libraries and hand-made queues put the time of an entry.
_NAMES = ("timestamp", "enqueued_at", "enqueue_time", "created_at", "message_timestamp", "sent_at", "queued_at")
_LONGEST_S = 3650 * 86400.0


def oldest_s(entries: Iterable[bytes], shape: str, now: datetime) -> float | None:
    """Return the age of the oldest of these entries, None when none of them tells. What lies ahead is not old."""
    ages = [age for age in (_age_s(entry, shape, now) for entry in entries) if age is not None]
    return max(ages, default=None)


def _age_s(entry: bytes, shape: str, now: datetime) -> float | None:
    text = entry.decode("utf-8", "replace").strip()
    if shape == "stream":  # MILLISECONDS-NUMBER
        return _since(text.partition("-")[0], now)
    if shape == "zset":
        return _since(text, now)
    return _since(text, now) if not text.startswith("{") else _in_json(text, now)


def _in_json(text: str, now: datetime) -> float | None:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    levels = [found]
    for name in ("headers", "properties", "options", "meta"):
        levels.append(found.get(name) if isinstance(found, dict) else None)
    for level in levels:
        for name in _NAMES:
            age = _since(level.get(name), now) if isinstance(level, dict) else None
            if age is not None:
                return age
    return None


def _since(value: object, now: datetime) -> float | None:
    """Return the seconds since a moment: seconds or milliseconds since 1970, or ISO 8601; None when it is none."""
    try:
        at_s = float(value) if isinstance(value, str | int | float) else None
    except ValueError:
        at_s = _iso_s(str(value))
    if at_s is None:
        return None
    age = now.timestamp() - (at_s / 1000 if at_s > 1e11 else at_s)
    # A number that is no time would be decades old.
    return max(0.0, age) if -_LONGEST_S < age < _LONGEST_S else None


def _iso_s(text: str) -> float | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
