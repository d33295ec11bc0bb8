"""Edits of env files that leave every other byte alone. Pure. Reads as `probes.env.dotenv` reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from crashcart.actions.config.change import CannotEdit

_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?(?P<name>'[^'\n]+'|[^=\s#][^=\n]*?)[ \t]*=[ \t]*")
_QUOTED = {
    '"': re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL),
    "'": re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL),
}
_COMMENT = re.compile(r"[ \t]#.*\Z")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_PLAIN_VALUE = re.compile(r"[A-Za-z0-9_./:@%+,=?&-]*")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where an assignment stands: [start, end) with its line break, its value in [begins, ends)."""

    name: str
    start: int
    begins: int
    ends: int
    end: int


def assign(text: str, name: str, value: str) -> str:
    """Return the text in which the name has that value; of several assignments, the last one counts.

    Raises:
        CannotEdit: name or value cannot be written so that every reader of env files agrees about it.
    """
    entry = next((entry for entry in reversed(_entries(text)) if entry.name == name), None)
    if entry is None:
        return _added(text, name, value)
    quote = text[entry.begins : entry.begins + 1]
    return text[: entry.begins] + _written(value, quote) + text[entry.ends :]


def remove(text: str, name: str) -> str:
    """Return the text without any assignment of that name."""
    for entry in reversed(_entries(text)):
        if entry.name == name:
            text = text[: entry.start] + text[entry.end :]
    return text


def extend(text: str, name: str, value: str, *, old: str) -> str:
    """Return the text in which the list `old` has one more value: a JSON list, else values joined by commas."""
    if old.lstrip().startswith("["):
        try:
            entries = json.loads(old)
        except ValueError as error:
            raise CannotEdit(f"{name} begins like a JSON list and is none") from error
        return assign(text, name, json.dumps([*entries, value], ensure_ascii=False))
    if "," in value:
        raise CannotEdit("a value with a comma cannot be one entry of a list joined by commas")
    return assign(text, name, f"{old},{value}" if old.strip() else value)


def _added(text: str, name: str, value: str) -> str:
    if not _PLAIN_NAME.fullmatch(name):
        raise CannotEdit(f"{name!r} is no name that an env file can hold")
    newline = "\r\n" if "\r\n" in text else "\n"
    glue = "" if not text or text.endswith("\n") else newline
    return f"{text}{glue}{name}={_written(value, '')}{newline}"


def _written(value: str, quote: str) -> str:
    """Return the value as it is written, quoted as the old one was if that can be."""
    if _UNWRITABLE.search(value):
        raise CannotEdit("the value has control characters")
    if quote not in ("'", '"') and _PLAIN_VALUE.fullmatch(value):
        return value
    if "\n" not in value and "\r" not in value and "'" not in value and "\\" not in value and quote != '"':
        return f"'{value}'"
    if "$" in value or "`" in value:
        # Some readers fill these in between double quotes, and between single ones no reader does.
        if not any(char in value for char in "'\\\n\r"):
            return f"'{value}'"
        raise CannotEdit("the value has `$` beside quotes, backslashes or line breaks: readers disagree about it")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def _entries(text: str) -> list[_Entry]:
    return list(_scan(text))


def _scan(text: str) -> Iterator[_Entry]:
    at = 0
    while at < len(text):
        line_end = _line_end(text, at)
        found = _NAME.match(text, at, line_end)
        if found is None:
            at = _next(text, line_end)
            continue
        begins, ends, end = _value(text, found.end(), line_end)
        yield _Entry(found["name"].strip("'"), at, begins, ends, end)
        at = end


def _value(text: str, begins: int, line_end: int) -> tuple[int, int, int]:
    """Return where the value begins and ends, and where the next line begins."""
    quoted = _QUOTED[text[begins]].match(text, begins) if text[begins : begins + 1] in ('"', "'") else None
    if quoted is not None:
        after = _line_end(text, quoted.end())
        return begins, quoted.end(), _next(text, after)
    line = text[begins:line_end].removesuffix("\r")
    bare = "" if line.startswith("#") else _COMMENT.sub("", line)
    return begins, begins + len(bare.rstrip()), _next(text, line_end)


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _next(text: str, line_end: int) -> int:
    return min(len(text), line_end + 1)
