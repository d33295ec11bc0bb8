"""Lines that may hold a signature, and the two ways of finding them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from crashcart.logs.shape.lines import Offsets


@dataclass(frozen=True, slots=True)
class Candidates:
    """Places, and signatures that may stand in the line of each, in any order and more than once."""

    places: Offsets
    signatures: Offsets

    @classmethod
    def none(cls) -> Candidates:
        """Return no pairs."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64))


class Owners:
    """Which signatures look for a text; several may look for the same."""

    def __init__(self, owners: Sequence[Sequence[int]]) -> None:
        """`owners[text]` are the signatures of that text."""
        self._signatures = np.array([number for numbers in owners for number in numbers], np.int64)
        self._counts = np.array(list(map(len, owners)), np.int64)
        self._first = np.cumsum(self._counts) - self._counts

    def candidates(self, texts: Offsets, places: Offsets) -> Candidates:
        """Return all signatures of the texts that stand in these places."""
        counts = self._counts[texts]
        return Candidates(np.repeat(places, counts), self._signatures[ranges(self._first[texts], counts)])


class Finder(Protocol):
    """Finds candidates: each pair that is true and as few others as it can."""

    @property
    def exact(self) -> frozenset[int]:
        """Signatures whose candidates need no second look."""
        ...

    @property
    def everywhere(self) -> tuple[int, ...]:
        """Signatures it cannot look for: every line is a candidate."""
        ...

    def find(self, data: bytes) -> Candidates:
        """Return the candidates of a block."""
        ...


def ranges(first: Offsets, counts: Offsets) -> Offsets:
    """Return first[0], first[0] + 1, ... (counts[0] of them), then those of the next, and so on."""
    found: Offsets = np.arange(counts.sum()) + np.repeat(first - (np.cumsum(counts) - counts), counts)
    return found
