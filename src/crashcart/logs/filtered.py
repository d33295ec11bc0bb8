"""Which records are asked for: those of a span of time, those that hold a text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crashcart.logs.shape.lines import Offsets
from crashcart.logs.shape.shaper import Shaped

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Window:
    """From `since_s` to `until_s`, both included; None is open. Records without a moment are in no window of time."""

    since_s: int | None = None
    until_s: int | None = None
    text: bytes = b""


def kept(data: bytes, shaped: Shaped, rows: Offsets, window: Window) -> Bools:
    """Say which of the lines are asked for. A record counts as long as its part of this block has the text."""
    is_kept = np.ones(len(rows), np.bool_)
    seconds = shaped.seconds[rows]
    if window.since_s is not None:
        is_kept &= seconds >= window.since_s
    if window.until_s is not None:
        is_kept &= (seconds <= window.until_s) & (seconds >= 0)
    if window.text:
        is_kept &= _has(data, shaped, rows, window.text)
    return is_kept


def _has(data: bytes, shaped: Shaped, rows: Offsets, text: bytes) -> Bools:
    """Say which rows, with the lines below them up to the next row, hold the text."""
    found = np.zeros(len(rows), np.bool_)
    begins = shaped.starts[rows]
    at = data.find(text)
    while at >= 0:
        row = int(np.searchsorted(begins, at, side="right")) - 1
        if row >= 0:
            found[row] = True
        end = int(begins[row + 1]) if row + 1 < len(rows) else len(data)
        at = data.find(text, max(end, at + 1))
    return found
