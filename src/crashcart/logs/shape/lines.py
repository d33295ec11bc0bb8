"""Offsets within a block of bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Offsets = npt.NDArray[np.int64]


def line_starts(ends: Offsets) -> Offsets:
    """Return the offset at which each line begins."""
    starts = np.empty_like(ends)
    starts[:1] = 0
    np.add(ends[:-1], 1, out=starts[1:])
    return starts


def distinct(values: Offsets) -> Offsets:
    """Return the values in order, each once. `np.unique` would import numpy.ma first, for a fifth of a second."""
    found = np.sort(values)
    is_new = np.ones(len(found), np.bool_)
    np.not_equal(found[1:], found[:-1], out=is_new[1:])
    return found[is_new]
