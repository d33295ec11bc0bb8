"""Env files, read as `python-dotenv` and `docker compose` read them, as far as the two agree. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?(?P<name>'[^'\n]+'|[^=\s#][^=\n]*?)[ \t]*=[ \t]*")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "'": "'", "$": "$"}
_COMMENT = re.compile(r"[ \t]#.*\Z")


def parse(text: str) -> Mapping[str, str]:
    """Return the settings; the last one of a name wins. A line without `=` is no setting and is passed over.

    Values may stand in single quotes (taken as they are) or double quotes (with escapes), over several lines too;
    without quotes, ` #` begins a comment. `${NAME}` is not expanded: the two tools disagree about it.
    """
    found: dict[str, str] = {}
    at = 0
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    while at < len(text):
        end_of_line = text.find("\n", at)
        end_of_line = len(text) if end_of_line < 0 else end_of_line
        name = _NAME.match(text, at, end_of_line)
        if name is None:
            at = end_of_line + 1
            continue
        found[name["name"].strip("'")], at = _value(text, name.end(), end_of_line)
    return found


def _value(text: str, start: int, end_of_line: int) -> tuple[str, int]:
    """Return a value and where the next line begins."""
    quote = text[start : start + 1]
    if quote in ("'", '"') and quote:
        closed = _closing(text, start + 1, quote)
        if closed is not None:
            inner = text[start + 1 : closed]
            after = text.find("\n", closed)
            return _unescape(inner, quote), len(text) if after < 0 else after + 1
    line = text[start:end_of_line]
    # A quote that never closes is part of the value: that is what the service gets, and what `padded` is for.
    bare = "" if line.startswith("#") else _COMMENT.sub("", line) if "#" in line else line
    return bare.strip(), end_of_line + 1


def _closing(text: str, start: int, quote: str) -> int | None:
    at = start
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] == quote:
            return at
        at += 1
    return None


def _unescape(inner: str, quote: str) -> str:
    if "\\" not in inner:
        return inner
    if quote == "'":
        return re.sub(r"\\([\\'])", r"\1", inner)
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), inner)
