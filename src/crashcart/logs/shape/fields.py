"""Level, logger and message of single lines, in the shapes that common software writes.

For lines that are shown or counted one by one; the pass over whole files needs only their stamps and messages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crashcart.logs.shape.escaped import unescaped_once
from crashcart.logs.shape.json_line import EXCEPTIONS, MESSAGES, first_text, object_of
from crashcart.logs.shape.levels import Level, level_in, level_of, level_of_priority

_STAMP = r"\d{4}[-/]\d\d[-/]\d\d[T _]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d|[A-Z]{3,4}(?![A-Za-z])))?"
_NAMED = r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
_ANY_LEVEL = r"(?P<level>TRACE|DEBUG|INFO|NOTICE|SUCCESS|WARN|WARNING|ERROR|CRITICAL|FATAL)"
_POSTGRES = r"(?P<level>DEBUG[1-5]?|INFO|NOTICE|WARNING|ERROR|LOG|FATAL|PANIC|STATEMENT|DETAIL|HINT|CONTEXT|QUERY)"
# The first that fits counts, so the narrow ones stand before the wide ones.
_SHAPES: Final = tuple(
    (name, re.compile(pattern + r"(?P<message>.*)", re.DOTALL))
    for name, pattern in (
        ("celery", rf"\[{_STAMP}: (?P<level>[A-Z]+)/(?P<logger>[\w\-]+)\] "),
        ("gunicorn", rf"\[{_STAMP}\] \[\d+\] \[(?P<level>[A-Z]+)\] "),
        ("nginx", rf"{_STAMP} \[(?P<level>[a-z]+)\] \d+#\d+: (?:\*\d+ )?"),
        ("access", r"\S+ \S+ \S+ \[\d\d/[A-Z][a-z]{2}/\d{4}[: ]\d\d:\d\d:\d\d(?: [+-]\d{4})?\] (?=\")"),
        ("redis", r"\d{1,7}:[A-Z] \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d\.\d{3} (?P<level>[.\-*#]) "),
        ("postgres", rf"{_STAMP} \[\d+\](?:-\d+)? (?:\S{{1,200}} ){{0,4}}?{_POSTGRES}: {{1,2}}"),
        ("loguru", rf"{_STAMP} \| {_ANY_LEVEL} *\| (?P<logger>[\w.<>]+:[\w.<>]+:\d+) - "),
        ("structlog", rf"{_STAMP} \[(?P<level>[a-z]+) *\] "),
        ("python", rf"{_STAMP} - (?:(?P<logger>[\w.\-]+) - )?{_ANY_LEVEL} - "),
        ("python", rf"{_STAMP} \[?{_ANY_LEVEL}\]? *(?: \[?(?P<logger>[\w.\-/]+)\]?:| \[(?P<thread>[\w.\-/]+)\])? "),
        ("syslog", rf"(?:<(?P<priority>\d{{1,3}})>)?{_NAMED} \S+ (?P<logger>[^\s:\[]+)(?:\[\d+\])?: "),
        (
            "syslog",
            rf"<(?P<priority>\d{{1,3}})>1 {_STAMP} \S+ (?P<logger>\S+) \S+ \S+ (?:-|(?:\[[^\]]*\])+) (?:\ufeff)?",
        ),
        ("glog", r"(?P<level>[DIWEF])\d{4} \d\d:\d\d:\d\d\.\d{1,9} +\d+ (?P<logger>[\w.\-/]+:\d+)\] "),
        ("uvicorn", rf"{_ANY_LEVEL}: {{2,}}"),
        ("python", rf"{_ANY_LEVEL}:(?P<logger>[\w.\-]+):"),
        ("stamp", rf"[\[(]?{_STAMP}[\])]?[ \t|:\-]*"),
    )
)
# Who wrote it, as containers put it in front: compose's "api-1  | ", the runtime's "2024-...Z stdout F ".
_FRONT = re.compile(rf"[\w.\-]{{1,60}} {{1,40}}\| |\[pod/[^\]\s]{{1,120}}\] |{_STAMP} (?:stdout|stderr) [FP] ")
_PAIR = re.compile(r"([A-Za-z_@][\w.\-@]*)=(\"(?:[^\"\\]|\\.)*\"|[^\s\"]*)(?:\s+|\Z)")
_LEVEL_KEYS = ("level", "levelname", "severity", "log.level", "lvl", "log_level")
_LOGGER_KEYS = ("logger", "logger_name", "name", "log.logger", "module")


@dataclass(frozen=True, slots=True)
class Fields:
    """What a line says of itself; `logger` is empty when it names none. `exception` is the text of a traceback."""

    shape: str
    level: Level
    logger: str
    message: str
    exception: str = ""


def fields_of(line: str) -> Fields:
    """Return the fields of one line, or of a record with all its lines."""
    front = _FRONT.match(line)
    body = line[front.end() :] if front is not None else line
    found = object_of(body.encode("utf-8", "surrogateescape"))
    if found is not None:
        return _of_mapping("json", found)
    pairs = _pairs(body)
    if pairs is not None:
        return _of_mapping("logfmt", pairs)
    for shape, pattern in _SHAPES:
        match = pattern.match(body)
        if match is not None:
            return _of_match(shape, match, body)
    return Fields("plain", level_in(body), "", body)


def _of_match(shape: str, match: re.Match[str], line: str) -> Fields:
    parts = match.groupdict()
    priority = parts.get("priority")
    level = level_of_priority(int(priority)) if priority else level_of(parts.get("level") or "")
    level = level_in(line) if level is Level.UNKNOWN and shape != "access" else level
    return Fields(shape, level, parts.get("logger") or "", match["message"])


def _of_mapping(shape: str, found: Mapping[str, object]) -> Fields:
    level = next(
        (level for key in _LEVEL_KEYS if (level := _level(found.get(key))) is not Level.UNKNOWN), Level.UNKNOWN
    )
    logger = first_text(found, _LOGGER_KEYS) or ""
    return Fields(shape, level, logger, first_text(found, MESSAGES) or "", first_text(found, EXCEPTIONS) or "")


def _level(value: object) -> Level:
    is_word = isinstance(value, str | int) and not isinstance(value, bool)
    return level_of(str(value)) if is_word else Level.UNKNOWN


def _pairs(line: str) -> dict[str, object] | None:
    """Return the pairs of a line that is nothing but two or more of `key=value`."""
    found: dict[str, object] = {}
    at = 0
    while at < len(line):
        pair = _PAIR.match(line, at)
        if pair is None:
            return None
        value = pair[2]
        found.setdefault(pair[1], unescaped_once(value[1:-1]) if value.startswith('"') else value)
        at = pair.end()
    return found if len(found) > 1 else None
