"""Numbers that code and configuration compare with or bound by: validation, rates, alarms. Plain settings are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crashcart.guides.foreign.nouns import Meaning
from crashcart.guides.foreign.text import word_set
from crashcart.guides.foreign.units import unit_of

_DIGIT = re.compile(r"\d")
_N = r"(\d+(?:\.\d+)?)"
_COMPARE = re.compile(
    rf"\b(?:el)?(?:if|while|when)\b[^\n]{{0,120}}?\b([A-Za-z_][\w.]{{2,60}})(?:\([^()]{{0,40}}\))?\s*(>=?|<=?)\s*{_N}\s*[:){{;\]]"
)
_BOUND = re.compile(rf"\b(ge|gt|le|lt|minimum|maximum|min_value|max_value|minLength|maxLength)[\"']?\s*[=:]\s*{_N}\b")
_RATE = re.compile(rf"[\"'`]{_N}\s?/\s?(second|minute|hour|day|s|m|h|d)[\"'`]")
_NAMED_RATE = re.compile(rf"\b([A-Z][A-Z0-9_]*_PER_(SECOND|MINUTE|HOUR|DAY))\s*[=:]\s*{_N}\b")
_NAMED = re.compile(
    rf"(?<![\w.-])-{{0,2}}([A-Za-z][\w.-]{{2,60}})[\"']?\s*[=:]\s*{_N}\s?(ms|s|m|h|%|[KMG]i?B)?(?![\w.])"
)
_ENDS = ("threshold", "percent", "timeout_seconds", "timeout_ms", "_timeout")
# SQLite and PostgreSQL count these in milliseconds when no unit is given.
_MILLISECONDS = word_set(
    "busy_timeout statement_timeout lock_timeout idle_in_transaction_session_timeout idle_session_timeout"
)
_PROGRAM = re.compile(r"^\s*(?:assert|if|elif|while|return|for|const|let|var|else|await|print|console)\b|[;{]\s*$")
_FIND_AGE = re.compile(rf"\s-m(time|min)\s+([+-]){_N}\b")
_PROMQL = re.compile(
    rf"^(?=[^\n]*[({{\[])[^\n\"'#=]{{0,300}}?\b([a-z][\w:]{{3,80}})[^\n#]{{0,300}}?\s(>=?|<=?|==)\s{_N}\s*$"
)
_BOUNDS = {
    "ge": ">=",
    "gt": ">",
    "le": "<=",
    "lt": "<",
    "minimum": ">=",
    "maximum": "<=",
    "min_value": ">=",
    "max_value": "<=",
    "minLength": ">=",
    "maxLength": "<=",
}
_PERIODS = {
    "second": "/s",
    "s": "/s",
    "minute": "/min",
    "m": "/min",
    "hour": "/h",
    "h": "/h",
    "day": "/day",
    "d": "/day",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A number of code or configuration that bounds something."""

    metric: str
    relation: str
    value: float
    unit: str
    meaning: Meaning


def settings_in(line: str) -> Iterator[Setting]:
    """Return the bounds in a line of code or configuration."""
    if not _DIGIT.search(line):
        return
    for found in _COMPARE.finditer(line):
        if unit_in(found.group(1)):
            yield Setting(found.group(1), found.group(2), float(found.group(3)), unit_in(found.group(1)), Meaning.ALARM)
    for found in _BOUND.finditer(line):
        yield Setting(found.group(1), _BOUNDS[found.group(1)], float(found.group(2)), "", Meaning.LIMIT)
    for found in _RATE.finditer(line):
        yield Setting("rate", "<=", float(found.group(1)), _PERIODS[found.group(2)], Meaning.LIMIT)
    for found in _NAMED_RATE.finditer(line):
        yield Setting(found.group(1), "<=", float(found.group(3)), _PERIODS[found.group(2).casefold()], Meaning.LIMIT)
    for found in _NAMED.finditer(line):
        setting = _named(found)
        if setting is not None:
            yield setting
    for found in _FIND_AGE.finditer(line):
        unit = "days" if found.group(1) == "time" else "min"
        yield Setting("age", ">" if found.group(2) == "+" else "<", float(found.group(3)), unit, Meaning.LIMIT)
    for found in _PROMQL.finditer(line) if not _PROGRAM.search(line) else ():
        yield Setting(
            found.group(1),
            found.group(2).replace("==", "="),
            float(found.group(3)),
            unit_in(found.group(1)),
            Meaning.ALARM,
        )


def _named(found: re.Match[str]) -> Setting | None:
    """Return the bound that a setting's name says it is: a threshold, a percentage, somebody's timeout."""
    name = re.sub(r"([a-z])([A-Z])", r"\1_\2", found.group(1)).replace("-", "_")
    if name.isupper() or not name.casefold().endswith(_ENDS):
        return None
    unit = unit_of(found.group(3) or "") or unit_in(name)
    value = float(found.group(2))
    if name.endswith("_timeout"):
        return Setting(name, "=", value, unit or ("ms" if name in _MILLISECONDS else "s"), Meaning.LIMIT)
    return Setting(name, ">=" if name.casefold().endswith("threshold") else ">", value, unit, Meaning.LIMIT)


def unit_in(name: str) -> str:
    """Return the unit that a name ends in ("percent_used", "latency_ms"), "" when it has none."""
    words = re.sub(r"([a-z])([A-Z])", r"\1_\2", name).casefold().split("_")
    for word in reversed(words):
        if word in ("percent", "pct", "percentage"):
            return "%"
        if word in ("ms", "millis", "seconds", "secs", "minutes", "hours", "days", "bytes", "mb", "gb", "kb"):
            return unit_of({"millis": "ms", "mb": "MB", "gb": "GB", "kb": "KB"}.get(word, word))
    return ""
