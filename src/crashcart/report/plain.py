"""Text from outside, made harmless: shown as what it is, not done."""

from __future__ import annotations

import unicodedata

_KEPT = ("\n", "\t")


def plain(text: str) -> str:
    """Return text in which every control, format or surrogate character is written out as \\x1b, \\u202e, ..."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char in _KEPT or not _acts(char) else _written(char) for char in text)


def line(text: str, limit: int = 0) -> str:
    """Return harmless text on one line, cut with an ellipsis when longer than `limit`."""
    flat = " ".join(plain(text).split())
    return flat if not limit or len(flat) <= limit else flat[: limit - 1] + "…"


def end_of(text: str, limit: int) -> str:
    """Return harmless text on one line, cut at its beginning: of a path the end tells most."""
    flat = line(text)
    return flat if len(flat) <= limit else "…" + flat[-(limit - 1) :]


def _acts(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def _written(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
