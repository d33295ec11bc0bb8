"""The forms a miner has seen: counts, first samples, and what became of those it could not keep."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from crashcart.logs.mining.caps import Caps
from crashcart.logs.mining.mask import HOLE

OVERFLOW = HOLE + HOLE  # no line has this form: adjacent holes are one


class Forms:
    """Forms by id. An id is given once and stays valid: a form that is generalised points to what took its lines."""

    __slots__ = ("_given", "_id_by_form", "caps", "counts", "hungry", "into", "is_struck", "samples", "size_bytes")

    def __init__(self, caps: Caps) -> None:
        self.caps = caps
        self._id_by_form: dict[bytes, int] = {}
        self._given = 0
        self.samples: dict[int, list[bytes]] = {}
        self.size_bytes = 0
        self.is_struck = False  # a cap was reached, so something was not kept as it came
        # By id, grown by doubling: lines counted, wants more samples, which id the lines went to.
        self.counts: NDArray[np.int64] = np.zeros(1024, dtype=np.int64)
        self.hungry: NDArray[np.bool_] = np.zeros(1024, dtype=np.bool_)
        self.into: NDArray[np.int32] = np.arange(1024, dtype=np.int32)

    def __len__(self) -> int:
        return self._given

    def live(self) -> Iterable[tuple[bytes, int]]:
        """Return (form, id) of all forms still kept, in the order they came."""
        return self._id_by_form.items()

    def get(self, form: bytes) -> int:
        """Return the id of a live form, -1 if there is none."""
        return self._id_by_form.get(form, -1)

    def is_full(self) -> bool:
        """Say whether a form cannot be added without generalising others."""
        return len(self._id_by_form) >= self.caps.forms or self.size_bytes >= self.caps.size_bytes

    def has_ids(self) -> bool:
        """Say whether new ids may be given; one is always left for the overflow."""
        return self._given < self.caps.ids - 1

    def add(self, form: bytes) -> int:
        """Give a new form its id."""
        new = self._given
        if new >= self.counts.size:
            self._grow()
        self._id_by_form[form] = new
        self._given += 1
        self.samples[new] = []
        self.hungry[new] = True
        self.size_bytes += len(form)
        return new

    def overflow(self) -> int:
        """Return the id that counts the lines of forms there was no room for."""
        self.is_struck = True
        found = self.get(OVERFLOW)
        return found if found >= 0 else self.add(OVERFLOW)

    def keep_sample(self, form_id: int, line: bytes) -> None:
        """Keep a raw line if the form has too few."""
        kept = self.samples[form_id]
        if self.size_bytes >= self.caps.size_bytes:
            self.is_struck = True
            self.hungry[form_id] = False
            return
        if len(kept) < self.caps.samples:
            line = line[: self.caps.sample_bytes]
            kept.append(line)
            self.size_bytes += len(line)
        self.hungry[form_id] = len(kept) < self.caps.samples

    def retire(self, form: bytes, to: int) -> None:
        """Let another form take the lines of this one."""
        self.is_struck = True
        old = self._id_by_form.pop(form)
        lines = self.samples.pop(old)
        self.into[old] = to
        self.hungry[old] = False
        self.size_bytes -= len(form) + sum(map(len, lines))
        for line in lines:
            self.keep_sample(to, line)

    def resolved(self) -> NDArray[np.int32]:
        """Return for each id the live id that holds its lines now."""
        into = self.into[: len(self)]
        while True:
            further = into[into]
            if np.array_equal(further, into):
                return into
            into = further

    def live_counts(self) -> NDArray[np.int64]:
        """Return the lines of each live id, those of retired forms included; 0 for retired ids."""
        total: NDArray[np.int64] = np.zeros(len(self), dtype=np.int64)
        np.add.at(total, self.resolved(), self.counts[: len(self)])
        return total

    def _grow(self) -> None:
        size = self.counts.size
        self.counts = np.concatenate((self.counts, np.zeros(size, dtype=np.int64)))
        self.hungry = np.concatenate((self.hungry, np.zeros(size, dtype=np.bool_)))
        self.into = np.concatenate((self.into, np.arange(size, 2 * size, dtype=np.int32)))
