"""Lines of logs: what stands before the message, which differs each time, and which lines tell of trouble."""

from __future__ import annotations

import re

LOG_LINE = re.compile(
    r"^\s*(?:\[?\d{4}[-/]\d\d[-/]\d\d|\[?\d\d:\d\d:\d\d|\w{3} +\d{1,2} \d\d:\d\d:\d\d|[IWEF]\d{4} \S+|(?:Warning|Normal)\s{2,}\w+\s{2,}|\S*\s*\[?(?:ERROR|WARN(?:ING)?|FATAL|CRITICAL|PANIC|EMERG|INFO|DEBUG)\]?[\s:|]|(?:\S+\s+)?level=)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"^\s*(?:\[?\d{4}-\d\d-\d\d[T ]?[\d:.,]*(?:Z|[+-]\d\d:?\d\d)?\]?|\[?\d\d:\d\d:\d\d[.,]?\d*\]?|\w{3} +\d{1,2} \d\d:\d\d:\d\d)?[\s|:-]*"
)
_LEVEL = re.compile(r"^(?:\[?(?:ERROR|WARN(?:ING)?|FATAL|CRITICAL|PANIC|INFO|DEBUG)\]?[\s|:-]+)?")
_COMPOSE = re.compile(r"^[\w.-]{1,60}\s+\|\s+")  # `web_1  | message`
_SYSLOG = re.compile(r"^[\w.-]{1,60} [\w./@-]{1,60}\[\d+\]:\s+")  # behind a time: `host unit[123]: message`
_PROCESS = re.compile(r"^\s*[\w./-]{1,60}\[\d{1,8}\]:\s+")
_NGINX = re.compile(r"^\s*\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[\w+\] \d+#\d+: (?:\*\d+ )?")
_KLOG = re.compile(r"^\s*[IWEF]\d{4}(?:\s+\d\d:\d\d:\d\d[\d.]*)?\s+(?:\d+\s+)?[\w./-]+:\d+\]\s+")
_MSG = re.compile(r"\b(?:msg|message|err|error)=\"(?P<text>(?:[^\"\\]|\\.){3,500})\"")
_EVENT = re.compile(r"^\s*(?:Warning|Normal)\s{2,}\w+\s{2,}\S.*\s{2,}(?P<text>\S.{5,})$")  # of Kubernetes, in columns
_BAD_LEVEL = re.compile(
    r"\b(?:ERROR|WARN(?:ING)?|FATAL|CRITICAL|PANIC|EMERG)\b|\blevel=(?:error|warn|fatal|critical)|^\s*[EF]\d{4} |\[(?:error|crit|alert|emerg|fatal)\]"
)


def untimed(line: str) -> str:
    """Return a line without the time and the columns before what it says."""
    if event := _EVENT.match(line):
        return event["text"]
    if head := _KLOG.match(line) or _NGINX.match(line):
        return line[head.end() :]
    rest = _TIME.sub("", _COMPOSE.sub("", line, count=1), count=1)
    return _PROCESS.sub("", _SYSLOG.sub("", rest, count=1) if rest != line else rest, count=1)


def message(line: str) -> str:
    """Return what a line of a log says, without its level either."""
    rest = untimed(line)
    if (found := _MSG.search(rest)) and ("level=" in rest or rest.startswith(("time=", "ts="))):
        return found["text"]
    return _LEVEL.sub("", rest, count=1)


_CALM_LEVEL = re.compile(
    r"\b(?:INFO|DEBUG|NOTICE|TRACE)\b|\blevel=(?:info|debug|notice)|^\s*I\d{4} |\[(?:info|debug|notice)\]"
)


def has_calm_level(line: str) -> bool:
    """Whether a line's level says that nothing is wrong."""
    return _CALM_LEVEL.search(line[:120]) is not None and not has_bad_level(line)


def has_bad_level(line: str) -> bool:
    """Whether a line's level says that something is wrong."""
    return _BAD_LEVEL.search(line) is not None
