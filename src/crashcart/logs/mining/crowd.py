"""Crowding: what a full miner gives up, so that it stays within its caps.

A flood of forms is a few statements with values that look like words. Words that are rare in their place become
holes; the forms then fall together. What frequent lines say is never touched.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from crashcart.logs.mining.forms import OVERFLOW, Forms
from crashcart.logs.mining.mask import HOLE

_FREQUENT = 8  # a form with so many lines keeps its words
_SHARED = 3  # a word seen so often in one place is a word of the statement
_FRESH = 1 << 15  # words not yet known that are counted at a time

Known = dict[int, list[set[bytes]]]  # by number of words in the form: for each place, the words known there


class Crowd:
    """The words that are known in their places, once the forms have become too many; empty before that."""

    __slots__ = ("_fresh", "_known")

    def __init__(self) -> None:
        self._known: Known = {}
        self._fresh: dict[tuple[int, int, bytes], int] = {}

    def is_empty(self) -> bool:
        return not self._known

    def general(self, form: bytes) -> bytes:
        """Return the form with a hole for every word unknown in its place; one that keeps coming becomes known.

        A form is returned as it is if that would take most of its words: it is unlike the others.
        """
        words = form.split(b" ")
        kept = self._kept(words)
        if kept == words or 2 * kept.count(HOLE) > len(words):
            return form
        self._note(words, kept)
        return b" ".join(kept)

    def _kept(self, words: list[bytes]) -> list[bytes]:
        places = self._known.get(len(words))
        if places is None:
            return [HOLE] * len(words)
        return [word if word in known else HOLE for word, known in zip(words, places, strict=True)]

    def _note(self, words: list[bytes], kept: list[bytes]) -> None:
        n, fresh = len(words), self._fresh
        if len(fresh) > _FRESH:
            fresh.clear()
        for p, word in enumerate(words):
            if kept[p] is not word and word != HOLE:
                fresh[n, p, word] = seen = fresh.get((n, p, word), 0) + 1
                if seen >= _SHARED:
                    self._known[n][p].add(word)

    def thin(self, forms: Forms) -> None:
        """Generalise rare forms until at most half the room is taken."""
        counts = forms.live_counts()
        live = [(form, i, int(counts[i])) for form, i in forms.live() if form != OVERFLOW]
        half = forms.caps.forms // 2
        # The last word on which forms are frequent: so many lines that at most a quarter of the room is theirs.
        by_count = sorted((n for _, _, n in live), reverse=True)
        least = max(_FREQUENT, by_count[min(half // 2, len(by_count) - 1)] + 1)
        rare = [(form, i) for form, i, n in live if n < least]
        self._learn([form for form, _, n in live if n >= least], [form for form, _ in rare])
        lone = half // 4
        for form, _ in rare:
            words = form.split(b" ")
            kept = self._kept(words)
            if kept == words:
                continue
            if 2 * kept.count(HOLE) <= len(words):
                forms.retire(form, self._id_of(forms, b" ".join(kept)))
            elif lone > 0:
                lone -= 1  # most of its words are its own: a statement unlike the others, worth keeping
            else:
                forms.retire(form, forms.overflow())
        self._drop(forms, half)

    def _learn(self, frequent: list[bytes], rare: list[bytes]) -> None:
        self._known = {
            n: [{word for word, count in Counter(place).items() if count >= _SHARED} for place in places]
            for n, places in _places(rare)
        }
        for n, places in _places(frequent):
            known = self._known.setdefault(n, [set() for _ in range(n)])
            for words, place in zip(known, places, strict=True):
                words.update(place)

    @staticmethod
    def _id_of(forms: Forms, general: bytes) -> int:
        found = forms.get(general)
        if found >= 0:
            return found
        return forms.add(general) if forms.has_ids() else forms.overflow()

    def _drop(self, forms: Forms, room: int) -> None:
        counts = forms.live_counts()
        live = sorted(forms.live(), key=lambda item: (-counts[item[1]], item[1]))
        for form, _ in live[room:]:
            if form != OVERFLOW:
                forms.retire(form, forms.overflow())
        while forms.size_bytes > forms.caps.size_bytes // 2 and len(live) > 1:
            form, i = live.pop()
            if forms.get(form) == i and form != OVERFLOW:
                forms.retire(form, forms.overflow())


def _places(forms: list[bytes]) -> Iterator[tuple[int, list[tuple[bytes, ...]]]]:
    """Return for each number of words the words of all such forms, place by place."""
    by_length: dict[int, list[list[bytes]]] = defaultdict(list)
    for form in forms:
        words = form.split(b" ")
        by_length[len(words)].append(words)
    for n, lines in by_length.items():
        yield n, list(zip(*lines, strict=True))
