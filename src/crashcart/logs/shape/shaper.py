"""Blocks of a log, in order, to lines with their moments, messages and records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from crashcart.logs import loops
from crashcart.logs.loops.plain import words_at
from crashcart.logs.shape.dated import Dated
from crashcart.logs.shape.exceptions import BEGIN, Raised, raised_in, tracebacks
from crashcart.logs.shape.json_line import MESSAGES, strings_of
from crashcart.logs.shape.lines import Offsets, distinct, line_starts

RECORD_BYTES: Final = 64 << 10
_REMEMBERED: Final = 256  # tracebacks
_BEGIN: Final = BEGIN.encode()
_INDENTED: Final = np.zeros(256, np.bool_)
_INDENTED[list(b" \t)]}\n\r")] = True
_WITHIN: Final = (_BEGIN, b"During handling of the above", b"The above exception was", b"Caused by:")
_OPENS = re.compile(rb"\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)(?:\]|:| +[-|\[]| {2,}|\s\w)")
_LEVEL_INITIALS: Final = np.zeros(256, np.bool_)
_LEVEL_INITIALS[list(b"[TDINWECF")] = True
_LEVELS: Final = (b"TRAC", b"DEBU", b"INFO", b"NOTI", b"WARN", b"ERRO", b"CRIT", b"FATA")
_LEVEL_BYTES: Final = 4
_LEVEL_WORDS: Final = tuple(np.uint64(int.from_bytes(level, "little")) for level in _LEVELS)
_EXCEPTION = re.compile(rb"[A-Za-z_][\w.]*(?::|\r?$)")
_MESSAGE = re.compile(rb'"(?:%s)"[ ]?:[ ]?"' % "|".join(MESSAGES).encode())

_STRING = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*(?=")')
_BACKSLASH: Final = 92

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Found:
    """An exception; `line` is where its record begins, from 0 within the file."""

    line: int
    raised: Raised


@dataclass(frozen=True, slots=True)
class Shaped:
    """The lines of one block, as arrays that stand beside each other.

    `seconds` is when a line was written, at whole seconds: of a line without a stamp that of its record, UNDATED when
    there was none before. Where `is_zoned` is False, it is the clock on the wall. `body` is the part to be mined: a
    line without its stamp, or the message within a JSON line, as it was written there.
    """

    starts: Offsets
    ends: Offsets
    seconds: Offsets
    is_zoned: Bools
    is_head: Bools  # begins a record
    body_starts: Offsets
    body_ends: Offsets
    exceptions: tuple[Found, ...]
    tracebacks: Offsets  # where their first lines begin


class Shaper:
    """Shapes the blocks of one file. Needs whole lines; in the log of one program, with stamps of one kind, where the
    blocks are cut makes no difference."""

    def __init__(self, *, written_s: float, tells_exceptions: bool = True) -> None:
        """`written_s`: when the file was last written, for stamps that name no year."""
        self._tells_exceptions = tells_exceptions
        self.lines = 0
        self.undated = 0  # lines before the first stamp, or in a file without
        self.out_of_order = 0  # lines with a stamp before that of an earlier line
        self._dated = Dated(written_s=written_s)
        self._latest_s = np.iinfo(np.int64).min
        self._open = b""  # the last record so far
        self._open_line = 0
        self._is_in_traceback = False
        self._is_next_of_it = False  # whether the next line may belong to the traceback that was read last

    @property
    def has_stamps(self) -> bool:
        """Whether a line so far had a time stamp."""
        return self._dated.has_stamps

    def feed(self, data: bytes, *, ends: Offsets | None = None, begun: Sequence[int] | None = None) -> Shaped:
        """Return the lines of the next block; `ends` as `line_ends` and `begun` as `tracebacks` tells them, if they are
        known already."""
        ends = loops.line_ends(data) if ends is None else ends
        starts = line_starts(ends)
        dated = self._dated.feed(data, starts, ends)
        is_json = dated.is_json
        is_head = self._heads(data, starts, ends, dated.has_stamp, is_json)
        body_starts, body_ends = dated.behind_stamp, ends
        if is_json.any():
            body_starts, body_ends = _messages(data, body_starts, ends, np.flatnonzero(is_json))
        self._count(dated.seconds, dated.has_stamp)
        places = np.array(tracebacks(data) if begun is None else begun, np.int64)
        exceptions = tuple(self._exceptions(data, starts, is_head, places)) if self._tells_exceptions else ()
        self.lines += len(ends)
        return Shaped(starts, ends, dated.seconds, dated.is_zoned, is_head, body_starts, body_ends, exceptions, places)

    def finish(self) -> tuple[Found, ...]:
        """Return the exception of the last record, if it has one."""
        found = tuple(_found(self._open, self._open_line))
        self._open = b""
        return found

    def _count(self, seconds: Offsets, has_stamp: Bools) -> None:
        self.undated += int(np.count_nonzero(seconds == np.iinfo(np.int64).min))
        stamped = seconds[has_stamp]
        if len(stamped):
            latest = np.maximum.accumulate(np.maximum(stamped, self._latest_s))
            self.out_of_order += int(np.count_nonzero(stamped < latest))
            self._latest_s = int(latest[-1])

    def _heads(self, data: bytes, starts: Offsets, ends: Offsets, has_stamp: Bools, is_json: Bools) -> Bools:
        """Say which lines begin a record: in text with stamps, what has none is the next line of a message."""
        is_head = has_stamp | is_json
        if is_head.all():
            self._is_in_traceback = self._is_next_of_it = False
            return is_head
        first = np.frombuffer(data, np.uint8)[np.minimum(starts, len(data) - 1)]
        loose = np.flatnonzero(~is_head & ~_INDENTED[first])
        if self._dated.has_stamps:
            loose = loose[_LEVEL_INITIALS[first[loose]]]
            loose = loose[_begins_a_level(data, starts[loose])]
            opens = (_OPENS.match(data, start) is not None for start in starts[loose].tolist())
            is_head[loose] = np.fromiter(opens, np.bool_, len(loose))
        else:
            is_head[loose] = True
            self._join_tracebacks(data, starts, ends, is_head)
        if self.lines == 0 and len(is_head):
            is_head[0] = True
        return is_head

    def _join_tracebacks(self, data: bytes, starts: Offsets, ends: Offsets, is_head: Bools) -> None:
        """Where no line has a stamp, each is a record of its own, but for those of a traceback."""
        at = 0 if self._is_next_of_it else _next_line(data, starts, 0)  # what is between them is not looked at
        self._is_next_of_it = False
        while at < len(starts):
            line = data[starts[at] : ends[at]]
            is_raised = bool(_EXCEPTION.match(line)) and self._is_in_traceback
            if line.startswith(_WITHIN) or not line.strip() or is_raised or line.startswith((b" ", b"\t")):
                is_head[at] = False
                # Behind the line with the exception another traceback may follow, and nothing else.
                self._is_in_traceback = line.startswith(_WITHIN) or (self._is_in_traceback and not is_raised)
                at += 1
                self._is_next_of_it = True
            else:
                # A record of its own; a traceback may begin at the end of its line.
                self._is_next_of_it = self._is_in_traceback = _BEGIN in line
                at = at + 1 if self._is_in_traceback else _next_line(data, starts, at + 1)

    def _exceptions(self, data: bytes, starts: Offsets, is_head: Bools, begun: Offsets) -> Iterator[Found]:
        heads = np.flatnonzero(is_head)
        begins = starts[heads]
        self._open = (self._open + data[: int(begins[0]) if len(heads) else len(data)])[:RECORD_BYTES]
        if not len(heads):
            return
        yield from _found(self._open, self._open_line)
        last = int(begins[-1])
        within = begun[(begun >= begins[0]) & (begun < last)]
        for head in distinct(np.searchsorted(begins, within, side="right") - 1).tolist():
            begin, end = int(begins[head]), int(begins[head + 1])
            yield from _found(data[begin:end][:RECORD_BYTES], self.lines + int(heads[head]))
        # The last record may go on in the next block, and its traceback may begin only there.
        self._open, self._open_line = data[last:][:RECORD_BYTES], self.lines + int(heads[-1])


def _begins_a_level(data: bytes, starts: Offsets) -> Bools:
    """Say where one of the levels begins, or may: many lines begin with its first letter, and few with its first four."""
    words = words_at(data, starts, _LEVEL_BYTES + 1)
    words = np.where((words & np.uint64(0xFF)) == ord("["), words >> np.uint64(8), words)
    words &= np.uint64((1 << 8 * _LEVEL_BYTES) - 1)
    found = np.zeros(len(starts), np.bool_)
    for level in _LEVEL_WORDS:
        found |= words == level
    return found


def _next_line(data: bytes, starts: Offsets, at: int) -> int:
    """Return the first line from `at` on with the beginning of a traceback, or behind the last one."""
    place = data.find(_BEGIN, int(starts[at])) if at < len(starts) else -1
    return int(np.searchsorted(starts, place, side="right")) - 1 if place >= 0 else len(starts)


def _found(record: bytes, line: int) -> Iterator[Found]:
    place = record.find(_BEGIN)
    if place < 0:
        return
    # Of a plain record only the traceback is needed, and it comes again and again.
    begin = record.rfind(b"\n", 0, place) + 1
    raised = _raised(record if record.startswith(b"{") else record[begin:])
    if raised is not None:
        yield Found(line, raised)


@lru_cache(maxsize=_REMEMBERED)
def _raised(record: bytes) -> Raised | None:
    within = strings_of(record.partition(b"\n")[0].rstrip(b"\r"))
    text = "\n".join(within) if any(BEGIN in part for part in within) else record.decode("utf-8", "replace")
    return raised_in(text.replace("\r\n", "\n"))


def _messages(data: bytes, starts: Offsets, ends: Offsets, chosen: Offsets) -> tuple[Offsets, Offsets]:
    """Return where the messages of JSON lines begin and end, without their quotes; the others stay as they are."""
    first = _MESSAGE.search(data, int(starts[chosen[0]]))
    key = first[0] if first is not None else b'"message": "'  # how this writer spells it: spaces or none
    own_starts, own_ends = starts[chosen], ends[chosen]
    keys = loops.find(data, key, own_starts, own_ends)
    begins = keys + len(key)
    for at in np.flatnonzero(keys < 0).tolist():
        begins[at] = _spelt(data, int(own_starts[at]), int(own_ends[at]))
    is_there = np.flatnonzero(begins >= 0)
    close = np.full(len(begins), -1)
    close[is_there] = loops.find(data, b'"', begins[is_there], own_ends[is_there])
    before = np.frombuffer(data, np.uint8)[np.maximum(close - 1, 0)]
    for at in np.flatnonzero((close > 0) & (before == _BACKSLASH)).tolist():
        close[at] = _close(data, int(begins[at]), int(own_ends[at]))
    is_found = close >= 0
    body_starts, body_ends = starts.copy(), ends.copy()
    body_starts[chosen[is_found]] = begins[is_found]
    body_ends[chosen[is_found]] = close[is_found]
    return body_starts, body_ends


def _spelt(data: bytes, start: int, end: int) -> int:
    """Return where a message begins whose key is spelt in another way than most, -1 where there is none."""
    place = _MESSAGE.search(data, start, end)
    return place.end() if place is not None else -1


def _close(data: bytes, begin: int, end: int) -> int:
    """Return the quote that ends a string; those behind an odd number of backslashes are within it."""
    string = _STRING.match(data, begin, end)
    return string.end() if string is not None else -1
