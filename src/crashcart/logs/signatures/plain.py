"""The back end for everyone: one needed text of each signature, long ones by groups of bytes, short ones one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from ahocorasick_rs import BytesAhoCorasick, Implementation

from crashcart.logs.shape.lines import Offsets
from crashcart.logs.signatures.candidates import Candidates, Owners
from crashcart.logs.signatures.grams import SHORTEST, SIZE_BIT, GramFinder, folded
from crashcart.logs.signatures.needed import needed
from crashcart.logs.signatures.tree import Row

_SAMPLE_BYTES: Final = 1 << 20
_SPARSE: Final = 16  # bytes for each place that is compared; with more of them the automaton is faster

_Found = tuple[Offsets, Offsets]


class PlainFinder:
    """Finds lines that hold the needed text of a signature. What was seen changes its speed, never what is found."""

    def __init__(self, trees: Sequence[Row]) -> None:
        by_text: dict[bytes, list[int]] = {}
        self._everywhere: list[int] = []
        for number, alternatives in enumerate(needed(trees)):
            texts = {folded(text) for text in alternatives}
            for text in texts:
                by_text.setdefault(text, []).append(number)
            if not texts:
                self._everywhere.append(number)
        self._texts = sorted(by_text, key=lambda text: (len(text), text))
        self._long = next((at for at, text in enumerate(self._texts) if len(text) >= SHORTEST), len(self._texts))
        self._short = _automaton(self._texts[: self._long])
        self._grams: GramFinder | None = None
        self._every: BytesAhoCorasick | None = None
        self._owners = Owners([by_text[text] for text in self._texts])

    @property
    def exact(self) -> frozenset[int]:
        """None: texts are looked for in either size of letters."""
        return frozenset()

    @property
    def everywhere(self) -> tuple[int, ...]:
        """Signatures that need no text, so every line must be looked at."""
        return tuple(self._everywhere)

    def find(self, data: bytes) -> Candidates:
        """Return the places in whose lines a signature may stand."""
        if not data or not self._texts:
            return Candidates.none()
        begins, texts = self._found(data)
        return self._owners.candidates(texts, begins)

    def _found(self, data: bytes) -> _Found:
        """Return where texts begin, or seven bytes of them, and which."""
        if self._long == len(self._texts):
            return _walked(self._short, data)
        if self._grams is None:
            self._grams = GramFinder(self._texts[self._long :], data[:_SAMPLE_BYTES])
        found = self._grams.find(data, most=len(data) // _SPARSE + _SAMPLE_BYTES)
        if found is None:
            self._grams = None  # the next block chooses anew, by what it holds
            self._every = self._every or _automaton(self._texts)
            return _walked(self._every, data)
        begins, texts = found
        short_begins, short_texts = _walked(self._short, data)
        return np.concatenate((begins, short_begins)), np.concatenate((texts + self._long, short_texts))


def _automaton(texts: Sequence[bytes]) -> BytesAhoCorasick | None:
    return BytesAhoCorasick(texts, implementation=Implementation.DFA) if texts else None


def _walked(automaton: BytesAhoCorasick | None, data: bytes) -> _Found:
    if automaton is None:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    one_size = np.bitwise_or(np.frombuffer(data, np.uint8), SIZE_BIT)
    found = automaton.find_matches_as_indexes(one_size.data, overlapping=True)
    texts, begins, _ = np.array(found, np.int64).reshape(-1, 3).T
    return begins, texts
