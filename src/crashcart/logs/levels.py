"""The levels of many lines at once: what JSON lines say under their key."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from crashcart.logs.anchors import Anchor, places
from crashcart.logs.shape.levels import Level, level_of
from crashcart.logs.shape.lines import Offsets, distinct

# Kept as 0 (unknown) to 5, so that a level fits into three bits.
UNKNOWN: Final = int(Level.UNKNOWN) + 1
INFO: Final = int(Level.INFO) + 1
ERROR: Final = int(Level.ERROR) + 1

_KEY = re.compile(rb'"(?:level|levelname|severity|log\.level|lvl|log_level)"[ ]?:[ ]?"?')
_WORD = re.compile(rb"\w{1,12}")
_PREFIX_BYTES: Final = 4  # no two words with these in common mean different levels
_MOST: Final = 256
_TRIED: Final = 16  # lines of a block that are searched for the key, until it is known


class JsonLevels:
    """Reads levels behind the key as this writer spells it; lines that spell it otherwise are unknown."""

    def __init__(self) -> None:
        self._anchor: Anchor | None = None
        self._known: dict[int, int] = {}

    def read(self, data: bytes, starts: Offsets, ends: Offsets) -> Offsets:
        """Return the level of each line, as it is kept; UNKNOWN where there is none."""
        found = np.full(len(starts), UNKNOWN)
        if self._anchor is None:
            self._anchor = _spelt(data, starts[:_TRIED], ends[:_TRIED])
        if self._anchor is None:
            return found
        at = places(data, self._anchor, starts, ends)
        there = np.flatnonzero((at >= 0) & (at + _PREFIX_BYTES <= len(data)))
        words = self._prefixes(data, at[there])
        levels = np.full(len(there), UNKNOWN)
        for prefix in distinct(words).tolist():
            same = words == prefix
            levels[same] = self._level(prefix, data, int(at[there[np.flatnonzero(same)[0]]]))
        found[there] = levels
        return found

    def _level(self, prefix: int, data: bytes, at: int) -> int:
        level = self._known.get(prefix)
        if level is None:
            word = _WORD.match(data, at)
            level = int(level_of(word[0].decode())) + 1 if word is not None else UNKNOWN
            if len(self._known) < _MOST:
                self._known[prefix] = level
        return level

    @staticmethod
    def _prefixes(data: bytes, at: Offsets) -> Offsets:
        whole = np.frombuffer(data, np.uint8)
        found = np.zeros(len(at), np.int64)
        for step in range(_PREFIX_BYTES):
            found = found << 8 | whole[at + step]
        return found


def _spelt(data: bytes, starts: Offsets, ends: Offsets) -> Anchor | None:
    """Return the key of levels as these lines write it: blanks or none."""
    lines = zip(starts.tolist(), ends.tolist(), strict=True)
    found = next((key for begin, end in lines if (key := _KEY.search(data, begin, end))), None)
    return Anchor(found[0]) if found is not None else None
