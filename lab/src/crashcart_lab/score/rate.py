"""Counts with their bounds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# The 97.5 % point of the normal distribution: two-sided bounds of 95 %.
Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something was so, with Wilson's bounds for 95 %."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.hits / self.of if self.of else 0.0


def wilson(hits: int, of: int) -> Rate:
    """Return the rate with its bounds: Wilson's score interval (1927), without correction for continuity."""
    if of == 0:
        return Rate(0, 0, 0.0, 1.0)
    share, zz = hits / of, Z95 * Z95
    middle = share + zz / (2 * of)
    spread = Z95 * math.sqrt(share * (1 - share) / of + zz / (4 * of * of))
    scale = 1 + zz / of
    return Rate(hits, of, round(max(0.0, (middle - spread) / scale), 4), round(min(1.0, (middle + spread) / scale), 4))


def rate(truths: Iterable[bool]) -> Rate:
    counted = list(truths)
    return wilson(sum(counted), len(counted))


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else 0.0


def p95(values: Sequence[float]) -> float:
    """Return the smallest value that 95 % do not exceed (nearest rank)."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1] if values else 0.0
