"""Statistics over the samples that a look took while it watched. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from crashcart.model.guide import Stat
from crashcart.model.observation import Sample

FEWEST = 3  # a line through two points always fits, and says nothing about noise
_MADE = (Stat.GROWTH, Stat.MIN, Stat.MEAN, Stat.MAX)


def is_made(stat: Stat) -> bool:
    """Whether a watch of some seconds can tell that statistic: it is too short for percentiles, and adds up nothing."""
    return stat in _MADE


def statistic(stat: Stat, samples: Sequence[Sample]) -> float:
    """Return one of the statistics that can be told; growth is a second, and the slope of the least-squares line.

    Raises:
        ValueError: fewer than FEWEST samples, or all at one moment.
    """
    if len(samples) < FEWEST:
        raise ValueError(f"{len(samples)} samples are too few")
    values = [value for _, value in samples]
    match stat:
        case Stat.MIN:
            return min(values)
        case Stat.MAX:
            return max(values)
        case Stat.MEAN:
            return math.fsum(values) / len(values)
        case _:
            return _slope(samples)


def _slope(samples: Sequence[Sample]) -> float:
    mid_at = math.fsum(at for at, _ in samples) / len(samples)
    mid = math.fsum(value for _, value in samples) / len(samples)
    spread = math.fsum((at - mid_at) ** 2 for at, _ in samples)
    if not spread:
        raise ValueError("all samples are of one moment")
    return math.fsum((at - mid_at) * (value - mid) for at, value in samples) / spread
