"""Folding: what becomes equal, and what must not."""

from __future__ import annotations

import pytest

from crashcart.logs.mining.fold import fold


@pytest.mark.parametrize(
    ("line", "folded"),
    [
        (b"took 7 ms", b"took \x1a ms"),
        (b"took 1234 ms", b"took \x1a ms"),
        (b"ssh2 and IPv6", b"ssh2 and IPv6"),
        (b"node12", b"node\x1a"),
        (b"5", b"\x1a"),
        (b"a5", b"a5"),
        (b"a55", b"a\x1a"),
        (b"x=5", b"x=\x1a"),
        (b"blk_-9 @0 [1", b"blk_-\x1a @\x1a [\x1a"),
        (b"", b""),
        (b"nul\x00s go, tab\tesc\x1b", b"nuls go, tab esc "),
        (b"\x1a\x01", b"  "),
        ("grün 12".encode(), "grün \x1a".encode()),
        (b"\xff\xfe 3", b"\xff\xfe \x1a"),
    ],
)
def test_a_line_folds_so(line: bytes, folded: bytes) -> None:
    assert fold(line + b"\n") == [folded]


def test_a_block_folds_line_by_line() -> None:
    lines = [b"1", b"", b"a1", b"22 b", b"3", b"", b"4c"]

    together = fold(b"".join(line + b"\n" for line in lines))

    assert together == [fold(line + b"\n")[0] for line in lines]
