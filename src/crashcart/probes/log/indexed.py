"""A long log: where its records begin and when they were written, for all at once; read are those that may be meant.

Reading each record of 64 MiB takes a quarter of a minute; finding the few that a look asks for, a second. What is
found is read by the same code as in a short log, so that the answers are the same, but for one: a file that mixes
stamped messages with some that have a level and no stamp may count more records than there are messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from crashcart.logs.shape.shaper import Shaper
from crashcart.logs.shape.stamps import UNDATED
from crashcart.probes.log.asked import LogRecord, Wanted
from crashcart.probes.log.lines import text_lines
from crashcart.probes.log.records import LEVELS, level_letters, level_numbers, level_words, records
from crashcart.probes.log.stamps import Stamp, Zone

_PIECE: Final = 4 << 20
# Of the levels below it nearly every record is; looking for words would not leave many out.
_RARE_LEVEL: Final = LEVELS.index("warning")
_QUARTER_S: Final = 900

Numbers = npt.NDArray[np.int64]
Moments = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class IndexedLog:
    """The end of a file with time stamps; `starts`, `lines` and `at_s` (whole seconds, nan if not known) go by record.

    `json` are the records that may be JSON, which is made readable before it is searched;
    `front` is the number of the first line, 0 when it is not known.
    """

    path: str
    is_partial: bool
    data: bytes
    starts: Numbers
    lines: Numbers
    at_s: Moments
    json: Numbers
    front: int
    zone: Zone
    written_s: float
    _with_level: dict[int, Numbers] = field(default_factory=dict, compare=False)

    @property
    def has_stamps(self) -> bool:
        """Always: a file without them is read record by record."""
        return True

    @property
    def size_bytes(self) -> int:
        """How much memory it takes."""
        return len(self.data) + self.starts.nbytes + self.lines.nbytes + self.at_s.nbytes

    def dated(self, start_s: float, end_s: float) -> int:
        """Return how many records were written between two moments."""
        return int(np.count_nonzero(self._is_within(start_s, end_s)))

    def chosen(self, asked: Wanted) -> Iterator[LogRecord]:
        """Yield the records that are taken, in the order of the file."""
        may_be = np.flatnonzero(self._is_within(asked.start_s, asked.end_s) | np.isnan(self.at_s))
        for at in self._telling(asked, may_be).tolist():
            yield from filter(asked.takes, self._read(at))

    def _is_within(self, start_s: float, end_s: float) -> Bools:
        # The parts of a second were dropped.
        found: Bools = (self.at_s >= np.floor(start_s)) & (self.at_s <= end_s)
        return found

    def _telling(self, asked: Wanted, may_be: Numbers) -> Numbers:
        """Return those of some records that may hold the text, or else have the level."""
        if not len(may_be):
            return may_be
        begin, end = int(self.starts[may_be[0]]), self._end(int(may_be[-1]))
        literal, needle = (asked.pattern.literal(), asked.pattern.needle()) if asked.pattern is not None else (b"", b"")
        if literal and (needle or not len(self.json)):
            found = self._holding(literal, begin, end)
            if len(self.json):
                found = np.union1d(found, np.intersect1d(self._holding(needle, begin, end), self.json))
            return np.intersect1d(found, may_be, assume_unique=True)
        if asked.level >= _RARE_LEVEL:
            return np.intersect1d(self._of_level(asked.level), may_be, assume_unique=True)
        return may_be

    def _of_level(self, level: int) -> Numbers:
        """Return the records that may have this level or a worse one."""
        if level not in self._with_level:
            places = [*_places(self.data.lower(), level_words(level), 0, len(self.data)), 0]
            places += (at + 1 for at in _places(self.data, level_letters(level), 0, len(self.data)))
            if len(self.json):
                places += _places(self.data, level_numbers(level), 0, len(self.data))
            self._with_level[level] = _records_at(self.starts, places)
        return self._with_level[level]

    def _holding(self, text: bytes, begin: int, end: int) -> Numbers:
        """Return the records within a part of the data in which a text stands."""
        return _records_at(self.starts, [*_places(self.data, (text,), begin, end)])

    def _end(self, record: int) -> int:
        return int(self.starts[record + 1]) if record + 1 < len(self.starts) else len(self.data)

    def _read(self, record: int) -> Iterator[LogRecord]:
        """Read one record; where it turns out to be several, all of them."""
        lines = text_lines([self.data[int(self.starts[record]) : self._end(record)]])
        at_s = None if np.isnan(self.at_s[record]) else float(self.at_s[record])
        for found in records(lines, written_s=self.written_s):
            if found.stamp is not None:
                at_s = self.zone.seconds(found.stamp)
            line = self.front + int(self.lines[record]) + found.line if self.front else 0
            yield LogRecord(found.text, found.raw, at_s, found.level, self.path, line)


def indexed(path: str, data: bytes, *, zone: Zone, written_s: float, front: int, is_partial: bool) -> IndexedLog | None:
    """Index whole lines; None where no line has a time stamp. `written_s`: when the file was last written."""
    shaper = Shaper(written_s=written_s, tells_exceptions=False)
    starts, lines, seconds, is_zoned = [], [], [], []
    for begin, end in pairwise(_cuts(data)):
        before = shaper.lines
        shaped = shaper.feed(data[begin:end])
        heads = np.flatnonzero(shaped.is_head)
        starts.append(shaped.starts[heads] + begin)
        lines.append(heads + before)
        seconds.append(shaped.seconds[heads])
        is_zoned.append(shaped.is_zoned[heads])
    if not shaper.has_stamps:
        return None
    at_s = _moments(np.concatenate(seconds), np.concatenate(is_zoned), zone)
    begins = np.concatenate(starts)
    json = _records_at(
        begins, [*_places(data, (b"}\n", b"}\r"), 0, len(data)), *([len(data) - 1] * data.endswith(b"}"))]
    )
    return IndexedLog(path, is_partial, data, begins, np.concatenate(lines), at_s, json, front, zone, written_s)


def _places(data: bytes, needles: Sequence[bytes], begin: int, end: int) -> Iterator[int]:
    """Yield where one of the needles stands within a part of the data."""
    for needle in needles:
        at = data.find(needle, begin, end)
        while at >= 0:
            yield at
            at = data.find(needle, at + len(needle), end)


def _records_at(starts: Numbers, places: Sequence[int]) -> Numbers:
    """Return the records in which those places are."""
    found: Numbers = np.unique(np.searchsorted(starts, np.array(places, np.int64), side="right") - 1)
    return found


def _cuts(data: bytes) -> Iterator[int]:
    """Yield where to cut the data into pieces of whole lines."""
    at = 0
    while at < len(data):
        yield at
        at = data.rfind(b"\n", at, at + _PIECE) + 1 or data.find(b"\n", at + _PIECE) + 1 or len(data)
    yield len(data)


def _moments(seconds: Numbers, is_zoned: Bools, zone: Zone) -> Moments:
    """Return when the records were written: those before the first stamp, when that one was."""
    stamped = seconds != UNDATED
    first = int(np.argmax(stamped))
    seconds, is_zoned = (np.where(stamped, values, values[first]) for values in (seconds, is_zoned))
    at_s: Moments = seconds.astype(np.float64)
    # A zone changes its clock at full quarters of an hour only.
    quarters, places = np.unique(seconds[~is_zoned] // _QUARTER_S * _QUARTER_S, return_inverse=True)
    placed = [zone.seconds(Stamp(float(quarter), is_zoned=False)) for quarter in quarters.tolist()]
    ahead = np.array([np.nan if at is None else quarter - at for at, quarter in zip(placed, quarters, strict=True)])
    if len(ahead):
        at_s[~is_zoned] -= ahead[places]
    return at_s
