"""When lines were written: by stamps of all usual forms, without a word about which."""

from __future__ import annotations

import json
import logging
import random
import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from crashcart.logs.loops import line_ends, lines_before
from crashcart.logs.shape.lines import line_starts
from crashcart.logs.shape.shaper import Shaper
from crashcart.logs.shape.stamps import UNDATED

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
NOON_S = int(NOON.timestamp())
WRITTEN_S = NOON_S + 86_400.0


def seconds(text: str | bytes, *, written_s: float = WRITTEN_S) -> list[int]:
    data = text.encode() if isinstance(text, str) else text
    return Shaper(written_s=written_s).feed(data).seconds.tolist()


STAMPED = [
    ("2024-05-01T12:00:00Z x", True),
    ("2024-05-01 14:00:00+02:00 x", True),
    ("2024-05-01T07:00:00-0500", True),
    ("2024-05-01T12:00:00.123456789Z stdout F x", True),
    ("[2024-05-01 12:00:00 +0000] [7] [INFO] gunicorn", True),
    ("[2024-05-01 12:00:00,000: ERROR/MainProcess] celery", False),
    ("2024-05-01 12:00:00,000 - openai - ERROR - x", False),
    ("2024-05-01 12:00:00.000 UTC [7] LOG:  postgres", True),
    ("2024-05-01 12:00:00.000 CEST [7] LOG:  postgres", False),
    ("2024-05-01 12:00:00.000 | ERROR    | loguru", False),
    ("2024/05/01 12:00:00 [error] 7#7: nginx", False),
    ("INFO 2024-05-01 12:00:00,000 django", False),
    ("INFO:     2024-05-01 12:00:00 x", False),
    ("api-1  | 2024-05-01T12:00:00Z compose", True),
    ("level=info ts=2024-05-01T12:00:00Z caller=x", True),
    ('time="2024-05-01T12:00:00Z" level=info', True),
    ('level=info caller=x.go:7 msg="a b" time=2024-05-01T12:00:00Z', True),
    ('127.0.0.1 - ann [01/May/2024:12:00:00 +0000] "GET / HTTP/1.1" 200', True),
    ("[Wed May 01 12:00:00.000000 2024] [core:error] apache", False),
    ("7:M 01 May 2024 12:00:00.000 * redis", False),
    ("May  1 12:00:00 host app[7]: syslog", False),
    ("<13>May  1 12:00:00 host app: syslog", False),
    ("<34>1 2024-05-01T12:00:00.003Z host app 7 - - syslog", True),
    ("1714564800 x", True),
    ("1714564800.123 x", True),
    ("1714564800000 x", True),
    ('{"ts": 1714564800.5, "msg": "x"}', True),
    ('{"level":"info","time":1714564800123,"msg":"pino"}', True),
    ('{"a": {"b": 1}, "timestamp": "2024-05-01T12:00:00.1Z", "message": "x"}', True),
    ('{"asctime": "2024-05-01 12:00:00,000", "message": "x"}', False),
    ("2024-05-01 12:00:00", False),
    ("2024-05-01 12:00:00, then", False),
]


@pytest.mark.parametrize(("line", "is_zoned"), STAMPED)
@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_usual_stamps_are_read(line, is_zoned, ending):
    shaped = Shaper(written_s=WRITTEN_S).feed((line + ending).encode())

    assert (shaped.seconds.tolist(), shaped.is_zoned.tolist()) == ([NOON_S], [is_zoned])


def test_all_forms_may_be_mixed_in_one_file():
    lines = [line for line, _ in STAMPED] * 40
    random.Random(3).shuffle(lines)

    assert set(seconds("\n".join(lines))) == {NOON_S}


@pytest.mark.parametrize(
    "line",
    ["", "x", "created 2024-05-01 12:00:00", "2024-13-45 12:00:00 x", "2024-02-30 12:00:00", "2023-02-29 12:00:00 x",
     "2024-05-01 25:00:00 x", "2024-05-01 12:61:00 x", "Maybe 1 12:00:00 x", "12345678901 x", "999999999 x",
     "127.0.0.1 - - [01/Mai/2024:12:00:00 +0000]", '{"msg": "x"}', '{"time": true}', '{"time": 1e400}', "{", "{}"],
)  # fmt: skip
def test_what_is_no_stamp_gives_no_moment(line):
    shaper = Shaper(written_s=WRITTEN_S)

    assert shaper.feed(line.encode() + b"\n").seconds.tolist() == [UNDATED]
    assert shaper.undated == 1


def test_a_leap_second_counts_as_the_second_before():
    assert seconds("2016-12-31T23:59:60Z x") == [int(datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())]


def test_a_leap_day_is_a_day():
    assert seconds("2024-02-29T00:00:00Z x") == [int(datetime(2024, 2, 29, tzinfo=UTC).timestamp())]


@pytest.mark.parametrize(("line", "year"), [("Dec 31 23:59:00 host x", 2024), ("Jan  1 00:04:00 host x", 2025)])
def test_december_is_read_in_january(line, year):
    written_s = datetime(2025, 1, 1, 0, 5, tzinfo=UTC).timestamp()

    assert [datetime.fromtimestamp(at, UTC).year for at in seconds(line, written_s=written_s)] == [year]


def test_a_line_without_a_stamp_has_the_moment_of_the_line_before_also_over_blocks():
    shaper = Shaper(written_s=WRITTEN_S)

    first = shaper.feed(b"none yet\n2024-05-01T12:00:00Z a\nb\n")
    second = shaper.feed(b"c\n2024-05-01T12:00:07Z d\n")

    assert first.seconds.tolist() == [UNDATED, NOON_S, NOON_S]
    assert second.seconds.tolist() == [NOON_S, NOON_S + 7]
    assert second.is_zoned.tolist() == [True, True]


def test_lines_out_of_order_are_read_and_counted():
    shaper = Shaper(written_s=WRITTEN_S)
    shaper.feed(b"2024-05-01T12:00:05Z a\n2024-05-01T12:00:03Z b\n2024-05-01T12:00:04Z c\n")
    shaper.feed(b"2024-05-01T12:00:01Z d\n2024-05-01T12:00:06Z e\n")

    assert shaper.out_of_order == 3


def test_two_zones_in_one_file_are_told_apart():
    assert (
        seconds("2024-05-01T12:00:00Z a\n2024-05-01T14:00:00+02:00 b\n2024-05-01T12:00:00+00:00 c\n" * 50)
        == [NOON_S] * 150
    )


def test_the_lines_of_the_logging_module_are_read():
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    formatter.converter = time.gmtime
    lines = []
    for number in range(500):
        record = logging.LogRecord("app", logging.INFO, "x.py", 1, "line %d", (number,), None)
        record.created, record.msecs = NOON_S + 7 * number, number % 1000
        lines.append(formatter.format(record))

    assert seconds("\n".join(lines)) == [NOON_S + 7 * number for number in range(500)]


MOMENTS = st.datetimes(datetime(2001, 10, 1), datetime(2099, 1, 1)).map(
    lambda at: at.replace(tzinfo=UTC, microsecond=0)
)
WRITERS = st.sampled_from(
    [
        lambda at: f"{at:%Y-%m-%d %H:%M:%S},123 x",
        lambda at: f"{at:%Y-%m-%dT%H:%M:%S}Z x",
        lambda at: f"{(at + timedelta(hours=2)):%Y-%m-%dT%H:%M:%S}.5+02:00 x",
        lambda at: f"{at:%d/%b/%Y:%H:%M:%S} +0000".join(("1.2.3.4 - - [", '] "GET /"')),
        lambda at: f"7:M {at:%d %b %Y %H:%M:%S}.000 * x",
        lambda at: f"{int(at.timestamp())} x",
        lambda at: json.dumps({"level": "info", "time": at.isoformat(), "msg": "x"}),
        lambda at: f"level=info ts={at:%Y-%m-%dT%H:%M:%S}Z msg=x",
        lambda at: f"[{at:%a %b %d %H:%M:%S %Y}] [error] x",
    ]
)


@settings(phases=[Phase.explicit, Phase.reuse, Phase.generate], deadline=None, max_examples=300)
@given(st.lists(st.tuples(WRITERS, MOMENTS), min_size=1, max_size=20), st.integers(0, 20))
def test_any_moment_in_any_form_is_read_back(written, cut):
    lines = [write(at).encode() + b"\n" for write, at in written]
    expected = [int(at.timestamp()) for _, at in written]
    shaper = Shaper(written_s=WRITTEN_S)

    found = [at for part in (lines[:cut], lines[cut:]) for at in shaper.feed(b"".join(part)).seconds.tolist()]

    assert found == expected


@settings(phases=[Phase.explicit, Phase.reuse, Phase.generate], deadline=None, max_examples=200)
@given(
    st.lists(st.binary(max_size=30) | st.sampled_from([line.encode() for line, _ in STAMPED]), max_size=8).map(
        b"\n".join
    )
)
@example(b"{")  # a block that is nothing but the beginning of a JSON line
def test_any_bytes_are_lines_of_some_moment(data):
    shaped = Shaper(written_s=WRITTEN_S).feed(data)

    lines = data.split(b"\n")[: None if data[-1:] not in (b"", b"\n") else -1]
    assert [data[begin:end] for begin, end in zip(shaped.starts, shaped.ends, strict=True)] == lines
    assert all(begin <= body <= close <= end for begin, body, close, end in zip(
        shaped.starts, shaped.body_starts, shaped.body_ends, shaped.ends, strict=True))  # fmt: skip


def test_lines_end_at_newlines_only():
    data = b"a\rb\x0b\x0c\x85\xe2\x80\xa8c\n" * 40_000 + b"d"

    ends = line_ends(data)

    assert len(ends) == 40_001
    assert line_starts(ends)[-1] == len(data) - 1


@settings(phases=[Phase.explicit, Phase.reuse, Phase.generate], deadline=None, max_examples=100)
@given(st.integers(0, 300_000), st.lists(st.integers(0, 300_000), max_size=9).map(sorted))
def test_lines_before_some_places_are_those_that_end_there(size, places):
    data = (b"abc\n\n" * 60_001)[:size]
    places = [min(place, size) for place in places]

    assert lines_before(data, np.array(places, np.int64)).tolist() == [data.count(b"\n", 0, place) for place in places]
