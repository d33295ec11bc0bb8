"""Masking: values go, names stay."""

from __future__ import annotations

import time

import pytest

from crashcart.logs.mining.fold import fold
from crashcart.logs.mining.mask import MAX_LINE, MAX_WORDS, masker


def _masked(line: str) -> str:
    form = masker()(fold(line.encode() + b"\n")[0])
    return form.replace(b"\x01", b"<*>").decode()


@pytest.mark.parametrize(
    "value",
    [
        "0",
        "-17",
        "+3",
        "1,234",
        "3.14",
        "99%",
        "12ms",
        "64MB",
        "0x7fff",
        "deadbeef01",
        "003a90fc",
        "10.0.0.1",
        "10.0.0.1:443",
        "fe80::1:2ff:3",
        "5c:50:15:36:bc:03",
        "db.example.com:5432",
        "node-7:8080",
        "/var/log/app.log",
        "/a?b=c&d=1",
        "https://example.com/a?b=1",
        "C:\\Windows\\x.dll",
        "ann@example.com",
        "2024-05-01",
        "2024-05-01T10:00:00.123Z",
        "10:00:00,123",
        "01/May/2024:10:00:00",
        "123e4567-e89b-12d3-a456-426614174000",
        "true",
        "null",
        "blk_-1608999687919862906",
        "worker-12",
        "rdd_2_10",
        "10,11,12",
    ],
)
@pytest.mark.parametrize("frame", ["got {} now", "got ({}) now", "key={} now", 'got "{}", now'])
def test_a_value_is_a_hole_wherever_it_stands(value: str, frame: str) -> None:
    assert _masked(frame.format(value)) == frame.format("<*>")


@pytest.mark.parametrize(
    "line",
    [
        "ssh2 is up",
        "IPv6 address lost",
        "read/write error",
        "a.b.c started",
        "utf8 expected",
        "state: RUNNING",
        "x-ray",
    ],
)
def test_names_stay(line: str) -> None:
    assert _masked(line) == line


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("generating core.2275", "generating core.<*>"),
        ("db.py:41 says no", "db.py:<*> says no"),
        ("interrupt.........0", "interrupt.........<*>"),
        ("at 10, then", "at <*>, then"),
        ("done in 10.", "done in <*>."),
        ("a  b\tc", "a b c"),
    ],
)
def test_text_around_a_value_stays(line: str, form: str) -> None:
    assert _masked(line) == form


def test_what_lies_beyond_the_caps_is_one_hole() -> None:
    assert _masked("a " * 500) == "a " * MAX_WORDS + "<*>"
    assert len(_masked("ab, " * 9_999)) <= MAX_LINE


@pytest.mark.parametrize(
    "unit", ["a:", "a-", "-", "a.", "0a", ":", "a@", "/", "1:", "1.", "\\", "=", "a1", "00 ", "f:f"]
)
def test_no_line_takes_long(unit: str) -> None:
    """A log line is a stranger's text; no pattern may run away on it."""
    line = fold((unit * 9_999 + "!").encode() + b"\n")[0]
    spaced = b" ".join(line[i : i + 1000] for i in range(0, len(line), 1000))
    mask = masker()

    began = time.process_time()
    mask(line)
    mask(spaced)

    assert time.process_time() - began < 1.0
