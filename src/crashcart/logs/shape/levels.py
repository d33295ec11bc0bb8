"""How bad a line says it is."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final


class Level(IntEnum):
    """Levels of Python's logging, to which all others are mapped."""

    UNKNOWN = -1
    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3
    CRITICAL = 4


# The letters alone are those of glog.
_WORDS = {
    Level.DEBUG: "d trace debug verbose fine finer finest dbug debug1 debug2 debug3 debug4 debug5",
    Level.INFO: "i info notice log information success statement detail hint",
    Level.WARNING: "w warn warning",
    Level.ERROR: "e error err severe exception fail",
    Level.CRITICAL: "c f critical crit fatal alert emerg panic emergency",
}
_BY_WORD = {word: level for level, words in _WORDS.items() for word in words.split()}
_REDIS = {".": Level.DEBUG, "-": Level.INFO, "*": Level.INFO, "#": Level.WARNING}
_FROM_SYSLOG = (Level.CRITICAL,) * 3 + (Level.ERROR, Level.WARNING, Level.INFO, Level.INFO, Level.DEBUG)


def level_of(word: str) -> Level:
    """Return the level that a word, a sign of Redis, a number of Python's logging or of pino means."""
    if word.isdecimal():
        # 10 to 50 by tens in Python; pino has 60 for fatal and calls 30 what Python calls 20.
        return Level(min(max(int(word) // 10 - 1, 0), 4)) if len(word) == 2 else Level.UNKNOWN
    return _BY_WORD.get(word.lower(), _REDIS.get(word, Level.UNKNOWN))


def level_of_priority(priority: int) -> Level:
    """Return the level of a syslog priority, <0> to <191>."""
    return _FROM_SYSLOG[priority % 8]


_HEAD_CHARS = 120
_UPPER = re.compile(
    r"(?<![A-Za-z])(TRACE|DEBUG|INFO|NOTICE|LOG(?=:)|WARN|WARNING|ERROR|ERR|SEVERE|CRITICAL|CRIT|FATAL|ALERT|EMERG"
    r"|PANIC)(?![A-Za-z])"
)
_LOWER = re.compile(
    r"(?:\[|\blevel=\"?|\blvl=|\| )(trace|debug|info|notice|warn|warning|error|err|crit|critical|fatal|alert|emerg)\b"
)
# What commands say as they end: "Error: no such option", "celery: error: unrecognized arguments".
SAID: Final = re.compile(r"(?:[\w.\-]{1,40}: )?((?i:error|warning|fatal))(?i: error)?: ")


def level_in(line: str) -> Level:
    """Return the level that is written near the beginning of a line of an unknown shape."""
    head = line[:_HEAD_CHARS]
    match = _UPPER.search(head) or _LOWER.search(head) or SAID.match(head)
    return level_of(match[1]) if match is not None else Level.UNKNOWN
