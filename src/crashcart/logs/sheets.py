"""What is known of each form at first sight, and what is counted of it beside the tally. Bounded, and mergeable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from crashcart.logs.anchors import Anchor
from crashcart.logs.shape.lines import Offsets
from crashcart.logs.tally import LEVEL_BITS

UNSEEN: Final = -1
NEVER_FIRST: Final = np.iinfo(np.int64).max
NEVER_LAST: Final = np.iinfo(np.int64).min
_LEVELS: Final = 1 << LEVEL_BITS

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Place:
    """A line: file by its number, line from 0, offset, and how it begins."""

    file: int
    line: int
    offset: int
    text: bytes


@dataclass(slots=True)
class Times:
    """How many, and when first and last."""

    count: int = 0
    first: int = NEVER_FIRST
    last: int = NEVER_LAST
    place: Place | None = None

    def add(self, count: int, first: int, last: int) -> None:
        """Count more. Moments before 1970 are none."""
        self.count += count
        if last >= 0:
            self.first, self.last = min(self.first, first if first >= 0 else last), max(self.last, last)

    def merge(self, other: Times, place: Place | None) -> None:
        """Take over what was counted later."""
        self.count += other.count
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.place = self.place or place


class Slots:
    """First and last moment by slot (form and level), grown by doubling."""

    def __init__(self) -> None:
        self.first: Ints = np.full(1024 * _LEVELS, NEVER_FIRST)
        self.last: Ints = np.full(1024 * _LEVELS, NEVER_LAST)
        self.is_met: npt.NDArray[np.bool_] = np.zeros(1024 * _LEVELS, np.bool_)

    def grow(self, forms: int) -> None:
        """Make room for so many forms."""
        while forms * _LEVELS > len(self.first):
            size = len(self.first)
            self.first = np.concatenate((self.first, np.full(size, NEVER_FIRST)))
            self.last = np.concatenate((self.last, np.full(size, NEVER_LAST)))
            self.is_met = np.concatenate((self.is_met, np.zeros(size, np.bool_)))

    def add(self, seconds: Offsets, slots: Offsets) -> None:
        """Note when records came."""
        dated = seconds >= 0
        if not dated.all():
            seconds, slots = seconds[dated], slots[dated]
        np.minimum.at(self.first, slots, seconds)
        np.maximum.at(self.last, slots, seconds)

    def merge(self, other: Slots, mapped: Ids) -> None:
        """Take over what another one noted, whose form ids are `mapped[id]` here."""
        slots = (mapped.astype(np.int64)[:, None] * _LEVELS + np.arange(_LEVELS)).ravel()
        np.minimum.at(self.first, slots, other.first[: len(slots)])
        np.maximum.at(self.last, slots, other.last[: len(slots)])
        np.logical_or.at(self.is_met, slots, other.is_met[: len(slots)])


@dataclass(slots=True)
class Sheet:
    """What the first line of a form told."""

    level: int
    status: Anchor | None = None
    duration: Anchor | None = None
    is_refusal: bool = False


@dataclass(slots=True)
class Sheets:
    """Sheets by form id, with the same as arrays for many lines at once."""

    by_form: dict[int, Sheet] = field(default_factory=dict)
    level: npt.NDArray[np.int8] = field(default_factory=lambda: np.full(1024, UNSEEN, np.int8))
    # 1 for a status, 2 for a duration: most lines have none, and cost nothing.
    marks: npt.NDArray[np.int8] = field(default_factory=lambda: np.zeros(1024, np.int8))

    def grow(self, forms: int) -> None:
        """Make room for so many forms."""
        while forms > len(self.level):
            self.marks = np.concatenate((self.marks, np.zeros(len(self.level), np.int8)))
            self.level = np.concatenate((self.level, np.full(len(self.level), UNSEEN, np.int8)))

    def put(self, form: int, sheet: Sheet) -> None:
        """Keep the sheet of a form, if it has none yet."""
        if form in self.by_form:
            return
        self.by_form[form] = sheet
        self.level[form] = sheet.level
        self.marks[form] = (sheet.status is not None) | ((sheet.duration is not None) << 1)

    def groups(self, forms: Ids, mark: int) -> Iterator[tuple[Anchor, Offsets]]:
        """Yield each anchor of that mark with the rows in which it may stand."""
        rows = np.flatnonzero(self.marks[forms] & mark)
        if not len(rows):
            return
        here = forms[rows]
        by_anchor: dict[Anchor, list[int]] = {}
        for form in np.flatnonzero(np.bincount(here)).tolist():
            sheet = self.by_form[form]
            anchor = sheet.status if mark == 1 else sheet.duration
            assert anchor is not None
            by_anchor.setdefault(anchor, []).append(form)
        for anchor, members in by_anchor.items():
            if len(by_anchor) == 1:
                yield anchor, rows
                return
            chosen = np.zeros(int(here.max()) + 1, np.bool_)
            chosen[members] = True
            yield anchor, rows[chosen[here]]


def grouped(forms: Ids) -> Iterator[tuple[int, Offsets]]:
    """Yield each form with the rows in which it stands, in order."""
    order = np.argsort(forms, kind="stable")
    ordered = forms[order]
    begins = np.flatnonzero(np.diff(ordered, prepend=-1))
    for begin, end in zip(begins.tolist(), [*begins[1:].tolist(), len(forms)], strict=False):
        yield int(ordered[begin]), order[begin:end]
