"""What the fuzzer has found, and a few of its other inputs; `python -m bench.logs_fuzz` goes on for longer."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.logs_fuzz import check, drawn

from .test_engine import passed, report_of

# A line that was looked at for ever; control bytes that folding takes for digits; a second traceback in another block.
FOUND = (57, 101_906, 206_495)
FEW = range(24)


@pytest.mark.parametrize("number", [*FOUND, *FEW])
def test_a_drawn_input_is_read_to_its_end_without_a_secret_and_alike_by_both_back_ends(
    number: int, tmp_path: Path
) -> None:
    assert check(drawn(number), tmp_path) is None


def test_a_traceback_that_begins_behind_other_words_ends_and_belongs_to_their_record() -> None:
    data = (
        b"shop: charging failed: Traceback (most recent call last):\n"
        b'  File "/srv/shop/pay.py", line 41, in charge\n'
        b"httpx.ReadTimeout: timed out\n"
        b"shop: next order\n"
    )

    assert passed(data).totals.kept == 2
    assert "ReadTimeout" in repr(report_of(data))
