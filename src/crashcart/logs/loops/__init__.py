"""The inner loops of the pass: in C where that was built, else as array work. Both give the same, byte for byte."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from crashcart.logs.loops import plain
from crashcart.logs.loops.library import FormTable, loaded
from crashcart.logs.loops.stamp import Stamp

Ints = npt.NDArray[np.int64]


def line_ends(data: bytes) -> Ints:
    """Return the offset of the end of each line: of its newline, or the end of the data if that is missing."""
    return (loaded() or plain).line_ends(data)


def lines_before(data: bytes, places: Ints) -> Ints:
    """Return how many lines end before each of some ascending places: for a few, in half the time of `line_ends`."""
    return (loaded() or plain).lines_before(data, places)


def find(data: bytes, text: bytes, begins: Ints, ends: Ints, *, is_last: bool = False) -> Ints:
    """Return where a text first (or last) begins in each range of the data, -1 for nowhere."""
    return (loaded() or plain).find(data, text, begins, ends, is_last=is_last)


def stamps(data: bytes, places: Ints, stamp: Stamp) -> tuple[Ints, Ints, Ints]:
    """Return which of the places hold such a stamp, the second of each, and which of these begin another minute."""
    return (loaded() or plain).stamps(data, places, stamp)


def durations(data: bytes, places: Ints, ends: Ints, *, unit_s: float) -> npt.NDArray[np.float64]:
    """Return the seconds that stand at these places: a number and its unit, or `unit_s` where none follows (0: skip
    it); NaN where there is no number, or nobody knows of what."""
    return (loaded() or plain).durations(data, places, ends, unit_s=unit_s)


def form_table(*, room: int) -> FormTable | None:
    """Return an empty table of forms, None where the loops are array work: there, texts are looked up instead."""
    library = loaded()
    return FormTable(library, room=room) if library is not None else None
