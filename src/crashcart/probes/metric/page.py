"""Prometheus' text format, and selectors over it. Pure."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABELS = r"\{(?:[^\"}]|\"(?:[^\"\\]|\\.)*+\")*+\}"
_LINE = re.compile(rf"(?P<name>{_NAME})(?P<labels>{_LABELS})?[ \t]+(?P<value>[^ \t]+)")
_LABEL = re.compile(r"\s*(?P<name>[a-zA-Z_]\w*)\s*(?P<how>=~|!~|!=|=)\s*\"(?P<value>(?:[^\"\\]|\\.)*)\"\s*,?")
_ESCAPE = re.compile(r"\\(.)")
# A small part of what Prometheus takes, of which no text makes the search explode: no groups, nothing repeated twice.
_SAFE = re.compile(r"(?:[\w :/|-]|\\[.|+*?]|\[[\w-]+\]|\.(?:[*+]|(?![*+?{])))*")


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a page."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Selector:
    """Which series are meant; `labels` are (name, how, value)."""

    name: str
    labels: tuple[tuple[str, str, str], ...] = ()

    def takes(self, series: Series, name: str = "") -> bool:
        """Whether the series is one of them; `name` stands for that of the selector."""
        return series.name == (name or self.name) and all(
            _agrees(series.labels.get(label, ""), how, value) for label, how, value in self.labels
        )


def _agrees(found: str, how: str, value: str) -> bool:
    is_it = re.fullmatch(value, found) is not None if how.endswith("~") else found == value
    return is_it is not how.startswith("!")


def selector(text: str) -> Selector | None:
    """Return what `name{label="value"}` means; None when it cannot be read."""
    match = re.fullmatch(rf"\s*(?P<name>{_NAME})\s*(?P<labels>{_LABELS})?\s*", text)
    labels = _labels(match["labels"]) if match else None
    if match is None or labels is None:
        return None
    if any(how.endswith("~") and not (_SAFE.fullmatch(value) and _is_pattern(value)) for _, how, value in labels):
        return None
    return Selector(match["name"], labels)


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _labels(text: str | None) -> tuple[tuple[str, str, str], ...] | None:
    found: list[tuple[str, str, str]] = []
    inner = (text or "")[1:-1].strip()
    at = 0
    while at < len(inner):
        match = _LABEL.match(inner, at)
        if match is None:
            return None
        found.append((match["name"], match["how"], _ESCAPE.sub(_unescaped, match["value"])))
        at = match.end()
    return tuple(found)


def _unescaped(match: re.Match[str]) -> str:
    if match[1] in '"\\':
        return match[1]
    return "\n" if match[1] == "n" else match[0]  # of a pattern, `\.` stays


def parse(text: str) -> tuple[Sequence[Series], int]:
    """Return the series of a page, and how many lines are no series and no comment."""
    found: list[Series] = []
    odd = 0
    for line in _lines(text):
        match = _LINE.match(line)
        value = _number(match["value"]) if match else None
        labels = _labels(match["labels"]) if match else None
        if match is None or value is None or labels is None:
            odd += 1
            continue
        found.append(Series(match["name"], {name: text for name, _, text in labels}, value))
    return found, odd


def _lines(text: str) -> Iterator[str]:
    return (line for line in map(str.strip, text.split("\n")) if line and not line.startswith("#"))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def quantile(series: Sequence[Series], wanted: Selector, share: float) -> float | None:
    """Return a quantile of a histogram as Prometheus computes it; None when there is none, or nothing was counted."""
    name = wanted.name.removesuffix("_bucket") + "_bucket"
    counts: dict[float, float] = defaultdict(float)
    for one in series:
        bound = _number(one.labels.get("le", "")) if wanted.takes(one, name) else None
        if bound is not None and math.isfinite(one.value):
            counts[bound] += one.value
    bounds = sorted(counts)
    if not bounds or bounds[-1] != math.inf or len(bounds) < 2 or not counts[math.inf] > 0:
        return None
    rank = share * counts[math.inf]
    at = next((place for place, bound in enumerate(bounds) if counts[bound] >= rank), len(bounds) - 1)
    if bounds[at] == math.inf:
        return bounds[at - 1]  # above all bounds: the highest is all that is known
    low, below = (bounds[at - 1], counts[bounds[at - 1]]) if at else (min(0.0, bounds[0]), 0.0)
    inside = counts[bounds[at]] - below
    return bounds[at] if inside <= 0 else low + (bounds[at] - low) * (rank - below) / inside
