"""Moments as other programs write them down. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

_LONGEST_S = 3650 * 86400.0


def age_s(value: object, now: datetime) -> float | None:
    """Return the seconds since a moment: seconds or milliseconds since 1970, or ISO 8601; None when it is none.

    A time without a zone is UTC. What lies ahead is not old: 0.
    """
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
