"""Strings in code of any language: statements in SQL and command lines that a guide's code runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .sql import looks_like_sql

MAX_CHARS = 200_000
_STRING = re.compile(
    r"\"\"\"(?P<d3>.*?)\"\"\"|'''(?P<s3>.*?)'''|`(?P<b>[^`]*)`|\"(?P<d>(?:[^\"\\\n]|\\.)*)\"|'(?P<s>(?:[^'\\\n]|\\.)*)'|(?:#|//)[^\n]*",
    re.S,
)
_RUNS = re.compile(
    r"(?:os\.system|os\.popen|subprocess\.\w+|exec(?:Sync)?|spawn(?:Sync)?|shell_exec|Popen|check_output|check_call)\(\s*$"
)
_LIST = re.compile(
    r"(?:subprocess\.\w+|Popen|spawn(?:Sync)?|execFile(?:Sync)?|check_output|check_call)\(\s*\[(?P<words>[^\[\]\n]{1,500})\]"
)


@dataclass(frozen=True, slots=True)
class Literal:
    """A string that is a statement or a command line. `line` from 0, where its text begins."""

    text: str
    line: int
    end_line: int
    is_sql: bool


def literals(code: str) -> Iterator[Literal]:
    """Yield the statements and command lines that stand in the strings of code, in order."""
    if len(code) > MAX_CHARS:
        return
    yield from sorted((*_statements(code), *_listed(code)), key=lambda found: found.line)


def _statements(code: str) -> Iterator[Literal]:
    for match in _STRING.finditer(code):
        name = match.lastgroup
        if name is None:
            continue
        text = match[name]
        is_run = _RUNS.search(code[max(0, match.start() - 60) : match.start()]) is not None
        if not is_run and not looks_like_sql(text):
            continue
        start = match.start(name) + len(text) - len(text.lstrip())
        line = code.count("\n", 0, start)
        body = _dedented(text.strip())
        yield Literal(body, line, line + body.count("\n"), not is_run)


def _dedented(text: str) -> str:
    return "\n".join(line.strip() if place == 0 else line.rstrip() for place, line in enumerate(text.split("\n")))


def _listed(code: str) -> Iterator[Literal]:
    for match in _LIST.finditer(code):
        words = re.findall(r"[\"']([^\"']*)[\"']", match["words"])
        if words:
            line = code.count("\n", 0, match.start("words"))
            yield Literal(" ".join(words), line, line, is_sql=False)
