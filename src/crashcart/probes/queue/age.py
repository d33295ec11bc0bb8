"""How old an entry of a queue is, where it tells. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from crashcart.probes.moments import age_s

# Where task libraries and hand-made queues put the time of an entry.
_NAMES = ("timestamp", "enqueued_at", "enqueue_time", "created_at", "message_timestamp", "sent_at", "queued_at")


def oldest_s(entries: Iterable[bytes], shape: str, now: datetime) -> float | None:
    """Return the age of the oldest of these entries, None when none of them tells. What lies ahead is not old."""
    ages = [age for age in (_age_s(entry, shape, now) for entry in entries) if age is not None]
    return max(ages, default=None)


def _age_s(entry: bytes, shape: str, now: datetime) -> float | None:
    text = entry.decode("utf-8", "replace").strip()
    if shape == "stream":  # MILLISECONDS-NUMBER
        return age_s(text.partition("-")[0], now)
    if shape == "zset":
        return age_s(text, now)
    return age_s(text, now) if not text.startswith("{") else _in_json(text, now)


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
            age = age_s(level.get(name), now) if isinstance(level, dict) else None
            if age is not None:
                return age
    return None
