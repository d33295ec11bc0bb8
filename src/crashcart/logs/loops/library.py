"""The inner loops in C, for where they were built: a few times as fast, and the same in every byte of what they return.

`loops.c` is plain C without any of Python in it; the wheel for a platform holds it compiled, and a wheel without it is
whole as well. CRASHCART_LOOPS=plain leaves it aside, to compare.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from crashcart.logs.loops import plain
from crashcart.logs.loops.stamp import Stamp

VERSION: Final = 1
FILE: Final = Path(__file__).with_name("_loops.dll" if sys.platform == "win32" else "_loops.so")
SWITCH: Final = "CRASHCART_LOOPS"

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Keys = npt.NDArray[np.uint64]

_PLACE, _SIZE, _BYTES, _REAL = ctypes.c_void_p, ctypes.c_int64, ctypes.c_char_p, ctypes.c_double
_IS_ASIDE: Final = ContextVar("loops_are_aside", default=False)
_WORDS: Final = 8  # of a stamp, at most
_CELL: Final = 3  # two keys and a form
_SIGNATURES: Final = {
    "crashcart_line_ends": (_SIZE, (_BYTES, _SIZE, _PLACE)),
    "crashcart_lines_before": (_SIZE, (_BYTES, _SIZE, _PLACE, _SIZE, _PLACE)),
    "crashcart_stamps": (
        _SIZE,
        (_BYTES, _SIZE, _PLACE, _SIZE, _PLACE, _SIZE, _BYTES, _SIZE, _PLACE, _PLACE, _PLACE, _PLACE),
    ),
    "crashcart_forms": (None, (_BYTES, _SIZE, _PLACE, _PLACE, _SIZE, _PLACE, _SIZE, _PLACE, _PLACE)),
    "crashcart_recall": (None, (_PLACE, _SIZE, _PLACE, _SIZE, _PLACE)),
    "crashcart_learn": (_SIZE, (_PLACE, _SIZE, _SIZE, _PLACE, _PLACE, _SIZE)),
    "crashcart_find": (None, (_BYTES, _SIZE, _BYTES, _SIZE, _SIZE, _PLACE, _PLACE, _SIZE, _PLACE)),
    "crashcart_durations": (None, (_BYTES, _SIZE, _PLACE, _PLACE, _SIZE, _REAL, _PLACE)),
}


class Library:
    """The functions of the library, on arrays, as `plain` has them. Ranges are offsets into `data`."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.functions = library
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments

    def line_ends(self, data: bytes) -> Ints:
        """Return the offset of the end of each line: of its newline, or the end of the data if that is missing."""
        found = np.empty(len(data), np.int64)  # memory that is not written to costs nothing
        return found[: self.functions.crashcart_line_ends(data, len(data), _at(found))].copy()

    def lines_before(self, data: bytes, places: Ints) -> Ints:
        """Return how many lines end before each of some ascending places."""
        places, found = _ints(places), np.empty(len(places), np.int64)
        self.functions.crashcart_lines_before(data, len(data), _at(places), len(places), _at(found))
        return found

    def stamps(self, data: bytes, places: Ints, stamp: Stamp) -> tuple[Ints, Ints, Ints]:
        """Return which of the places hold such a stamp, the second of each, and which of these begin a minute."""
        if len(stamp.masks) > _WORDS:
            return plain.stamps(data, places, stamp)
        places = _ints(places)
        inside, seconds, firsts = (np.empty(len(places), np.int64) for _ in range(3))
        minutes = np.zeros(1, np.int64)
        count = self.functions.crashcart_stamps(
            data, len(data), _at(places), len(places), _at(stamp.masks), stamp.length, stamp.goes_on, stamp.second,
            _at(inside), _at(seconds), _at(firsts), _at(minutes),
        )  # fmt: skip
        return inside[:count], seconds[:count], firsts[: int(minutes[0])]

    def find(self, data: bytes, text: bytes, begins: Ints, ends: Ints, *, is_last: bool = False) -> Ints:
        """Return where the text first (or last) begins in each range, -1 for nowhere."""
        begins, ends, found = _ints(begins), _ints(ends), np.empty(len(begins), np.int64)
        self.functions.crashcart_find(
            data, len(data), text, len(text), is_last, _at(begins), _at(ends), len(begins), _at(found)
        )
        return found

    def durations(self, data: bytes, places: Ints, ends: Ints, *, unit_s: float) -> npt.NDArray[np.float64]:
        """Return the seconds that stand at these places; `unit_s` is what a number without a unit counts, 0: skip it."""
        places, ends, found = _ints(places), _ints(ends), np.empty(len(places), np.float64)
        self.functions.crashcart_durations(data, len(data), _at(places), _at(ends), len(places), unit_s, _at(found))
        return found


class FormTable:
    """Which form a folded line is of, by 128 bits of it: the first `room` of them, then it begins anew."""

    def __init__(self, library: Library, *, room: int) -> None:
        self._functions = library.functions
        self._room = room
        self._cells: Ints = np.full((1 << (2 * room - 1).bit_length(), _CELL), -1, np.int64)
        self._used = 0

    def look_up(self, data: bytes, begins: Ints, ends: Ints) -> tuple[Keys, Ids]:
        """Return the keys of each range, and its form; -1 where that is not known."""
        begins, ends = _ints(begins), _ints(ends)
        keys, forms = np.empty((len(begins), 2), np.uint64), np.empty(len(begins), np.int32)
        self._functions.crashcart_forms(
            data, len(data), _at(begins), _at(ends), len(begins), *self._table(), _at(keys), _at(forms)
        )
        return keys, forms

    def recall(self, keys: Keys) -> Ids:
        """Return the form of each pair of keys, -1 where it is not known."""
        forms = np.empty(len(keys), np.int32)
        self._functions.crashcart_recall(*self._table(), _at(keys), len(keys), _at(forms))
        return forms

    def learn(self, keys: Keys, forms: Ids) -> None:
        """Remember forms."""
        if self._used + len(keys) > self._room:
            self._cells.fill(-1)
            self._used = 0
        self._used += self._functions.crashcart_learn(
            *self._table(), self._room - self._used, _at(keys), _at(forms), len(keys)
        )

    def _table(self) -> tuple[int, int]:
        return _at(self._cells), len(self._cells) - 1


def loaded() -> Library | None:
    """Return the library, None where it was not built, is of another version, or is not wanted."""
    return None if _IS_ASIDE.get() else _loaded(FILE)


@contextmanager
def aside() -> Iterator[None]:
    """Do without the library within the block, to compare with it."""
    token = _IS_ASIDE.set(True)
    try:
        yield
    finally:
        _IS_ASIDE.reset(token)


@lru_cache(maxsize=2)
def _loaded(file: Path) -> Library | None:
    if os.environ.get(SWITCH) == "plain" or sys.byteorder != "little" or not file.exists():
        return None
    try:
        library = ctypes.CDLL(str(file))
        is_ours = library.crashcart_loops_version() == VERSION
    except (OSError, AttributeError):  # built for another machine, or not by us: the twins do as well
        return None
    return Library(library) if is_ours else None


def _at(array: npt.NDArray[np.generic]) -> int:
    return int(array.ctypes.data)


def _ints(array: Ints) -> Ints:
    return np.ascontiguousarray(array, np.int64)
