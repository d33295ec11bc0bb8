"""Bursts and silences in a row of counts, one count a bucket of time. Each comes with its reason in numbers.

The rules ask for three things, each against a false alarm of its own: more than chance and the usual unrest explain
(median and median deviation, which a burst does not move), more than the ordinary peaks (a job that writes much every
hour has no median to speak of), and so many records that it is no matter of two or three.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

FEWEST_BUCKETS: Final = 8
_FEWEST: Final = 10  # records, in a burst or missing in a silence
_SIGMAS: Final = 6.0  # a steady log of 500 buckets and 500 statements goes that far once in a thousand logs
_PEAKS: Final = 3.0  # times the bucket that nine in ten do not exceed
_OFTEN: Final = 4  # what happens more often is how this log is
_MOST_SHARE: Final = 0.34  # what lasts longer is the usual
_STEADY: Final = 0.3  # share of the buckets in which a regular statement comes
_ACTIVE_SHARE: Final = 0.3  # of all buckets, for which it came regularly
_GAPS: Final = 4.0  # times the longest ordinary gap, each a bucket longer than it looks

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Swing:
    """Buckets `first` to `last`, both included; `count` records came where `usual` were due."""

    first: int
    last: int
    count: int
    usual: float

    @property
    def factor(self) -> float:
        """How many times the usual; a usual of less than one record is taken as one."""
        return self.count / max(self.usual, 1.0)


def bursts(counts: Counts) -> tuple[Swing, ...]:
    """Return the runs of buckets with far more records than usual, the largest excess first."""
    if len(counts) < FEWEST_BUCKETS:
        return ()
    median = float(np.median(counts))
    unrest = 1.4826 * float(np.median(np.abs(counts - median)))
    limit = median + _SIGMAS * max(unrest, median**0.5, 1.0)
    ordinary = float(np.sort(counts)[int(0.9 * (len(counts) - 1))])
    # A burst that lasts for a tenth of the time or more is its own ordinary peak; then the lower half must do.
    middle = float(np.sort(counts)[int(0.66 * (len(counts) - 1))])
    hot = counts >= max(limit, _FEWEST)
    if not _is_bounded(hot):
        return ()
    peak = _PEAKS * (middle if hot.mean() >= 0.1 and len(list(_runs(hot))) == 1 else ordinary)
    found = [_swing(counts, first, last, hot) for first, last in _runs(hot & (counts > peak))]
    if len(found) > _OFTEN:
        return ()
    return tuple(sorted(found, key=lambda swing: (swing.usual - swing.count, swing.first)))


def silences(counts: Counts) -> tuple[Swing, ...]:
    """Return the gaps of a regular statement that are too long for chance and for its own habits, in order of time."""
    present = np.flatnonzero(counts)
    if len(present) < FEWEST_BUCKETS:
        return ()
    edges = np.append(present, len(counts))
    gaps = np.diff(edges) - 1
    longest = _apart(np.sort(gaps))
    usual = gaps[gaps <= longest]
    active = len(counts) - present[0] - int(gaps[gaps > longest].sum())
    # What came for a short while only was no habit, and what comes now and then has none.
    if active < _ACTIVE_SHARE * len(counts) or len(present) < _STEADY * active or len(usual) == len(gaps):
        return ()
    mean = float(counts.sum()) / active
    found = [at for at in np.flatnonzero(gaps > longest).tolist() if gaps[at] * mean >= _FEWEST and gaps[at] >= 2]
    if len(found) > _OFTEN:
        return ()
    return tuple(Swing(int(present[at]) + 1, int(edges[at + 1]) - 1, 0, float(gaps[at]) * mean) for at in found)


def _apart(gaps: Counts) -> int:
    """Return the longest gap that still belongs to the ordinary ones: the next is several times as long."""
    for at in range(max(len(gaps) - _OFTEN, 1), len(gaps)):
        if gaps[at] + 1 > _GAPS * (gaps[at - 1] + 1):
            return int(gaps[at - 1])
    return int(gaps[-1])


def _is_bounded(hot: npt.NDArray[np.bool_]) -> bool:
    return bool(hot.any()) and float(hot.mean()) <= _MOST_SHARE


def _runs(hot: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each run of buckets; one cool bucket in between does not end it."""
    at = np.flatnonzero(hot)
    if not len(at):
        return
    cuts = np.flatnonzero(np.diff(at) > 2)
    for begin, end in zip(np.append(0, cuts + 1), np.append(cuts, len(at) - 1), strict=True):
        yield int(at[begin]), int(at[end])


def _swing(counts: Counts, first: int, last: int, hot: npt.NDArray[np.bool_]) -> Swing:
    others = counts[~hot]
    mean = float(others.mean()) if len(others) else 0.0
    return Swing(first, last, int(counts[first : last + 1].sum()), mean * (last - first + 1))
