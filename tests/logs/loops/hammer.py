"""Call every loop of a library on hostile input: run by the test with sanitizers, in a process that may die of it."""

from __future__ import annotations

import ctypes
import random
import sys

import numpy as np
from tests.logs.loops.inputs import PIECES, data_of, ranges_of

from crashcart.logs.loops.library import FormTable, Library
from crashcart.logs.shape.forms import form_of
from crashcart.logs.shape.stamps import Reader

ROUNDS = 600


def hammer(library: Library) -> None:
    """Call them, ranges out of bounds included."""
    chance = random.Random(6)
    table = FormTable(library, room=64)
    form = form_of(b"2026-03-04 05:06:07,123 x")
    assert form is not None
    stamp = Reader(form).stamp
    for _ in range(ROUNDS):
        data = bytes(bytearray(data_of(chance)))
        library.line_ends(data)
        library.lines_before(data, np.array([0, len(data) // 2, len(data), len(data) + 9], np.int64))
        begins, ends = ranges_of(chance, len(data))
        for shift in (0, -5, 1 << 40):
            library.find(data, chance.choice(PIECES), begins + shift, ends + shift, is_last=chance.random() < 0.5)
            library.durations(data, begins + shift, ends + shift, unit_s=1.0)
            library.stamps(data, begins + shift, stamp)
            keys, _ = table.look_up(data, begins + shift, ends + shift)
            table.learn(keys, np.arange(len(keys), dtype=np.int32))


if __name__ == "__main__":
    hammer(Library(ctypes.CDLL(sys.argv[1])))
    print("hammered")
