"""What programs in fences say: their log calls, what they print, what they search logs for, what alert rules ask."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from crashcart.guides.foreign.verdict import is_imperative


class Said(Enum):
    """How sure a text of a program is one that its users meet."""

    PRINTED = "printed"  # a sign when its words tell of trouble
    LOGGED = "logged"  # a log call: whatever it says will stand in the log
    FAILED = "failed"  # printed behind a mark of failure, or when a command failed


_QUOTED = r"[frbuFRBU]{0,2}(?P<q>\"|'|`)(?P<text>(?:\\.|(?!(?P=q))[^\\]){3,300})(?P=q)"
_LOG = re.compile(
    rf"\b(?:logger|logging|log|LOG|_logger|_log|console|slog|self\.log(?:ger)?)\.(?P<level>info|warn(?:ing)?|error|critical|exception|fatal)\w*\(\s*{_QUOTED}"
)
_PRINT = re.compile(rf"\b(?:print|println|printf|puts|echo!?)\w*\(\s*{_QUOTED}")
_ECHO = re.compile(
    r"(?:^|[;&|(]|\bthen\b|\bdo\b|\belse\b)\s*(?P<call>echo|printf)\s+(?:-[neE]+\s+)*(?P<q>\"|')(?P<text>(?:\\.|(?!(?P=q))[^\\])*)(?P=q)"
)
_EXPR = re.compile(r"^\s*(?:-\s+)?expr:\s*(?P<q>[\"']?)(?P<text>\S.{2,280}?)(?P=q)\s*$")
# A variable or escape that only colours what is printed.
_COLOUR = re.compile(
    r"\$\{?(?:RED|GREEN|YELLOW|ORANGE|BLUE|CYAN|MAGENTA|PURPLE|WHITE|BOLD|DIM|NC|RESET|NORMAL|NO_?COLOR|COLOR_\w+|END|[a-z]*(?:red|green|yellow|blue|bold|reset))\b\}?"
    r"|\\(?:033|e|x1b|x1B)\[[\d;]*m"
)
_MARK = re.compile(
    r"^\s*(?:(?:[✓✔✗✘✖❌✅⚠❗🔴🟢🟡]\ufe0f?|[âð][\u0080-\uffff]{1,3})\s*)*(?:\[?(?:PASS(?:ED)?|FAIL(?:ED)?|WARN(?:ING)?|OK|ERROR|CRITICAL|INFO|FATAL)\]?(?=\s*[:\]-])\s*[:-]\s*)?"
)
_BAD_MARK = re.compile(r"[✗✘✖❌⚠❗🔴]|\b(?:FAIL(?:ED)?|WARN(?:ING)?|ERROR|CRITICAL|FATAL)\b")
_GOOD_MARK = re.compile(r"[✓✔✅🟢]|\b(?:PASS(?:ED)?|OK)\b")
_SUCCESS = re.compile(r"\bsuccess(?:ful(?:ly)?)?\b", re.IGNORECASE)
_HEADING = re.compile(r"^\s*(?:\d+\.\s|[=#*-]{2,})|:\s*$|:\s*(?:\$\S+|\{[^{}]*\})\s*$")
_OF_ONE = re.compile(r"\{[\w.]*_?id\}|%\(\w*id\)s", re.IGNORECASE)  # how far one piece of work is, told each time
_TITLE = re.compile(r"^\s*(?:\d+\.\s|[=#*-]{2,})|:\s*$")
_VARIABLES = re.compile(r"^(?:\$\{?\w+\}?|\$\([^()]*\)|\{[^{}]*\})?\s*")
_BULLET = re.compile(r"^\s*[•▪◦*-]\s+")
_CUT = re.compile(r"\$\((?!\()|\$\{?\d")  # what a substitution or a script's own words give is not known
_ELSE = re.compile(r"\|\|\s*\{?\s*$")
# Logs, by their reader or by their name.
_LOGS = re.compile(r"\b(?:logs?|journalctl|dmesg)\b|\.log\b|/var/log/|\.out\b", re.IGNORECASE)
_GREP = re.compile(
    r"\b(?:z?e?f?grep|rg|ag)\s+(?:-[A-Za-z]+\s+(?:\d+\s+)?)*(?P<q>\"|')(?P<text>(?:\\.|(?!(?P=q))[^\\]){3,200})(?P=q)"
)
_COMPARES = re.compile(r"^\s*(?:el)?if\b[^\n]*[<>]=?\s*[\d.]+\s*[:){]")
_SAYS = re.compile(r"(?:[\w-]+ ){1,4}(?:is|are|was|were|has|have|too)\b")  # "Search latency is high"
_SENTENCE = re.compile(rf"\(\s*{_QUOTED}\s*\)")
_ALTERNATIVES = re.compile(r"\\?\||\.\*|\[\d-\d\]")


def printed(line: str) -> Iterator[tuple[Said, str, bool]]:
    """Yield what a line of a program says: how sure, the text, and whether the text says that all is well."""
    if len(line) > 1_000:
        return
    for found in _LOG.finditer(line):
        is_progress = found["level"] == "info" and _OF_ONE.search(found["text"]) is not None
        if " " in found["text"].strip() and not is_progress:
            yield Said.LOGGED, found["text"], _is_good(found["text"])
    for found in _PRINT.finditer(line):
        if not _TITLE.search(found["text"]):
            yield Said.PRINTED, _unmarked(_BULLET.sub("", found["text"])), _is_good(found["text"])
    for found in _ECHO.finditer(line):
        yield from _echoed(found["text"], _ELSE.search(line[: found.start("call")]) is not None)
    if rule := _EXPR.match(line):
        yield Said.LOGGED, rule["text"], False


def compares(line: str) -> bool:
    """Whether a line is a condition on a number."""
    return len(line) < 1_000 and _COMPARES.search(line) is not None


def conditional(line: str) -> Iterator[str]:
    """Yield the sentences that a line hands on: behind a condition on a number, what the program then says."""
    for found in _SENTENCE.finditer(line[:1_000]):
        text = _BULLET.sub("", found["text"])
        if text.count(" ") >= 3 and (_SAYS.match(text) or not is_imperative(text)):
            yield text


def without_printed(line: str) -> str:
    """Return a line without what `printed` has judged."""
    if len(line) > 1_000:
        return line
    for pattern in (_LOG, _PRINT, _ECHO):
        line = pattern.sub(" ", line)
    return line


def searched(line: str) -> Iterator[str]:
    """Yield the patterns by which a line looks for several wordings of one thing in logs."""
    if len(line) > 1_000 or not _LOGS.search(line):
        return
    for found in _GREP.finditer(line):
        if _ALTERNATIVES.search(found["text"]) and re.search(r"[A-Za-z]{3}", found["text"]):
            yield found["text"]


def _echoed(raw: str, is_else: bool) -> Iterator[tuple[Said, str, bool]]:
    text = _COLOUR.sub("", raw)
    is_bad = _BAD_MARK.search(text) is not None
    is_good = not is_bad and _GOOD_MARK.search(text) is not None
    told = _MARK.sub("", text, count=1)
    told = _VARIABLES.sub("", _CUT.split(told, maxsplit=1)[0]).strip()
    if not told:
        told = _CUT.split(text, maxsplit=1)[0].strip(" :")
    if is_good or len(told) < 3:
        return
    if is_bad or is_else:
        yield Said.FAILED, told, False
    elif not _HEADING.search(text):
        bare = _BULLET.sub("", told)
        if not is_imperative(bare):
            yield Said.PRINTED, bare, False


def _unmarked(text: str) -> str:
    """Return a text without its mark, and without what varies right behind the mark."""
    mark = _MARK.match(text)
    return _VARIABLES.sub("", text[mark.end() :]) if mark and mark.end() else text


def _is_good(text: str) -> bool:
    return _BAD_MARK.search(text) is None and _SUCCESS.search(text) is not None
