r"""Text as it stands within quotes: JSON, logfmt and `repr` write `"`, newlines or `é` with a backslash.

A character is *stable* when none of them writes it otherwise. Undoing escapes puts at least one unstable character in
the place of each, so a stable run of the plain text stands in the raw bytes as it is. That is what makes it safe to
look for stable runs alone in the raw bytes, whatever the line is written in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_UNSTABLE = frozenset("\"'\\<>&")
_ESCAPE = re.compile(r"(?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\(?:u([0-9a-fA-F]{4})|(.))")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_NAMED = {plain: name for name, plain in _PLAIN.items() if name.isalpha()}
_LEVELS = 2  # JSON within JSON, as container runtimes write it


def is_stable(char: str) -> bool:
    """Say whether every way of quoting writes this character as it is."""
    return " " <= char <= "~" and char not in _UNSTABLE


def unescaped(line: str) -> Iterator[str]:
    """Yield the lines of the text with its escapes undone, once and twice; nothing when there are none."""
    for _ in range(_LEVELS):
        if "\\" not in line:
            return
        line = unescaped_once(line)
        yield from line.split("\n")


def unescaped_once(text: str) -> str:
    """Return the text with its escapes undone."""
    return _ESCAPE.sub(_plain, text) if "\\" in text else text


def forms(char: str) -> tuple[bytes, ...]:
    """Return the ways in which a character may stand in a line, each as the least that must be there."""
    raw = char.encode("utf-8", "surrogatepass")
    if is_stable(char) or char == "\\":
        return (raw,)
    units = char.encode("utf-16-be", "surrogatepass")
    coded = b"".join(b"\\u%04x" % int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    named = (b"\\" + _NAMED[char].encode(),) if char in _NAMED else ()
    return (raw, coded, *named)


def _plain(match: re.Match[str]) -> str:
    """Return what an escape stands for; one that stands for a stable character, or for nothing, stays."""
    code, name = match.groups()
    if name is not None:
        return _PLAIN.get(name, match[0])
    if code is None:
        return bytes.fromhex(match[0].replace("\\u", "")).decode("utf-16-be")
    char = chr(int(code, 16))
    return match[0] if is_stable(char) or "\ud800" <= char <= "\udfff" else char
