"""Text from outside, without anything that could act on a terminal."""

from __future__ import annotations

import re

# C0 and C1 controls except newline and tab, and the marks that turn the direction of text around.
_ACTING = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)}
_ACTING |= dict.fromkeys((1564, 8206, 8207, *range(8234, 8239), *range(8294, 8298), 65279))

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)


def plain(text: str) -> str:
    """Return the text without control characters; newline and tab stay."""
    return text.translate(_ACTING)


def as_number(text: str) -> float | None:
    """Return the number that a setting is, None when it is anything else: `5m`, `1_000`, `nan`, `0x10`."""
    return float(text) if _NUMBER.fullmatch(text.strip()) else None
