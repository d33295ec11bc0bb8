"""The pure parts of `log`: patterns, stamps, records."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crashcart.probes.log.patterns import Pattern
from crashcart.probes.log.records import LEVELS, records
from crashcart.probes.log.stamps import Stamp, Zone, inferred, stamp_of

WRITTEN_S = datetime(2024, 5, 2, tzinfo=UTC).timestamp()


def captures(pattern: str, text: str) -> dict[str, str] | None:
    match = Pattern.of(pattern).find(text)
    return None if match is None else dict(match.captures)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("boom", "a boom b", {}),
        ("boom", "BOOM", None),
        ("a.c*", "abc", None),
        ("job <id> failed", "job 7 failed", {"id": "7"}),
        ("job <id> failed", "job  failed", None),
        ("job <id> failed", "job a job b failed", {"id": "b"}),
        ("<*> failed: <why>", "job 7 failed: no key\nnext line", {"why": "no key"}),
        ("<who> failed", "x\njob 7 failed", {"who": "job 7"}),
        ("begin <x> end", "begin\nmiddle\nend", None),
        ("begin<x>end", "begin\nmiddle\nend", {"x": "\nmiddle\n"}),
        ("<a><b>", "xyz", {"a": "x", "b": "yz"}),
        ("<x>", "", None),
        ("<x>", "all", {"x": "all"}),
        ("end <x>", "the end ", None),
        ("<1> < 2 <class 'x'>", "<1> < 2 <class 'x'>", {}),
        ("<x> = <x>", "a = b", {"x": "a"}),
    ],
)
def test_patterns_are_literal_but_for_their_holes(pattern, text, found):
    assert captures(pattern, text) == found


PIECES = st.text(alphabet="ab \n", max_size=3)


@settings(max_examples=1000, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=4), st.text(alphabet="ab \n", max_size=14))
def test_a_pattern_is_found_exactly_where_a_regular_expression_finds_it(pieces, text):
    pattern = Pattern.of("<*>".join(pieces))

    # An open end takes the rest of its line, of which there is at least one character; elsewhere any character counts.
    expected = re.search("(?s:.+?)".join(re.escape(piece) for piece in pieces), text)

    assert pattern.is_in(text) == (expected is not None)


@given(st.text(alphabet="ab<>*x_ ", max_size=20), st.text(alphabet="ab<>*x_ ", max_size=20))
def test_what_find_finds_is_in(pattern, text):
    compiled = Pattern.of(pattern)
    match = compiled.find(text)

    assert (match is not None) == compiled.is_in(text)
    assert match is None or all(value and value in text for _, value in match.captures)


def test_many_holes_in_a_long_line_take_no_time():
    text = "a" * 60_000

    assert not Pattern.of("a<*>" * 20 + "b").is_in(text)


def test_a_bound_pattern_asks_for_the_same_value():
    bound = Pattern.of("job <id> done in <t> s").bound({"id": "7"})

    assert bound.is_in("job 7 done in 3 s")
    assert not bound.is_in("job 8 done in 3 s")


NOON_S = datetime(2024, 5, 1, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("line", "is_zoned"),
    [
        ("2024-05-01T12:00:00Z x", True),
        ("2024-05-01 14:00:00+02:00 x", True),
        ("2024-05-01T07:00:00-0500", True),
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
        ('127.0.0.1 - ann [01/May/2024:12:00:00 +0000] "GET / HTTP/1.1" 200', True),
        ("[Wed May 01 12:00:00.000000 2024] [core:error] apache", False),
        ("7:M 01 May 2024 12:00:00.000 * redis", False),
        ("May  1 12:00:00 host app[7]: syslog", False),
        ("<13>May  1 12:00:00 host app: syslog", False),
        ("1714564800 x", True),
        ("1714564800.000 x", True),
        ("1714564800000 x", True),
    ],
)
def test_the_usual_stamps_are_read(line, is_zoned):
    assert stamp_of(line, written_s=WRITTEN_S) == Stamp(NOON_S, is_zoned)


@pytest.mark.parametrize(
    "line",
    ["", "x", "created 2024-05-01 12:00:00", "2024-13-45 12:00:00 x", "2024-05-01 25:00:00 x", "Maybe 1 12:00:00 x",
     "12345678901 x", "127.0.0.1 - - [01/Mai/2024:12:00:00 +0000]", "2024-05-01 12:00:00+99:99"],
)  # fmt: skip
def test_what_is_no_stamp_is_none(line):
    assert stamp_of(line, written_s=WRITTEN_S) is None


def test_december_is_read_in_january():
    written = datetime(2025, 1, 1, 0, 5, tzinfo=UTC).timestamp()
    stamp = stamp_of("Dec 31 23:59:00 host x", written_s=written)

    assert stamp is not None
    assert datetime.fromtimestamp(stamp.seconds, UTC) == datetime(2024, 12, 31, 23, 59, tzinfo=UTC)


@given(st.integers(-48, 56), st.floats(-59, 59))
def test_a_zone_of_whole_quarters_is_inferred(quarters, late_s):
    last = Stamp(NOON_S + quarters * 900 + late_s, False)

    zone = inferred(last, written_s=NOON_S)

    assert zone.offset_s == quarters * 900
    assert zone.seconds(last) == pytest.approx(NOON_S + late_s)


@pytest.mark.parametrize("off_s", [61, 450, 839, -13 * 3600, 15 * 3600])
def test_what_agrees_with_no_zone_is_not_known(off_s):
    assert inferred(Stamp(NOON_S + off_s, False), written_s=NOON_S) == Zone()


def split(text: str) -> list[tuple[str, int, int]]:
    return [(record.text, record.level, record.line) for record in records(text.split("\n"), written_s=WRITTEN_S)]


def test_lines_of_one_message_are_one_record_where_lines_have_stamps():
    found = split("2024-05-01 12:00:00 ERROR first\nmore of it\n  and more\n\n2024-05-01 12:00:01 INFO second")

    assert [text.count("\n") for text, _, _ in found] == [2, 0]
    assert [line for _, _, line in found] == [0, 4]


def test_lines_without_stamps_are_records_of_their_own():
    assert len(split("one\ntwo\n three\nfour")) == 3


def test_a_level_word_begins_a_record_between_stamped_ones():
    found = split(
        '{"time": 1714564800, "msg": "x"}\nINFO:     127.0.0.1:4 - "GET / HTTP/1.1" 200 OK\n2024-05-01 12:00:01 x'
    )

    assert [level for _, level, _ in found] == [-1, 1, -1]


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("2024-05-01 12:00:00 [error] x", "error"),
        ("2024-05-01 12:00:00 - app - WARNING - x", "warning"),
        ("level=fatal msg=x", "critical"),
        ("CRITICAL x", "critical"),
        ("INFO error: none", "info"),
        ("2024-05-01 12:00:00.000 UTC [7] FATAL:  too many clients", "critical"),
        ("2024-05-01 12:00:00.000 UTC [7] LOG:  checkpoint", "info"),
        ("Error: Invalid value for '--port'", "error"),
        ("celery: error: unrecognized arguments: -x", "error"),
        ("Fatal error: no such host", "critical"),
        ("Warning: the settings are old", "warning"),
        ("no error: it ends", None),
        ("ValueError: x", None),
        ("ErrorHandler started", None),
        ("an error happened", None),
    ],
)
def test_levels_are_read_near_the_start(line, level):
    assert split(line)[0][1] == (-1 if level is None else LEVELS.index(level))


def test_an_error_in_the_middle_of_a_message_stays_within_it():
    traceback = "Traceback (most recent call last):\n  File x\nError: y"
    said = f"2024-05-01 12:00:00 the command failed\nError: no such option: -x\n{traceback}"

    assert [text for text, _, _ in split(said)] == [said]
    assert [text for text, _, _ in split(f"{traceback}\nError: z")] == [traceback, "Error: z"]


def test_secrets_in_fields_are_not_even_searched():
    text = split('{"message": "login", "password": "correct horse battery", "headers": {"authorization": "x y"}}')[0][0]

    assert "horse" not in text
    assert "x y" not in text


LINES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(['{"a": ' * 30, '{"time": 1e400}', '{"time": true, "level": []}', "{}", "Traceback (most recent call last):",
                     "  File x", "ValueError: x", "2024-05-01 12:00:00 x", '{"message": {"message": null}}', "[", " "]),
)  # fmt: skip


@settings(max_examples=500, deadline=timedelta(seconds=2))
@given(st.lists(LINES, max_size=12))
def test_any_lines_become_records_without_losing_one(lines):
    lines = [line.replace("\n", " ") for line in lines]

    found = list(records(lines, written_s=WRITTEN_S))

    assert [record.line for record in found] == sorted({record.line for record in found})
    kept = "\n".join(f"{record.raw}\n{record.text}" for record in found)
    assert all(line in kept or not line.strip() for line in lines)
