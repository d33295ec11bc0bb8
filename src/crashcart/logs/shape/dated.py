"""When the lines of a file were written: the forms of stamps it holds, and their moments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from crashcart.logs import loops
from crashcart.logs.shape.forms import Form, form_of
from crashcart.logs.shape.lines import Offsets
from crashcart.logs.shape.stamps import UNDATED, Reader, follows

_SAMPLED: Final = 64  # lines of unknown form that are looked at one by one, in each round
_LIKELY: Final = 8  # and of those that begin as lines with a stamp do
_ROUNDS: Final = 8
_FORMS: Final = 48  # more of them and the seldom used are forgotten
_SAMPLED_BYTES: Final = 4096

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DatedLines:
    """The lines of a block: when, whether the zone is known, whether by a stamp of their own, and where it ends."""

    seconds: Offsets
    is_zoned: Bools
    has_stamp: Bools
    is_json: Bools
    behind_stamp: Offsets


class Dated:
    """Reads the stamps of one file's blocks, in order."""

    def __init__(self, *, written_s: float) -> None:
        self.has_stamps = False
        self._written_s = written_s
        self._readers: dict[Form, Reader] = {}
        self._last = (int(UNDATED), False)

    def feed(self, data: bytes, starts: Offsets, ends: Offsets) -> DatedLines:
        """Return the moments of the lines of a block; a line without a stamp has that of the line before."""
        first = np.frombuffer(data, np.uint8)[np.minimum(starts, max(len(data) - 1, 0))] if len(data) else starts
        lines = _Lines(
            data, starts, ends, np.full(len(starts), UNDATED), np.zeros(len(starts), np.bool_), starts.copy()
        )
        left = np.flatnonzero((first > 32) & (ends > starts))
        for reader in list(self._readers.values()):
            left = self._read(reader, lines, left)
        begins = np.zeros(256, np.bool_)
        for _ in range(_ROUNDS if len(left) else 0):
            # One stamp in a thousand has fewer digits than the others; a sample of all that is left would miss it among
            # the lines of tracebacks.
            begins[first[lines.seconds != UNDATED]] = True
            met = self._met(lines, left[begins[first[left]]], most=_LIKELY) or self._met(lines, left)
            for reader in met:
                left = self._read(reader, lines, left)
            if not met:
                break
        has_stamp = lines.seconds != UNDATED
        self.has_stamps = self.has_stamps or bool(has_stamp.any())
        self._fill(lines, has_stamp)
        is_json = (first == ord("{")) & (ends > starts)
        return DatedLines(lines.seconds, lines.is_zoned, has_stamp, is_json, lines.behind)

    def _read(self, reader: Reader, lines: _Lines, left: Offsets) -> Offsets:
        """Read the stamps of one form in the lines that are left, and return those in which there is none."""
        if not len(left):
            return left
        form = reader.form
        begins = lines.places(form, left) if form.anchor else lines.starts[left] + form.offset
        seconds = reader.read(lines.data, begins, written_s=self._written_s)
        # Near the end of a line, the next line's stamp would be read.
        is_read = (seconds != UNDATED) & (begins + reader.size <= lines.ends[left])
        if not is_read.any():
            return left
        here = left[is_read]
        rest: Offsets = left[~is_read]
        lines.seconds[here] = seconds[is_read]
        lines.is_zoned[here] = form.zone_s is not None
        if not form.anchor:
            lines.behind[here] = begins[is_read] + reader.size
        # What was of use last is tried first.
        self._readers = {form: reader, **self._readers}
        return rest

    def _met(self, lines: _Lines, left: Offsets, most: int = _SAMPLED) -> list[Reader]:
        """Return readers for forms that were not met before, in a sample of the lines that are left."""
        step = max(1, len(left) // most)
        met: list[Reader] = []
        for at in left[::step].tolist():
            begin = int(lines.starts[at])
            form = _form_of(lines.data[begin : min(int(lines.ends[at]), begin + _SAMPLED_BYTES)].rstrip(b"\r"))
            if form is not None and form not in self._readers:
                self._readers = {form: Reader(form), **dict(list(self._readers.items())[: _FORMS - 1])}
                met.append(self._readers[form])
        return met

    def _fill(self, lines: _Lines, has_stamp: Bools) -> None:
        """Give each line without a stamp the moment of the one before."""
        if not len(has_stamp):
            return
        source = np.maximum.accumulate(np.where(has_stamp, np.arange(len(has_stamp)), -1))
        is_before = source < 0
        lines.seconds[:] = np.where(is_before, self._last[0], lines.seconds[source])
        lines.is_zoned[:] = np.where(is_before, self._last[1], lines.is_zoned[source])
        self._last = (int(lines.seconds[-1]), bool(lines.is_zoned[-1]))


# What has no stamp comes again: the lines of a traceback are the same ones in each block.
_form_of = lru_cache(maxsize=512)(form_of)


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a block, and what is known of them so far."""

    data: bytes
    starts: Offsets
    ends: Offsets
    seconds: Offsets
    is_zoned: Bools
    behind: Offsets

    def places(self, form: Form, chosen: Offsets) -> Offsets:
        """Return where the anchor ends in each of the chosen lines, -1 where there is none."""
        # Most lines have it where the first one had it: those need no search.
        places = self.starts[chosen] + form.met_at
        is_there = follows(self.data, form.anchor, places)
        others = np.flatnonzero(~is_there)
        found = loops.find(self.data, form.anchor, self.starts[chosen[others]], self.ends[chosen[others]])
        places[others] = np.where(found < 0, -1, found + len(form.anchor))
        return places
