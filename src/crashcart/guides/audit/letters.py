"""Letters of another alphabet inside a word of ours: they look alike, and the shell tells them apart."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+")
_ALPHABETS = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH", "MATHEMATICAL")
# Cyrillic and Greek letters that have the shape of one of ours.
_SAME_SHAPE = frozenset(
    "\u0430\u0441\u0435\u043e\u0440\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u0410"
    "\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0423\u0406\u0408\u0405"
    "\u03bf\u03bd\u03b1\u03c1\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1"
    "\u03a4\u03a5\u03a7"
)


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


def mixed(text: str) -> str:
    """Return the first word of a sentence in which a letter of the same shape stands before one of ours, or "".

    A unit (micro and s), and a name with an ending of another language behind it, are no such words.
    """
    words: list[str] = _WORD.findall(text)
    for word in words:
        if word.isascii() or sum(char.isascii() for char in word) < 2:
            continue
        others = [at for at, char in enumerate(word) if not char.isascii()]
        is_disguise = all(word[at] in _SAME_SHAPE or "\uff21" <= word[at] <= "\uff5a" for at in others)
        if is_disguise and any(char.isascii() for char in word[others[0] :]):
            return word
    return ""
