"""Lines to records: a record is a line with what belongs to it (traceback, further lines). Pure.

Lines come from anywhere: broken UTF-8, binary, JSON, half a line. Nothing of that is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from crashcart.logs.shape.levels import SAID, level_in
from crashcart.probes.log.stamps import Stamp, from_number, stamp_of
from crashcart.redact import MARK, is_secret_name

RECORD_CHARS = 64 * 1024
LEVELS = ("debug", "info", "warning", "error", "critical")
UNKNOWN = -1

_LEVEL_WORDS = {
    "trace": 0, "debug": 0, "info": 1, "notice": 1, "log": 1, "warn": 2, "warning": 2, "error": 3, "err": 3,
    "severe": 3, "exception": 3, "critical": 4, "crit": 4, "fatal": 4, "alert": 4, "emerg": 4, "panic": 4,
}  # fmt: skip
_HEAD_CHARS = 120
_GLOG = re.compile(r"[DIWEF](?=\d{4} \d\d:\d\d:\d\d)")
_GLOG_LEVELS = {"D": 0, "I": 1, "W": 2, "E": 3, "F": 4}
_OPENS = re.compile(r"\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)(?:\]|:| +[-|\[]| {2,}|\s\w)")
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(?::|$)")
_WITHIN = ("Traceback (most recent call last)", "During handling of the above", "The above exception was", "Caused by:")
_INDENTED = (" ", "\t", ")", "]", "}")

_TIMES = ("timestamp", "time", "@timestamp", "ts", "asctime", "datetime")
_LEVEL_KEYS = ("level", "levelname", "severity", "log.level", "lvl")
_MESSAGES = ("message", "msg", "event")
_TAILS = ("exception", "exc_info", "exc_text", "traceback", "stack", "stack_info", "stacktrace")
_DEPTH = 6
_JSON = msgspec.json.Decoder(dict[str, object])


def level_words(level: int) -> tuple[bytes, ...]:
    """Return words of which one stands, in small letters or others, in every record of at least this level that does
    not tell it by a number."""
    words = [word for word, rank in _LEVEL_WORDS.items() if rank >= level]
    shortest = [word for word in words if not any(other in word for other in words if other != word)]
    return tuple(word.encode() for word in (*shortest, _WITHIN[0].lower()))


def level_letters(level: int) -> tuple[bytes, ...]:
    """Return how a line of glog with at least this level begins, behind the end of the line before: letter and month."""
    return tuple(
        f"\n{letter}{tens}".encode() for letter, rank in _GLOG_LEVELS.items() if rank >= level for tens in "01"
    )


def level_numbers(level: int) -> tuple[bytes, ...]:
    """Return how a JSON record tells by a number that it has at least this level."""
    fields = (f'"{key}":{space}' for key in _LEVEL_KEYS for space in ("", " "))
    return tuple(f"{name}{rank + 1}".encode() for name in fields for rank in range(level, len(LEVELS)))


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record. `text` is what to search: for JSON its strings, decoded; `raw` the line itself where that differs."""

    text: str
    raw: str
    stamp: Stamp | None
    level: int  # index in LEVELS, or UNKNOWN
    line: int


@dataclass(slots=True)
class _Growing:
    """A record to which lines may still come."""

    parts: list[str]
    raw: str
    stamp: Stamp | None
    level: int
    line: int
    is_json: bool
    is_in_traceback: bool = False
    had_traceback: bool = False
    chars: int = field(default=0)

    def add(self, line: str) -> None:
        begins = line.startswith(_WITHIN)
        self.had_traceback = self.had_traceback or begins
        self.is_in_traceback = begins or (self.had_traceback and line.startswith((" ", "\t")))
        self.chars += len(line) + 1
        if self.chars < RECORD_CHARS:
            self.parts.append(line)

    def done(self) -> RawRecord:
        text = "\n".join(self.parts).rstrip("\n")[:RECORD_CHARS]
        # A traceback without a level is an error that nobody caught.
        level = LEVELS.index("error") if self.level == UNKNOWN and self.had_traceback else self.level
        return RawRecord(text, self.raw, self.stamp, level, self.line)


def records(lines: Iterable[str], *, written_s: float) -> Iterator[RawRecord]:
    """Yield the records of consecutive lines, numbered from 0."""
    current: _Growing | None = None
    for number, line in enumerate(lines):
        opened = None if line.startswith((" ", "\t")) else _open(line, number, written_s)
        if current is not None and (opened is None or _belongs(line, opened, current)):
            current.add(line)
            continue
        if current is not None:
            yield current.done()
        current = opened or (_plain(line, number, None) if line.strip() else None)
    if current is not None:
        yield current.done()


def begins_message(record: RawRecord) -> bool:
    """Say whether the record begins with its level, as a logger without time stamps or a command writes it."""
    return _OPENS.match(record.text) is not None or SAID.match(record.text) is not None


def stamp_in(line: str, *, written_s: float) -> Stamp | None:
    """Return the stamp of one line, JSON or not."""
    opened = _open(line, 0, written_s) if line else None
    return opened.stamp if opened is not None else None


def _open(line: str, number: int, written_s: float) -> _Growing | None:
    """Return the record that this line would begin; None for an empty line."""
    if not line:
        return None
    brace = line.find("{", 0, _HEAD_CHARS)
    if brace >= 0 and line.endswith("}"):
        decoded = _decoded(line[brace:])
        if decoded is not None:
            return _from_json(line, line[:brace], decoded, number, written_s)
    return _plain(line, number, stamp_of(line, written_s=written_s))


def _plain(line: str, number: int, stamp: Stamp | None) -> _Growing:
    opened = _Growing([line], "", stamp, _level_in(line), number, is_json=False, chars=len(line))
    opened.had_traceback = opened.is_in_traceback = line.startswith(_WITHIN[0])
    return opened


def _belongs(line: str, opened: _Growing, current: _Growing) -> bool:
    """Say whether a line goes on with the record above."""
    if opened.stamp is not None or opened.is_json:
        return False
    if line.startswith(_INDENTED) or line.startswith(_WITHIN):
        return True
    if _OPENS.match(line):
        return False
    if current.is_in_traceback and _EXCEPTION.match(line):
        return True
    if current.had_traceback and line.startswith(("(", "[")):
        return True  # "[SQL: ...]", "(Background on this error at ...)"
    # Text with stamps: what has none is the next line of a message. Where no line has one, each is its own record.
    return current.stamp is not None and not current.is_json


def _level_in(line: str) -> int:
    letter = _GLOG.match(line)
    return _GLOG_LEVELS[letter[0]] if letter is not None else level_in(line)


# --- JSON ------------------------------------------------------------------------------------------------------------


def _decoded(text: str) -> dict[str, object] | None:
    try:
        return _JSON.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):  # not JSON after all: a line like any other
        return None


def _from_json(line: str, front: str, found: dict[str, object], number: int, written_s: float) -> _Growing:
    stamp = _json_stamp(found, written_s) or stamp_of(line, written_s=written_s)
    text = "\n".join(part for part in (front.rstrip(), *_strings(found)) if part)[:RECORD_CHARS]
    level = _json_level(found)
    opened = _Growing([text], line[:RECORD_CHARS], stamp, _level_in(front) if level == UNKNOWN else level, number, True)
    opened.chars = len(text)
    opened.had_traceback = "Traceback (most recent" in text
    return opened


def _json_stamp(found: dict[str, object], written_s: float) -> Stamp | None:
    for key in _TIMES:
        value = found.get(key)
        if isinstance(value, str):
            stamp = stamp_of(value + " ", written_s=written_s)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            stamp = from_number(float(value))
        else:
            continue
        if stamp is not None:
            return stamp
    return None


def _json_level(found: dict[str, object]) -> int:
    for key in _LEVEL_KEYS:
        value = found.get(key)
        if isinstance(value, str) and value.lower() in _LEVEL_WORDS:
            return _LEVEL_WORDS[value.lower()]
        # Numbers are those of Python's logging, in tens from 10.
        if isinstance(value, int) and not isinstance(value, bool) and 10 <= value <= 50:
            return value // 10 - 1
    return UNKNOWN


def _strings(found: dict[str, object]) -> Iterator[str]:
    """Yield message, other fields as `key=value`, exception: in the order in which a person would write them."""
    yield from (value for key in _MESSAGES if isinstance(value := found.get(key), str))
    for key, value in found.items():
        if not (isinstance(value, str) and key in (*_MESSAGES, *_TAILS)):
            yield from _flat(key, value, _DEPTH)
    yield from (value for key in _TAILS if isinstance(value := found.get(key), str))


def _flat(key: str, value: object, depth: int) -> Iterator[str]:
    if isinstance(value, dict) and depth:
        for inner, one in value.items():
            yield from _flat(f"{key}.{inner}", one, depth - 1)
    elif isinstance(value, list) and depth:
        for at, one in enumerate(value):
            yield from _flat(f"{key}.{at}", one, depth - 1)
    elif isinstance(value, str | int | float | bool):
        # Behind a secret's name everything is secret, spaces included; the scrubber would stop at the first one.
        yield f"{key}={MARK if is_secret_name(key) else value}"
