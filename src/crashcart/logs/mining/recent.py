"""A memory of recent folded lines: what was common lately needs no second masking."""

from __future__ import annotations

from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from crashcart.logs.mining.caps import Caps
from crashcart.logs.mining.mask import MAX_LINE


class Recent:
    """Folded line to form id, in two generations: what is used again moves to the younger, the older is dropped."""

    __slots__ = ("_caps", "_older", "_size", "_younger")

    def __init__(self, caps: Caps) -> None:
        self._caps = caps
        self._younger: dict[bytes, int] = {}
        self._older: dict[bytes, int] = {}
        self._size = 0

    def look_up(self, lines: list[bytes]) -> NDArray[np.int32]:
        """Return the form id of each line, -1 for those not in the younger generation."""
        return np.fromiter(map(self._younger.get, lines, repeat(-1)), dtype=np.int32, count=len(lines))

    def get(self, line: bytes) -> int:
        """Return the line's form id, -1 if unknown."""
        found = self._younger.get(line, -1)
        if found < 0:
            found = self._older.get(line, -1)
            if found >= 0:
                self.put(line, found)
        return found

    def put(self, line: bytes, form_id: int) -> None:
        """Remember a line, and forget the older generation if there are too many. Long lines are not remembered."""
        if len(line) > MAX_LINE:
            return
        self._size += len(line)
        if len(self._younger) >= self._caps.recent or self._size >= self._caps.recent_bytes:
            self._older, self._younger, self._size = self._younger, {}, len(line)
        self._younger[line] = form_id
