r"""Lines as their program wrote them, without what carried them to the file.

Terminals get colours; container runtimes, compose, kubectl and the journal put a stamp and a name before each line, those
of a traceback too; Docker and loguru wrap each line in JSON. Taken off is only what hides a line from its reader: colours,
the JSON around a line, what stands before an object, and what stands before the lines of a traceback. Before any other
line it stays, for it says when and by whom it was written. There are as many lines as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import chain
from typing import Final

import msgspec

from crashcart.logs.shape.exceptions import BEGIN, tracebacks
from crashcart.logs.shape.forms import form_of

_BEGIN: Final = BEGIN.encode()
_COLOUR = re.compile(rb"\x1b\[[\d;]{0,20}[mK]")
_STAMP: Final = rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_STREAM: Final = rb"(?:stdout|stderr) [FP] "
_UNIT: Final = rb"(?:[\w.\-]{1,60} )?[\w.\-/@]{1,60}\[[\w.]{1,20}\]: "
_BSD: Final = rb"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,6})? [\w.\-]{1,60} [^\s:\[]{1,60}(?:\[\d+\])?: "
_NAME: Final = rb"[\w.\-]{1,60} {1,40}\| |\[pod/[^\]\s]{1,200}\] "
_FRONT = re.compile(
    rb"(?:(?:%b)(?:%b (?:%b|%b)?|%b)?|%b (?:%b|%b)?|%b)"
    % (_NAME, _STAMP, _STREAM, _UNIT, _BSD, _STAMP, _STREAM, _UNIT, _BSD)
)
_BEFORE_OBJECT = re.compile(rb"(?P<front>%b)\{[^\n]*" % _FRONT.pattern)
# Without a zone and alone it is the program's own, and what a key of its message says is another moment.
_OWN_STAMP = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})? ")
_VARYING = re.compile(rb"[.,]\d+| ?\d+")
_FRAME = re.compile(rb"  (?:File \"|[|+])")
_LEVEL: Final = rb"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b"
_ALIGNED_LEVEL = re.compile(rb"[ \t]+\[?%b" % _LEVEL)
_JSON: Final = (b'{"log":', b'{"text": ')
_SAMPLED: Final = 8
_LINKS: Final = (
    _BEGIN, b"During handling of the above", b"The above exception was", b"[SQL:", b"[parameters:", b"(Background on", b"\n", b"\r\n",
)  # fmt: skip
# A level and a colon are how another record begins.
_EXCEPTION = re.compile(rb"(?!%b)[A-Za-z_][\w.]*(?::|\r?(?:\n|\Z))" % _LEVEL)


class _Docker(msgspec.Struct):
    """A line of Docker's json-file."""

    log: str
    stream: str
    time: str


class _Named(msgspec.Struct):
    name: str


class _Moment(msgspec.Struct):
    timestamp: float


class _Record(msgspec.Struct):
    level: _Named
    message: str
    time: _Moment
    name: str | None = None
    exception: object = None
    extra: dict[str, object] = {}


class _Loguru(msgspec.Struct):
    """A line of loguru's `serialize=True`."""

    text: str
    record: _Record


_DOCKER = msgspec.json.Decoder(_Docker)
_LOGURU = msgspec.json.Decoder(_Loguru)


class _Open(Enum):
    """What may come on the next line, where the last one was of a carried traceback."""

    NOTHING = 0
    FRAME = 1  # the first one
    EXCEPTION = 2
    LINK = 3  # to another traceback


class Unwrapper:
    """Unwraps the blocks of one file, in order. Needs whole lines; where they are cut makes no difference, but right behind
    the first line of a traceback, which then may stay a record of its own: nothing has told yet what stamped it."""

    def __init__(self, *, is_within: bool = False) -> None:
        """`is_within`: the first line may be one of a traceback that began before it."""
        self._open = _Open.EXCEPTION if is_within else _Open.NOTHING
        self._kind = b""  # of what stands before the lines of the open traceback; empty if that is not known

    def feed(self, data: bytes, *, begun: Sequence[int] | None = None, braced: Sequence[int] | None = None) -> bytes:
        """Return the next block unwrapped; the same object where nothing was wrapped. `begun` is what `tracebacks` tells
        of it and `braced` what `braced_lines` does, if they are known already."""
        lines = self._unwrapped(data, begun, braced)
        # A last line without its newline, of which nothing is left, still is a line.
        return lines + b" " if data and not data.endswith(b"\n") and lines[-1:] in (b"", b"\n") else lines

    def _unwrapped(self, data: bytes, begun: Sequence[int] | None, braced: Sequence[int] | None) -> bytes:
        whole = data
        if any(head.startswith(_JSON) for head in _heads(data)):
            data = b"\n".join(map(_out_of_json, data.split(b"\n")))
        if b"\x1b" in data:  # one byte is looked for eighty times as fast as two
            data = _COLOUR.sub(b"", data)
        braced = braced if braced is not None and data is whole else braced_lines(data)
        without = _without(data, _before_objects(data, braced))
        begun = begun if begun is not None and without is whole else tracebacks(without)
        before, self._open = self._open, _Open.NOTHING
        return _without(without, self._fronts(without, begun, before))

    def _fronts(self, data: bytes, begun: Sequence[int], before: _Open) -> Iterator[tuple[int, int]]:
        """Yield what stands before each line of a carried traceback."""
        done = 0
        places = ((begin, _Open.NOTHING) for begin in self._carried(data, begun))
        for begin, state in chain([(0, before)] if before is not _Open.NOTHING else [], places):
            if begin >= done:  # else a chained one, which was met on the way
                for front, rest in self._continued(data, begin, state):
                    yield front, rest
                    done = rest

    def _carried(self, data: bytes, begun: Sequence[int]) -> Iterator[int]:
        """Yield where carried tracebacks begin: at their first line, or at the next if a message is on that."""
        after = 0
        for place in begun:
            if place < after:
                continue  # one more on the same line
            begin = data.rfind(b"\n", 0, place) + 1
            after = data.find(b"\n", place) + 1 or len(data)
            front = _FRONT.match(data, begin)
            if after == len(data):
                self._open, self._kind = _Open.FRAME, b""  # the rest of it is in the next block
            elif _is_carried(data, after):
                yield begin if front is not None and front.end() == place else after

    def _continued(self, data: bytes, at: int, state: _Open) -> Iterator[tuple[int, int]]:
        """Yield what stands before each of the lines that belong to a traceback, from one on: from where, to where."""
        kind, self._kind = self._kind if at == 0 else b"", b""
        while at < len(data):
            front = _FRONT.match(data, at)
            if front is None or _ALIGNED_LEVEL.match(data, front.end()):
                return
            # Another container, or a record with a stamp of its own behind the same name.
            if kind not in (b"", _kind_of(front[0])):
                return
            kind, rest = _kind_of(front[0]), front.end()
            if state is _Open.FRAME and not _FRAME.match(data, rest):
                return
            if data.startswith((b" ", b"\t"), rest):
                state = _Open.EXCEPTION
            elif state is _Open.EXCEPTION and _EXCEPTION.match(data, rest):
                state = _Open.LINK
            elif not data.startswith(_LINKS, rest) and rest < len(data):
                return
            yield at, rest
            at = data.find(b"\n", rest) + 1 or len(data)
        self._open, self._kind = state, kind


def braced_lines(data: bytes) -> list[int]:
    """Return where lines begin that end with a brace and do not begin with one."""
    found: list[int] = []
    at = data.find(b"}")
    while at >= 0:  # once for each line with a brace, however many it has
        end = data.find(b"\n", at)
        end = end if end >= 0 else len(data)
        last = end - 2 if data[end - 1] == ord("\r") else end - 1
        if data[last] == ord("}"):
            begin = data.rfind(b"\n", 0, at) + 1
            found += [begin] if data[begin] != ord("{") else []
        at = data.find(b"}", end)
    return found


def _without(data: bytes, places: Iterable[tuple[int, int]]) -> bytes:
    """Return the block without what stands in these places; the same object where there are none."""
    parts: list[bytes] = []
    done = 0
    for begin, end in places:
        parts.append(data[done:begin])
        done = end
    return b"".join((*parts, data[done:])) if parts else data


def _heads(data: bytes) -> list[bytes]:
    """Return how some of the first lines begin."""
    found: list[bytes] = []
    at = 0
    while len(found) < _SAMPLED and at < len(data):
        found.append(data[at : at + 200].partition(b"\n")[0])
        at = data.find(b"\n", at) + 1 or len(data)
    return found


def _is_carried(data: bytes, begin: int) -> bool:
    front = _FRONT.match(data, begin)
    return front is not None and _FRAME.match(data, front.end()) is not None


def _kind_of(front: bytes) -> bytes:
    """Return what is the same before each line that this carrier brought from this program."""
    return _VARYING.sub(lambda found: b"" if found[0][:1] in (b".", b",") else b"0", front)


def _before_objects(data: bytes, braced: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield what stands before objects that tell their moment themselves."""
    for begin in braced:
        found = _BEFORE_OBJECT.match(data, begin)
        if found is not None and not _OWN_STAMP.fullmatch(found["front"]):
            line = found[0][len(found["front"]) :].rstrip(b"\r")
            if form_of(line) is not None:
                yield found.span("front")


def _out_of_json(line: bytes) -> bytes:
    """Return the line that a runtime or loguru wrapped in JSON; any other line stays as it is."""
    try:
        if line.startswith(_JSON[0]):
            docker = _DOCKER.decode(line)
            return _one_line(f"{docker.time} {docker.log}")
        if line.startswith(_JSON[1]):
            loguru = _LOGURU.decode(line)
            record = loguru.record
            told = {"time": record.time.timestamp, "level": record.level.name, "logger": record.name or ""}
            raised = {"exception": loguru.text} if record.exception is not None else {}
            return msgspec.json.encode({**told, "message": record.message, "extra": record.extra, **raised})
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return line  # JSON of somebody else, or broken
    return line


def _one_line(text: str) -> bytes:
    return text.rstrip("\r\n").replace("\n", " ").encode("utf-8", "replace")
