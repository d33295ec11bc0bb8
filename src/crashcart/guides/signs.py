"""Characters that would make a guide run otherwise than it reads."""

from __future__ import annotations

import re
import unicodedata

from crashcart.guides.complaints import Complaints
from crashcart.model.spans import Span

MAX_TOLD = 20  # a binary file has thousands

# Control characters, what turns the direction of writing, what has no width, halves of surrogate pairs, line ends that
# only some editors show. Joiners (U+200C, U+200D) are left to prose, where some scripts need them.
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200b\\u200e\\u200f\\u2028\\u2029\\u202a-\\u202e\\u2060-\\u206f\\ufeff"
    "\\ufff9-\\ufffb\\ud800-\\udfff]"
)


def without_unseen(text: str, complaints: Complaints) -> str:
    """Return the text with every character that cannot be seen replaced, each told with its place."""
    if not _UNSEEN.search(text):
        return text
    count = 0
    for number, line in enumerate(text.split("\n"), start=1):
        for found in _UNSEEN.finditer(line):
            count += 1
            if count <= MAX_TOLD:
                name = code_point(found.group())
                place = Span(number, found.start() + 1, number, found.end() + 1)
                complaints.add(
                    "guide-unseen-character", f"{name} cannot be seen here", place, word=name, hint="removing it"
                )
    return _UNSEEN.sub("\ufffd", text)


def code_point(char: str) -> str:
    """Return a character as people look it up: `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    return f"U+{ord(char):04X} {unicodedata.name(char, '')}".strip()


def is_invisible(char: str) -> bool:
    """Whether a character takes no ink: joiners, soft hyphens, variation selectors."""
    return unicodedata.category(char) in ("Cf", "Cc", "Cs", "Co") or "\ufe00" <= char <= "\ufe0f"


def told(text: str) -> str:
    """Return each character of a word that is not ASCII with its name: letters of two alphabets look alike."""
    strange = dict.fromkeys(char for char in text if ord(char) > 126)
    return "; ".join(f'"{char}" is {code_point(char)}' for char in list(strange)[:3])
