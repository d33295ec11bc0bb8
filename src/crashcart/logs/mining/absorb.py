"""Absorbing: a template that a more general one matches, word for word, is the same statement.

Merging compares only shapes with equal gaps, one place at a time; what slipped past it (a value with a bracket in it,
two rare words at once) is a handful of lines that would stand beside their template for ever.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from operator import itemgetter

_ANY = "<*>"
_LITERALS = 2  # fewer plain words around the holes would match too much
_MASKS = 64  # per number of words: templates with their holes elsewhere than in these, by lines, absorb nothing

Words = tuple[str, ...]


def absorbed(lines_by_text: Mapping[str, int]) -> dict[str, str]:
    """Return for each template text the text of the template it belongs to, mostly itself."""
    by_length: dict[int, list[Words]] = defaultdict(list)
    for text in sorted(lines_by_text, key=lambda text: (-lines_by_text[text], text)):
        words = tuple(text.split(" "))
        by_length[len(words)].append(words)
    into: dict[str, str] = {}
    for family in by_length.values():
        into.update(_within(family))
    return {text: _end(text, into) for text in lines_by_text}


def _end(text: str, into: Mapping[str, str]) -> str:
    # Ends: what absorbs has strictly less text of its own.
    while text in into:
        text = into[text]
    return text


def _within(family: list[Words]) -> dict[str, str]:
    hosts: dict[tuple[int, ...], _Hosts] = {}
    for words in family:
        mask = tuple(i for i, word in enumerate(words) if _ANY in word)
        if mask and _is_telling(words) and (mask in hosts or len(hosts) < _MASKS):
            hosts.setdefault(mask, _Hosts(mask, len(words))).add(words)
    into: dict[str, str] = {}
    for words in family:
        host = next((found for one in hosts.values() if (found := one.of(words))), None)
        if host:
            into[" ".join(words)] = " ".join(host)
    return into


class _Hosts:
    """Templates with their holes in the same places, to be found by the words in the others."""

    __slots__ = ("_by_rest", "_mask", "_rest")

    def __init__(self, mask: tuple[int, ...], length: int) -> None:
        self._mask = mask
        self._rest = itemgetter(*(i for i in range(length) if i not in mask))
        self._by_rest: dict[object, list[Words]] = defaultdict(list)

    def add(self, words: Words) -> None:
        self._by_rest[self._rest(words)].append(words)

    def of(self, guest: Words) -> Words | None:
        """Return the first template that matches the guest and has less text of its own."""
        found = self._by_rest.get(self._rest(guest), ())
        return next((host for host in found if _own(host) < _own(guest) and self._matches(host, guest)), None)

    def _matches(self, host: Words, guest: Words) -> bool:
        return all(re.fullmatch(".+".join(map(re.escape, host[i].split(_ANY))), guest[i]) for i in self._mask)


def _is_telling(words: Words) -> bool:
    literal = sum(1 for word in words if _ANY not in word and any(map(str.isalpha, word)))
    return literal >= _LITERALS and 2 * literal >= len(words)


def _own(words: Words) -> int:
    return sum(len(word) - len(_ANY) * word.count(_ANY) for word in words)
