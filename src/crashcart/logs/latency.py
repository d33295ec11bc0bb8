"""Distributions of durations: counts in bins of 4 %, which add up exactly whoever counted them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

_SHORTEST_S: Final = 1e-6
_PER_DOUBLING: Final = 16
BINS: Final = 40 * _PER_DOUBLING  # up to 12 days

Bins = npt.NDArray[np.int64]


def binned(seconds: npt.NDArray[np.float64]) -> Bins:
    """Return how many durations fall into each bin; NaN falls into none."""
    known = seconds[~np.isnan(seconds)]
    place = np.log2(np.maximum(known, _SHORTEST_S) / _SHORTEST_S) * _PER_DOUBLING
    return np.bincount(np.minimum(place.astype(np.int64), BINS - 1), minlength=BINS).astype(np.int64)


def quantiles(bins: Bins, shares: Sequence[float]) -> tuple[float, ...]:
    """Return those quantiles in seconds, by the middle of their bins."""
    running = np.cumsum(bins)
    places = [int(np.searchsorted(running, share * running[-1])) for share in shares]
    return tuple(float(_SHORTEST_S * 2 ** ((place + 0.5) / _PER_DOUBLING)) for place in places)
