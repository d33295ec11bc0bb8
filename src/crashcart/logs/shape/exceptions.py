"""Tracebacks of Python: what was raised, and where in the user's own code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

BEGIN: Final = "Traceback (most recent call last)"
_BEGIN: Final = BEGIN.encode()
_MESSAGE_CHARS: Final = 2000
_FRAME = re.compile(r'  File "(?P<file>[^"\n]*)", line (?P<line>\d+)(?:, in (?P<function>.*))?')
_RAISED = re.compile(r"(?P<type>[A-Za-z_][\w.]*(?:\.<locals>\.[\w.]+)?)(?:: ?(?P<message>.*))?\Z")
_CHAIN = re.compile(
    r"During handling of the above exception, another exception occurred:|"
    r"The above exception was the direct cause of the following exception:"
)
_SEPARATOR = re.compile(r"\+(?:-\+)?-+(?: (?P<number>\d+|\.\.\.) -+)?\Z")
_GUTTER = re.compile(r"( *)([|+])(?: (.*)|(-.*))?\Z")
_LIBRARY = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages)/|(?:^|/)lib(?:64)?/python\d[\d.]*/|\\(?:Lib|site-packages)\\|^<|^$"
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a traceback."""

    file: str
    line: int
    function: str

    @property
    def is_own(self) -> bool:
        """Whether this is the user's own code, and neither Python nor an installed package."""
        return _LIBRARY.search(self.file) is None


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception. `own` is the deepest frame of the user's own code, None when there is none."""

    type: str
    message: str
    own: Frame | None = None
    before: tuple[Raised, ...] = ()  # those it came from or that were being handled, the first one first
    members: tuple[Raised, ...] = ()  # of an exception group

    @property
    def root(self) -> Raised:
        """What was raised first."""
        return self.before[0].root if self.before else self


def tracebacks(data: bytes) -> list[int]:
    """Return where tracebacks begin."""
    found: list[int] = []
    at = data.find(_BEGIN)
    while at >= 0:
        found.append(at)
        at = data.find(_BEGIN, at + len(_BEGIN))
    return found


def raised_in(text: str) -> Raised | None:
    """Return what the first traceback of a record ends with, None when there is no whole one."""
    lines = text.split("\n")
    start = next((number for number, line in enumerate(lines) if BEGIN in line), None)
    if start is None:
        return None
    # A line of a log may stand in front of it, and a gutter of an exception group.
    if "Exception Group " + BEGIN in lines[start]:
        return _group(lines[start:])
    return _chain(lines[start:])


def _chain(lines: Sequence[str]) -> Raised | None:
    """Read tracebacks that follow each other; the last one is the one that came out."""
    found: list[Raised] = []
    part: list[str] = []
    for line in [*lines, None]:
        if line is None or _CHAIN.match(line):
            raised = _single(part)
            if raised is not None:
                found.append(raised)
            part = []
        else:
            part.append(line)
    if not found:
        return None
    last = found[-1]
    return Raised(last.type, last.message, last.own, tuple(found[:-1]), last.members)


def _single(lines: Sequence[str]) -> Raised | None:
    own: Frame | None = None
    has_frames = False
    for number, line in enumerate(lines):
        frame = _FRAME.match(line)
        if frame is not None:
            has_frames = True
            read = Frame(frame["file"], int(frame["line"]), frame["function"] or "")
            own = read if read.is_own else own
        elif line and not line.startswith((" ", "\t")) and BEGIN not in line:
            raised = _RAISED.match(line)
            if raised is None:
                continue
            rest = "\n".join((raised["message"] or "", *lines[number + 1 :])).rstrip()
            return Raised(raised["type"], rest[:_MESSAGE_CHARS], own)
    return Raised("", "", own) if has_frames else None  # cut off before its last line


@dataclass(slots=True)
class _Part:
    """The lines of one member of a group, behind a gutter in this column."""

    column: int
    lines: list[str]


def _group(lines: Sequence[str]) -> Raised | None:
    parts = list(_parts(lines))
    return _nested(parts, 0, len(parts)) if parts else None


def _parts(lines: Sequence[str]) -> Iterator[_Part]:
    current = _Part(0, [])
    for line in lines:
        gutter = _GUTTER.match(line)
        if gutter is None:
            current.lines.append(line)
            continue
        column, text = len(gutter[1]), gutter[3] or ""
        separator = _SEPARATOR.match(line.strip())
        if separator is not None:
            yield current
            # "+-+---- 1 ----" opens a group two columns further in, "+---- 2 ----" goes on in its own column.
            current = _Part(column + (2 if line.strip().startswith("+-+") else 0), [])
        else:
            current.column = current.column or column
            current.lines.append(text)
    yield current


def _nested(parts: Sequence[_Part], begin: int, end: int) -> Raised | None:
    """Read the part at `begin` with those further in as its members."""
    own = _chain(parts[begin].lines)
    if own is None:
        return None
    inner = [at for at in range(begin + 1, end) if parts[at].lines]  # the line that closes a group opens no member
    column = min((parts[at].column for at in inner), default=0)
    heads = [at for at in inner if parts[at].column == column]
    members = (_nested(parts, head, following) for head, following in zip(heads, [*heads[1:], end], strict=False))
    return Raised(own.type, own.message, own.own, own.before, tuple(member for member in members if member is not None))
