r"""Masking: what nobody writes by hand becomes a hole.

An address, a path or a number is a value wherever it stands; no statistics are needed. Whether a *word* is one is
decided later, from all lines together. Input is folded, so that equal folded lines always give equal forms, whatever
was seen first. In the patterns, N is a folded run of digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable

HOLE = b"\x01"
MAX_LINE = 4096
MAX_WORDS = 128
_LONGEST = 1024  # nobody writes a longer word by hand; some patterns take quadratic time
_MEMO_WORD = 64  # longer words are not worth remembering
_MEMO_SIZE = 1 << 16


_CONSTANTS = (b"true", b"false", b"null", b"nil", b"None", b"NULL", b"True", b"False", b"TRUE", b"FALSE")


def _pattern(*parts: bytes) -> re.Pattern[bytes]:
    folded = b"|".join(parts).replace(b"N", rb"\x1a").replace(b"<clock>", _CLOCK).replace(b"<stop>", _STOP)
    return re.compile(folded + rb"|(?<![\w.])(?:" + b"|".join(_CONSTANTS) + rb")(?![\w.])")


# `db.py:41` keeps its file: it says which statement wrote the line.
_SOURCE = rb"(?:py|pyx|go|java|kt|scala|rb|rs|js|ts|php|c|cc|cpp|cxx|h|hpp|m|mm|cs|swift|pl|lua):"
_STOP = rb"\s\"'<>()\[\]{},;|"
_CLOCK = rb"\x1a:\x1a(?::\x1a)?(?:[.,]\x1a)?(?:Z\b|[+-]\x1a(?::\x1a)?)?"

_VALUE = _pattern(
    rb"(?<![\w.])[A-Za-z][A-Za-z0-9+.-]*://[^<stop>]+",  # scheme://address
    rb"(?<![\w.])N([-/.])N\1N(?:[T@_:-]+<clock>)?(?![\w.])",  # date, date and time
    rb"(?<![\w.])N/[A-Z][a-z]{2}/N:<clock>",  # 10/Oct/2000:13:55:36
    rb"(?<![\w.:])<clock>(?![\w:]|\.\w)",
    rb"(?<!\w)(?=[A-Fa-f-]*[N0-9])[N0-9A-Fa-f]+(?:-[N0-9A-Fa-f]+){4}(?!\w)",  # UUID
    rb"(?<![\w:])(?=[A-Fa-f:]*[N0-9])(?:[N0-9A-Fa-f]{1,4})?(?:::?[N0-9A-Fa-f]{1,4}){2,}(?:%\w+)?(?![\w:])",  # IPv6, MAC
    rb"(?<![\w.])[A-Za-z]:[\\/][^<stop>]*",  # C:\path
    rb"(?<![\wN.+~$)>*-])~?/(?!/)[^<stop>=:/?]+(?:/[^<stop>=:?]*)?(?::N\b)?(?:\?[^<stop>]*)?",  # /path
    rb"(?<![\w.])[\wN.+-]+@[\wN-]+(?:\.[\wN-]+)+",  # mail@address
    rb"(?<![\w.])N\.N\.N\.N(?::N)?(?![\w.])",
    rb"(?<![\w.-])(?:[\wN-]+\.)+(?!" + _SOURCE + rb")[\wN-]+:N(?![\w.])",  # host.name:port
    rb"(?<![\w.-])[A-Za-z_-]+[N0-9][\wN-]*:N(?![\w.:])",  # host-0:port
    rb"(?<![\wN])[-+]?N[xX][N0-9A-Fa-f]+",
    rb"(?:\A[<>~]|(?<![\w.])|(?<=\.\.))[-+]?N(?:[.,]N)*(?:%|(?:[KMGTPkm]i?[Bb](?:/s)?|[mun]?s|[mhdKMGTkB])\b)?(?!\w|\.N)",
    rb"(?<![\wN])(?=[A-Fa-f]*[N0-9])(?:[N0-9a-f]{6,}|[N0-9A-F]{6,}|(?:[N0-9]+[a-f]+){2}[N0-9]*|[a-f]+[N0-9]+[a-f]+[N0-9]+)(?![\wN])",
    rb"(?<=[A-Za-z_\])>][.-])N(?:\.N)*(?![\w.-])",  # core.N
)
_ALNUM = re.compile(rb"[A-Za-z0-9]")
_RUNS = re.compile(rb"\x01(?:[,:/@_-]\x01)+")
_PARTING = re.compile(rb"([\s=,;:()\[\]{}<>\"'|]+|\.\.+|[.!?]+\Z)")
_NAMED = re.compile(rb"[A-Za-z_*]+[./]\x01")  # a name and a number: core.N, HTTP/N


def _masked(word: bytes) -> bytes:
    if word.isalpha():
        return HOLE if word in _CONSTANTS else word
    if len(word) > _LONGEST:
        return HOLE
    masked = _VALUE.sub(HOLE, word)
    if b"\x01" not in masked and b"\x1a" not in masked:
        return masked
    return _RUNS.sub(HOLE, b"".join(map(_whole, _PARTING.split(masked))))


def _whole(piece: bytes) -> bytes:
    """Return a hole for a word that is part value, part letters: blk_N, node-N, <*>MB."""
    if b"\x1a" in piece or piece.count(HOLE) > 1:
        return HOLE
    if HOLE in piece and _ALNUM.search(piece) and not _NAMED.fullmatch(piece):
        return HOLE
    return piece


class _Memo(dict[bytes, bytes]):
    """Words already masked: logs say the same words again and again."""

    def __missing__(self, word: bytes) -> bytes:
        masked = _masked(word)
        if len(word) <= _MEMO_WORD:
            if len(self) >= _MEMO_SIZE:
                self.clear()
            self[word] = masked
        return masked


def masker() -> Callable[[bytes], bytes]:
    """Return the function from a folded line to its form; it remembers words, within bounds.

    Lines count up to `MAX_LINE` bytes and `MAX_WORDS` words; all words beyond are one hole.
    """
    look = _Memo().__getitem__

    def mask(folded: bytes) -> bytes:
        words = folded[:MAX_LINE].split(None, MAX_WORDS)
        if len(words) > MAX_WORDS:
            words[MAX_WORDS] = HOLE
        return b" ".join(map(look, words))

    return mask
