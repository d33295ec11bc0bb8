"""Maintenance windows as the system file writes them: `Mon-Fri 09:00-17:00`, `22:00-06:00`, in UTC."""

from __future__ import annotations

import re

from crashcart.model.plan import Window

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = "|".join(DAYS)
_WINDOW = re.compile(
    rf"(?:(?P<days>(?:{_DAY})(?:-(?:{_DAY}))?(?:,(?:{_DAY})(?:-(?:{_DAY}))?)*) )?"
    r"(?P<h1>[01]\d|2[0-3]):(?P<m1>[0-5]\d)-(?:(?P<h2>[01]\d|2[0-3]):(?P<m2>[0-5]\d)|(?P<midnight>24:00))"
)


def parse_window(text: str) -> Window:
    """Return a window. Without days it is for all of them; one that ends before it begins goes on past midnight.

    Raises:
        ValueError: it is none.
    """
    found = _WINDOW.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'"{text}" is no window of time')
    days = _days(found["days"]) if found["days"] else tuple(range(7))
    begin = int(found["h1"]) * 60 + int(found["m1"])
    end = 24 * 60 if found["midnight"] else int(found["h2"]) * 60 + int(found["m2"])
    if begin == end:
        raise ValueError(f'"{text}" begins when it ends')
    return Window(days, begin, end)


def show_window(window: Window) -> str:
    """Return a window as the system file writes it."""
    days = "" if len(window.days) == len(DAYS) else ",".join(DAYS[day] for day in window.days) + " "
    return f"{days}{_clock(window.begin_min)}-{_clock(window.end_min)}"


def _days(text: str) -> tuple[int, ...]:
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        begin = DAYS.index(first)
        span = (DAYS.index(last or first) - begin) % len(DAYS)
        found |= {(begin + step) % len(DAYS) for step in range(span + 1)}
    return tuple(sorted(found))


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
