"""Records as they may be shown: redacted, cut to the telling part, without anything that acts on a terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from crashcart.model.observation import Record
from crashcart.probes.log.asked import LogRecord
from crashcart.probes.log.patterns import Pattern
from crashcart.probes.plain import plain
from crashcart.redact import MARK, Scrubber

EXCERPT_CHARS = 500
_GAP = "..."
_FIELD = re.compile(r"[\w.@\-]+=")


def shown(record: LogRecord, pattern: Pattern | None, scrubber: Scrubber) -> Record:
    """Return one record with its captures."""
    text = record.text if pattern is None or not record.raw or pattern.is_in(record.text) else record.raw
    # The whole record is scrubbed before it is cut or searched: part of a secret would not be recognised, and a
    # captured value may be secret only because of the words in front of it.
    cleaned = scrubber.text(text)
    where = f"{record.path}:{record.line}" if record.line else record.path
    at = instant(record.at_s) if record.at_s is not None else ""
    if pattern is None:
        return Record(_excerpt(cleaned.split("\n"), 0, 0), where, at)
    match = pattern.find(cleaned)
    if match is not None:
        captures = tuple((name, plain(value)[:EXCERPT_CHARS]) for name, value in match.captures)
        row = cleaned.count("\n", 0, match.start)
        column = match.start - (cleaned.rfind("\n", 0, match.start) + 1)
        return Record(_excerpt(cleaned.split("\n"), row, column), where, at, captures)
    # The guide quotes a text that is redacted here. Scrubbing keeps lines, so the place is known; the captures are not.
    original = pattern.find(text)
    row = text.count("\n", 0, original.start) if original is not None else 0
    names = dict.fromkeys(name for name in pattern.names if name)
    return Record(_excerpt(cleaned.split("\n"), row, 0), where, at, tuple((name, MARK) for name in names))


def instant(seconds: float) -> str:
    """Return a moment in ISO 8601, UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _excerpt(lines: Sequence[str], row: int, column: int) -> str:
    """Return the line that matched and the last one: with a traceback, that is the exception.

    The fields of a JSON record stand as `key=value` behind its message and say little by themselves.
    """
    chosen = lines[row].strip()
    column -= len(lines[row]) - len(lines[row].lstrip())
    telling = (line.strip() for line in reversed(lines) if line.strip() and not _FIELD.match(line))
    last = next(telling, chosen)
    if last == chosen:
        return plain(_cut(chosen, column, EXCERPT_CHARS))
    half = EXCERPT_CHARS // 2
    return plain(f"{_cut(chosen, column, half)}\n{_cut(last, 0, half - 1)}")


def _cut(line: str, column: int, size: int) -> str:
    """Return at most `size` characters around a column."""
    if len(line) <= size:
        return line
    room = size - 2 * len(_GAP)
    begin = max(0, min(column - room // 4, len(line) - room))
    front = _GAP if begin else ""
    back = _GAP if begin + room < len(line) else ""
    return f"{front}{line[begin : begin + room]}{back}"
