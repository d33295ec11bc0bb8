"""Lexing: a form into words and the gaps between them."""

from __future__ import annotations

import re
from typing import NamedTuple

HOLE = "\x01"
JOINED = "\x02"
SCALED = "\x07"
NOTHING = "\x08"
# A value of several words (a date, a list, a size with its unit) is one word to the merger: what parts words is
# written otherwise inside it.
_INNER = str.maketrans(" (),:", "\x02\x03\x04\x05\x06")
_SIZE = str.maketrans(" ()", "\x07\x03\x04")
_OUTER = str.maketrans(
    {"\x01": "<*>", "\x02": " ", "\x03": "(", "\x04": ")", "\x05": ",", "\x06": ":", "\x07": " ", "\x08": ""}
)

_PARTING = r"""\s=,;:()\[\]{}<>"'|"""
_GAP = re.compile(rf"((?:[{_PARTING}]|\.\.+|[.!?]+(?=[{_PARTING}]|$))+)")
_ITEM = rf"[^{_PARTING}]*\x01[^{_PARTING}]*"
_UNIT = r"(?:[KMGTP]?i?B|bytes?|[KMG]?bits?|[num]?s|secs?|seconds?|minutes?|mins?|hours?|days?)"
_DATE = re.compile(
    r"\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r" \x01(?:,? \x01(?: [A-Z]{2,4}T \x01)?)*"
)
_SIZED = re.compile(rf"\x01 {_UNIT}\b(?: \(\x01 {_UNIT}\))?")
_LIST = re.compile(rf"(?<![^\s=(\[:]){_ITEM}(?: {_ITEM})+(?![^\s)\].])")
_QUOTED = re.compile(r'(?<==)"[^"=;\[\]{}<>|]*"')
# A value may be empty: after = and in brackets that are not a call's, a place is kept for it.
_EMPTY = re.compile(r"(?<=[^\s=]=)(?=[\s,;)\]]|$)|(?<= \()(?=\))|(?<= \[)(?=\])")
_REQUEST = re.compile(r"\x01 HTTP/\x01")


class Shape(NamedTuple):
    """Words (a hole where a value stood) and the gaps around them: one gap more than words."""

    gaps: tuple[str, ...]
    words: tuple[str, ...]


def cut(form: str) -> Shape:
    """Return the words and gaps of a form."""
    if '="' in form:
        form = _QUOTED.sub(lambda m: m[0].translate(_INNER), form)
    if HOLE in form:
        form = _DATE.sub(HOLE, _REQUEST.sub(HOLE, form))
        form = _SIZED.sub(lambda m: m[0].translate(_SIZE), form)
        form = _LIST.sub(lambda m: m[0].translate(_INNER), form)
    parts = _GAP.split(_EMPTY.sub(NOTHING, form))
    words, gaps = parts[0::2], ["", *parts[1::2], ""]
    if len(words) > 1 and not words[0]:
        words, gaps = words[1:], gaps[1:]
    if len(words) > 1 and not words[-1]:
        words, gaps = words[:-1], gaps[:-1]
    return Shape(tuple(gaps), tuple(words))


def is_value(word: str, gap: str) -> bool:
    """Say whether a word is a value by its looks, or may be one by the = before it."""
    if HOLE in word:
        return word == HOLE or JOINED in word or SCALED in word
    return gap.rstrip("\"' ").endswith("=") and word != ""


def shown(word: str) -> str:
    """Return a word as a template shows it."""
    return word.translate(_OUTER)
