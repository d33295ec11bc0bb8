"""Inputs on which the loops in C and their twins are compared: hostile ones, short ones, and ones like logs."""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
PIECES = (
    b"\n", b"\n\n", b"\r\n", b"\0", b"\x1a", b"\x7f", b"\x1b[31m", b"\xff\xfe", "\N{GREEK SMALL LETTER MU}s".encode(),
    b"2026-03-04 05:06:07,123 ", b"2026-03-04T05:06:07Z ", b"2026-03-04 05:06:59.000001 ", b"2026-13-44 05:61:07 ",
    b"Mar  4 05:06:07 ", b"1767225600.25 ", b"ERROR ", b" in 12ms", b" took=0.25 s", b"status=503", b'" 200 ',
    b"ssh2", b"IPv6 ", b"a1b22c333", b"1", b"12345678", b"1234567890123456789012345", b"0.5", b"1.2.3", b".", b"7 min",
    b"9us", b"8 ns", b"3 minutes", b"  ", b" ", b"\x15", b"\x0e", b"a7", b"the quick brown fox jumps over it", b"x" * 9, b"'",
)  # fmt: skip


def data_of(chance: random.Random) -> bytes:
    """Return some pieces in a row, and sometimes a few bytes of any kind."""
    parts = [chance.choice(PIECES) for _ in range(chance.randrange(30))]
    if chance.random() < 0.3:
        parts.insert(chance.randrange(len(parts) + 1), chance.randbytes(chance.randrange(20)))
    return b"".join(parts)


def ranges_of(chance: random.Random, size: int) -> tuple[Ints, Ints]:
    """Return ranges within the data, some of them empty, and some that run over its end."""
    count = chance.randrange(8)
    begins = [chance.randrange(size + 1) for _ in range(count)]
    ends = [chance.randrange(max(begin - 2, 0), size + 9) for begin in begins]
    return np.array(begins, np.int64), np.array(ends, np.int64)
