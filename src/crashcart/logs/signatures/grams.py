"""Long texts, found by every fourth group of four bytes.

A text of seven bytes or more holds, wherever it stands, at least one whole group of four that begins at a multiple of
four: of any seven bytes in a row, the first, second, third or fourth such group. So a quarter of the places need to be
looked up, all at once, in a table of the groups that matter; the few that are found are compared with the seven bytes.
Three times as fast as one step of an automaton a byte, as long as the groups are rare in the text: of each text the
rarest seven bytes are taken, by the text that was seen first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from crashcart.logs.shape.lines import Offsets
from crashcart.logs.signatures.candidates import ranges

SHORTEST: Final = 7
SIZE_BIT: Final = 0x20  # setting it is ten times as fast as bytes.lower
_GROUP: Final = 4
_TABLE_BITS: Final = 18  # a quarter of a MiB: it stays in the second-level cache
_SHIFT: Final = np.uint32(32 - _TABLE_BITS)
_SPREAD: Final = np.uint32(2_654_435_761)  # Knuth's multiplier
_PIECE: Final = 65_536  # groups at a time, for the same reason
_FOLD_32: Final = np.uint32(0x20202020)
_FOLD_56: Final = np.uint64(0x20202020202020)
_SEVEN: Final = np.uint64((1 << 56) - 1)

Groups = npt.NDArray[np.uint32]
Words = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]


class GramFinder:
    """Finds the places of folded texts in data that it folds itself."""

    def __init__(self, texts: Sequence[bytes], sample: bytes) -> None:
        """Each text has `SHORTEST` bytes or more."""
        windows = np.array(_rarest(texts, sample), np.int64)
        sevens = _sevens_of(texts, windows)
        order = np.argsort(sevens, kind="stable")
        # Texts of one window stand together: `_texts[first : first + count]` for each of `_windows`.
        self._texts = order
        is_new = np.ones(len(order), np.bool_)
        np.not_equal(sevens[order][1:], sevens[order][:-1], out=is_new[1:])
        self._first = np.flatnonzero(is_new)
        self._windows = sevens[order][self._first]
        self._count = np.diff(np.append(self._first, len(order)))
        self._late = np.zeros(1 << _TABLE_BITS, np.uint8)  # how late in a window a group may be, as bits
        for late in range(_GROUP):
            groups = (self._windows >> np.uint64(8 * late)).astype(np.uint32)
            self._late[_hashed(groups)] |= 1 << late
        self._is_known = self._late > 0
        self._is_window = np.zeros(1 << _TABLE_BITS, np.bool_)
        self._is_window[_hashed_seven(self._windows)] = True
        # Windows are often shared, so the first and the last seven bytes of a text are compared as well.
        last = np.array(list(map(len, texts)), np.int64) - SHORTEST
        self._compared = [(at - windows, _sevens_of(texts, at)) for at in (np.zeros_like(last), last)]

    def find(self, data: bytes, *, most: int) -> tuple[Offsets, Offsets] | None:
        """Return where texts may stand (a place within each), and which; None for more than `most` groups to compare.

        What is found has the first and the last seven bytes of the text, and seven more between.
        """
        groups, late = self._groups(data)
        if len(groups) > most:
            return None
        begins = np.concatenate([groups[np.flatnonzero(late & (1 << by))] * _GROUP - by for by in range(_GROUP)])
        begins, window = self._at_windows(data, begins)
        counts = self._count[window]
        if int(counts.sum()) > most:
            return None
        texts = self._texts[ranges(self._first[window], counts)]
        begins = np.repeat(begins, counts)
        for places, expected in self._compared:
            is_same = _sevens_at(data, begins + places[texts]) == expected[texts]
            begins, texts = begins[is_same], texts[is_same]
        return begins, texts

    def _at_windows(self, data: bytes, begins: Offsets) -> tuple[Offsets, Offsets]:
        """Return those places where a window stands, and which."""
        sevens = _sevens_at(data, begins)
        # Most are none: a table says so ten times as fast as looking for each among the sorted windows.
        likely = np.flatnonzero(self._is_window[_hashed_seven(sevens)])
        begins, sevens = begins[likely], sevens[likely]
        window = np.minimum(np.searchsorted(self._windows, sevens), len(self._windows) - 1)
        is_same = self._windows[window] == sevens
        return begins[is_same], window[is_same]

    def _groups(self, data: bytes) -> tuple[Offsets, Bytes]:
        """Return the numbers of the groups that matter, and how late in a window each may be."""
        groups = np.frombuffer(data, np.uint32, len(data) // _GROUP)
        hashes = np.empty(min(_PIECE, len(groups)), np.uint32)
        found, late = [np.empty(0, np.int64)], [np.empty(0, np.uint8)]
        for at in range(0, len(groups), _PIECE):
            piece = groups[at : at + _PIECE]
            hashed = np.bitwise_or(piece, _FOLD_32, out=hashes[: len(piece)])
            hashed = _hashed(hashed, out=hashed)
            here = np.flatnonzero(self._is_known.take(hashed, mode="clip"))
            late.append(self._late[hashed[here]])
            found.append(here + at)
        return np.concatenate(found), np.concatenate(late)


def folded(text: bytes) -> bytes:
    """Return the text with letters of one size. Some signs fall together too: more is found, nothing is missed."""
    return bytes(byte | SIZE_BIT for byte in text)


def _hashed(groups: Groups, *, out: Groups | None = None) -> Groups:
    spread = np.multiply(groups, _SPREAD, out=out)
    return np.right_shift(spread, _SHIFT, out=spread)


def _hashed_seven(sevens: Words) -> Words:
    spread: Words = (sevens * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - _TABLE_BITS)
    return spread


def _sevens_of(texts: Sequence[bytes], places: Offsets) -> Words:
    pieces = (text[at : at + SHORTEST] for text, at in zip(texts, places.tolist(), strict=True))
    return np.array([int.from_bytes(piece, "little") for piece in pieces], np.uint64)


def _sevens_at(data: bytes, places: Offsets) -> Words:
    """Return the seven bytes at each place, folded; all bits where they are not within the data."""
    padded = data if len(data) > SHORTEST else data + bytes(8)
    words: Words = np.ndarray(len(padded) - 7, "<u8", padded, 0, (1,))
    is_inside = (places >= 0) & (places <= len(data) - SHORTEST)
    is_last = is_inside & (places == len(padded) - SHORTEST)
    found: Words = words[np.where(is_inside, places - is_last, 0)]
    found = ((found >> (np.uint64(8) * is_last.astype(np.uint64))) | _FOLD_56) & _SEVEN
    found[~is_inside] = ~np.uint64(0)
    return found


def _rarest(texts: Sequence[bytes], sample: bytes) -> list[int]:
    """Return, for each text, where its rarest seven bytes begin: those whose commonest group is rarest.

    What many texts share will be as common among what is found, even if the sample lacks it.
    """
    each = [_hashed(_every_group(text)) for text in texts]
    shared = np.bincount(np.concatenate(each), minlength=1 << _TABLE_BITS)
    seen = np.bincount(_hashed(_every_group(folded(sample) + bytes(_GROUP))), minlength=1 << _TABLE_BITS) + shared
    return [int(sliding_window_view(seen[hashes], _GROUP).max(axis=1).argmin()) for hashes in each]


def _every_group(text: bytes) -> Groups:
    return np.ndarray(len(text) - _GROUP + 1, "<u4", text, 0, (1,))
