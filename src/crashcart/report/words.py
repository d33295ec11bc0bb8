"""Probabilities, weights and times as people say them."""

from __future__ import annotations

from datetime import datetime

from crashcart.model.diagnosis import Diagnosis, Verdict

# Until a table of field outcomes exists, a report says these words and keeps the number behind `why`.
_LIKELY = (
    (0.99, "almost certain"),
    (0.95, "very likely"),
    (0.8, "likely"),
    (0.5, "more likely than not"),
    (0.1, "possible"),
)


def likely(p: float) -> str:
    """Return a probability in words."""
    return next((word for limit, word in _LIKELY if p >= limit), "unlikely" if p > 0 else "ruled out")


def clock(moment: datetime) -> str:
    """Return an instant to the second, in UTC."""
    return moment.strftime("%H:%M:%S")


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago that was."""
    seconds = max(0.0, (now - moment).total_seconds())
    if seconds < 90:
        return f"{seconds:.0f} s ago"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min ago"
    return f"{seconds / 3600:.0f} h ago" if seconds < 172800 else f"{seconds / 86400:.0f} d ago"


def headline(diagnosis: Diagnosis) -> str:
    """Return the verdict as one sentence."""
    if not diagnosis.judged:
        return "I could see nothing."
    match diagnosis.verdict:
        case Verdict.NOTHING_WRONG:
            return "Nothing wrong that I can see."
        case Verdict.NONE_KNOWN:
            return "Something is wrong, and it is none of the problems I know."
        case Verdict.UNDECIDED:
            return "I cannot tell these apart with what I could see."
        case Verdict.DECIDED:
            first = diagnosis.first
            return f"{likely(first.p).capitalize()}: {first.title} ({first.target})" if first else ""
