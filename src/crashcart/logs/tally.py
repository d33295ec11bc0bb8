"""How many records of each form and level came when: exact, in buckets as fine as the room allows."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from crashcart.logs.shape.lines import Offsets
from crashcart.logs.shape.stamps import UNDATED

LEVEL_BITS: Final = 3
_FORM_BITS: Final = 18  # as many ids as a miner gives out
_SLOT_BITS: Final = _FORM_BITS + LEVEL_BITS
_CELLS: Final = 262_144  # 4 MiB; a hundred statements over half an hour by the second
_PENDING: Final = 4 * _CELLS
# Each width holds the one before a whole number of times, so that coarser counts are sums of finer ones.
WIDTHS: Final = (1, 5, 15, 60, 300, 900, 3600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_419_200, 29_030_400)

Ints = npt.NDArray[np.int64]


def coarser(width_s: int, *, at_least: float) -> int:
    """Return the first width from `width_s` on that is as long as asked for, or the longest."""
    return next((width for width in WIDTHS if width >= max(width_s, at_least)), WIDTHS[-1])


class Tally:
    """Counts by (bucket, form, level).

    Buckets become coarser only when there are too many cells, so the final width depends on what was counted, and not
    on the order or on how the work was shared.
    """

    def __init__(self) -> None:
        self.width_s = WIDTHS[0]
        self._keys: Ints = np.empty(0, np.int64)
        self._counts: Ints = np.empty(0, np.int64)
        self._pending: list[tuple[Ints, Ints]] = []
        self._waiting = 0

    def add(self, seconds: Offsets, slots: Offsets) -> None:
        """Count records; a slot is `form << LEVEL_BITS | level`, a second before 1970 or UNDATED has no moment."""
        keys, counts = _counted(_buckets(seconds, self.width_s) << _SLOT_BITS | slots, None)
        self._take(keys, counts)

    def merge(self, other: Tally, forms: npt.NDArray[np.int32]) -> None:
        """Add what another one counted, whose form ids are `forms[id]` here."""
        other._settle()
        while self.width_s < other.width_s:
            self._settle()
            self._widen()
        keys, counts = other._keys, other._counts
        if other.width_s < self.width_s:
            keys = _widened(keys, self.width_s // other.width_s)
        low = (1 << LEVEL_BITS) - 1
        form = (keys >> LEVEL_BITS) & ((1 << _FORM_BITS) - 1)
        mapped = (keys >> _SLOT_BITS << _SLOT_BITS) | (forms[form].astype(np.int64) << LEVEL_BITS) | (keys & low)
        self._take(*_counted(mapped, counts))

    def cells(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Return bucket, form, level and count of each cell; the bucket of undated records is -1."""
        self._settle()
        keys = self._keys
        form = (keys >> LEVEL_BITS) & ((1 << _FORM_BITS) - 1)
        return (keys >> _SLOT_BITS) - 1, form, keys & ((1 << LEVEL_BITS) - 1), self._counts

    def _take(self, keys: Ints, counts: Ints) -> None:
        self._pending.append((keys, counts))
        self._waiting += len(keys)
        if self._waiting > _PENDING:
            self._settle()

    def _settle(self) -> None:
        if self._pending:
            keys = np.concatenate([self._keys, *(keys for keys, _ in self._pending)])
            counts = np.concatenate([self._counts, *(counts for _, counts in self._pending)])
            self._pending, self._waiting = [], 0
            self._keys, self._counts = _counted(keys, counts)
        while len(self._keys) > _CELLS and self.width_s < WIDTHS[-1]:
            self._widen()

    def _widen(self) -> None:
        wider = WIDTHS[WIDTHS.index(self.width_s) + 1]
        self._keys, self._counts = _counted(_widened(self._keys, wider // self.width_s), self._counts)
        self.width_s = wider


def _buckets(seconds: Offsets, width_s: int) -> Ints:
    """Return bucket numbers from 1 on, and 0 for what has no moment."""
    found: Ints = np.where(seconds >= 0, seconds // width_s + 1, 0)
    assert UNDATED < 0
    return found


def _widened(keys: Ints, times: int) -> Ints:
    bucket = keys >> _SLOT_BITS
    wider = np.where(bucket > 0, (bucket - 1) // times + 1, 0)
    found: Ints = wider << _SLOT_BITS | (keys & ((1 << _SLOT_BITS) - 1))
    return found


def _counted(keys: Ints, counts: Ints | None) -> tuple[Ints, Ints]:
    """Return the keys in order, each once, with the sum of its counts (of ones when there are none)."""
    if not len(keys):
        return keys, np.empty(0, np.int64)
    if counts is None:
        ordered = np.sort(keys)
    else:
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
    begins = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    if counts is None:
        return ordered[begins], np.diff(np.append(begins, len(keys)))
    return ordered[begins], np.add.reduceat(counts[order], begins)
