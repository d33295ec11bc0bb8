"""Rendering: a cluster of shapes as one text with `<*>` where it varies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from crashcart.logs.mining.lex import HOLE, JOINED, SCALED, Shape, is_value, shown

_ANY = "<*>"
_QUALIFIED = re.compile(r"\w+(?:\.[\w$]+){2,}|\w[\w.]*/[\w./$]+")
_ADJACENT = re.compile(r"<\*>(?:[:,/@_-]?<\*>)+")


def render(shapes: Sequence[Shape]) -> str:
    """Return the template text of shapes that were merged; their gaps are equal."""
    gaps = shapes[0].gaps
    slots = [set(column) for column in zip(*(s.words for s in shapes), strict=True)]
    # A line that writes one size in the unit that suits it does so with its others.
    scaled = any(len(slot) > 1 and all(SCALED in word for word in slot) for slot in slots)
    words = (_slot(slot, gap, scaled) for slot, gap in zip(slots, gaps, strict=False))
    text = gaps[0] + "".join(word + gap for word, gap in zip(words, gaps[1:], strict=True))
    return _ADJACENT.sub(_ANY, text)


def _slot(words: set[str], gap: str, scaled: bool) -> str:
    lists = [word.split(JOINED) for word in words]
    if len(lists[0]) > 1 and len({len(items) for items in lists}) == 1:
        return " ".join(_slot(set(column), "", scaled) for column in zip(*lists, strict=True))
    if len(words) > 1:
        return _shared_head(words) + _ANY
    word = lists[0][0]
    if SCALED in word:
        return _ANY if scaled else shown(word)
    if is_value(word, gap) and (HOLE in word or _QUALIFIED.fullmatch(word)):
        return _ANY
    return shown(word)


def _shared_head(words: set[str]) -> str:
    """Return the qualified part that all names share, such as `org.example.`; often nothing."""
    low, high = min(words).split("."), max(words).split(".")
    shared = [a for a, b in takewhile(lambda pair: pair[0] == pair[1], zip(low[:-1], high[:-1], strict=False))]
    return ".".join([*shared, ""]) if len(shared) >= 2 and HOLE not in shared[-1] else ""
