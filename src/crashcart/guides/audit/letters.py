"""Letters of another alphabet inside a word of ours: they look alike, and the shell tells them apart."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+")
_ALPHABETS = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH", "MATHEMATICAL")


def lookalike(text: str) -> str:
    """Return the first letter of another alphabet that stands in a word with letters a to z, by its name, or ""."""
    if text.isascii():
        return ""
    for word in _WORD.findall(text):
        if word.isascii() or not any(char.isascii() for char in word):
            continue
        for char in word:
            name = unicodedata.name(char, "")
            if name.startswith(_ALPHABETS):
                return f"U+{ord(char):04X} {name}"
    return ""
