"""Which lines belong together, where their messages stand, and what was raised."""

from __future__ import annotations

import json
import logging
import traceback

import pytest

from crashcart.logs.loops import line_ends
from crashcart.logs.shape.exceptions import Frame, Raised, raised_in
from crashcart.logs.shape.shaper import RECORD_BYTES, Found, Shaper

WRITTEN_S = 1_714_651_200.0


def heads(text: str) -> list[bool]:
    return Shaper(written_s=WRITTEN_S).feed(text.encode()).is_head.tolist()


def bodies(text: str) -> list[str]:
    data = text.encode()
    shaped = Shaper(written_s=WRITTEN_S).feed(data)
    return [data[begin:end].decode() for begin, end in zip(shaped.body_starts, shaped.body_ends, strict=True)]


def exceptions(data: bytes, *, blocks: int = 1) -> list[Found]:
    """Return what is found when the data comes in so many blocks."""
    shaper = Shaper(written_s=WRITTEN_S)
    ends = line_ends(data).tolist()
    cuts = [0, *(ends[len(ends) * at // blocks - 1] + 1 for at in range(1, blocks + 1))]
    found: list[Found] = []
    for at in range(blocks):
        found += shaper.feed(data[cuts[at] : cuts[at + 1]]).exceptions
    return [*found, *shaper.finish()]


def test_lines_of_one_message_are_one_record_where_lines_have_stamps():
    assert heads("2024-05-01 12:00:00 ERROR first\nmore of it\n  and more\n\n2024-05-01 12:00:01 INFO second") == [
        True, False, False, False, True
    ]  # fmt: skip


def test_lines_without_stamps_are_records_of_their_own():
    assert heads("one\ntwo\n three\nfour") == [True, True, False, True]


def test_a_level_word_begins_a_record_between_stamped_ones():
    line = 'INFO:     127.0.0.1:4 - "GET / HTTP/1.1" 200 OK'

    assert heads(f'{{"time": 1714564800, "msg": "x"}}\n{line}\n2024-05-01 12:00:01 x') == [True, True, True]


def test_json_lines_are_records_without_stamps_too():
    assert heads('{"msg": "a"}\n{"msg": "b"}\n') == [True, True]


def test_a_traceback_without_any_stamps_is_one_record():
    text = "ERROR:root:boom\n" + "".join(traceback.format_exception(caught())) + "INFO:root:next\nplain\n"

    assert [at for at, is_head in enumerate(heads(text)) if is_head] == [0, text.count("\n") - 2, text.count("\n") - 1]


def test_without_stamps_a_second_traceback_belongs_to_the_first_wherever_blocks_are_cut():
    lines = [
        "job failed", "Traceback (most recent call last):", '  File "a.py", line 1, in f', "KeyError: 'x'",
        "During handling of the above exception, another exception occurred:", "Traceback (most recent call last):",
        '  File "a.py", line 3, in f', "ValueError: y", "next job",
    ]  # fmt: skip
    shaper = Shaper(written_s=WRITTEN_S)
    one_by_one = [bool(shaper.feed(f"{line}\n".encode()).is_head[0]) for line in lines]

    assert one_by_one == heads("\n".join(lines)) == [True, *[False] * 7, True]


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("2024-05-01 12:00:00,000 ERROR app: x", " ERROR app: x"),
        ("May  1 12:00:00 host app[7]: x", " host app[7]: x"),
        ('{"time": 1714564800, "message": "say \\"hi\\"", "a": "b"}', 'say \\"hi\\"'),
        ('{"msg":"ends with \\\\","a":"b"}', "ends with \\\\"),
        ('{"message": ""}', ""),
        ('{"a": 1}', '{"a": 1}'),
        ("no stamp", "no stamp"),
    ],
)
def test_what_is_mined_is_the_message(line, body):
    assert bodies(line) == [body]


def test_each_json_line_has_its_message_though_they_are_spelt_in_two_ways():
    assert bodies('{"message": "a"}\n{"message":"b"}\n{"event" : "c"}\n{"x": 1}\n') == ["a", "b", "c", '{"x": 1}']


def fail(depth: int) -> None:
    if depth:
        fail(depth - 1)
    json.loads("{")


def caught() -> BaseException:
    """Return what a call into a library raised."""
    try:
        fail(2)
    except ValueError as error:
        return error
    raise AssertionError


def logged(error: BaseException, template: str) -> str:
    record = logging.LogRecord(
        "app", logging.ERROR, "x.py", 1, "it broke", (), (type(error), error, error.__traceback__)
    )
    return logging.Formatter(template).format(record)


def test_the_deepest_frame_of_the_users_own_code_is_found_below_those_of_libraries():
    found = exceptions((logged(caught(), "%(asctime)s %(levelname)s %(message)s") + "\n").encode())

    assert [each.line for each in found] == [0]
    raised = found[0].raised
    assert raised.type == "json.decoder.JSONDecodeError"
    assert raised.message.startswith("Expecting property name")
    assert raised.own == Frame(__file__, raised.own.line, "fail")


def chained() -> BaseException:
    try:
        try:
            try:
                {}["k"]
            except KeyError as error:
                raise ValueError("bad value") from error
        except ValueError:
            raise RuntimeError("first line\nsecond line")  # noqa: B904 # "During handling" is what is tested
    except RuntimeError as error:
        return error


def test_of_chained_exceptions_the_last_came_out_and_the_first_is_the_root():
    found = exceptions(logged(chained(), "%(asctime)s %(message)s").encode())

    raised = found[0].raised
    assert (raised.type, raised.message) == ("RuntimeError", "first line\nsecond line")
    assert [each.type for each in raised.before] == ["KeyError", "ValueError"]
    assert raised.root.message == "'k'"


def test_a_group_has_its_members_and_theirs():
    inner = ExceptionGroup("inner", [TypeError("b"), KeyError("c")])
    try:
        raise ExceptionGroup("outer", [chained(), inner, OSError(2, "gone")])
    except ExceptionGroup as error:
        found = exceptions((logged(error, "%(asctime)s %(message)s") + "\n2024-05-01 12:00:00 next\n").encode())

    raised = found[0].raised
    assert (raised.type, raised.message) == ("ExceptionGroup", "outer (3 sub-exceptions)")
    assert raised.own is not None
    assert [member.type for member in raised.members] == ["RuntimeError", "ExceptionGroup", "FileNotFoundError"]
    assert [member.root.type for member in raised.members] == ["KeyError", "ExceptionGroup", "FileNotFoundError"]
    assert [member.message for member in raised.members[1].members] == ["b", "'c'"]


def test_tracebacks_within_json_are_read_decoded():
    record = {"level": "error", "event": "boom", "exception": "".join(traceback.format_exception(caught())).rstrip()}
    data = (json.dumps({"event": "fine"}) + "\n" + json.dumps(record) + "\n").encode()

    found = exceptions(data)

    assert [(each.line, each.raised.type) for each in found] == [(1, "json.decoder.JSONDecodeError")]


@pytest.mark.parametrize("blocks", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("template", ["%(asctime)s %(message)s", "%(levelname)s:%(name)s:%(message)s"])
def test_where_blocks_are_cut_no_exception_is_lost(blocks, template):
    parts = [logged(error, template) for error in (caught(), chained(), caught())]
    data = (
        "\n".join(["INFO:app:begin" if "asctime" not in template else "2024-05-01 12:00:00 begin", *parts]) + "\n"
    ).encode()

    assert exceptions(data, blocks=blocks) == exceptions(data)
    assert [found.raised.type for found in exceptions(data)] == [
        "json.decoder.JSONDecodeError",
        "RuntimeError",
        "json.decoder.JSONDecodeError",
    ]


def test_a_traceback_that_is_cut_off_says_what_it_can():
    raised = raised_in('Traceback (most recent call last):\n  File "/app/x.py", line 3, in f\n    g()')

    assert raised == Raised("", "", Frame("/app/x.py", 3, "f"))


@pytest.mark.parametrize(
    "text", ["", "no traceback", "Traceback (most recent call last):", "Traceback (most recent call last):\n\n"]
)
def test_text_without_a_whole_traceback_has_none(text):
    assert raised_in(text) is None


@pytest.mark.parametrize(
    ("path", "is_own"),
    [
        ("/app/worker.py", True),
        ("/srv/venv/lib/python3.12/site-packages/httpx/_client.py", False),
        ("/usr/lib/python3/dist-packages/apt.py", False),
        ("/usr/local/lib/python3.11/json/decoder.py", False),
        ("C:\\Python311\\Lib\\json\\decoder.py", False),
        ("C:\\app\\worker.py", True),
        ("<frozen importlib._bootstrap>", False),
        ("<string>", False),
    ],
)
def test_own_code_is_neither_pythons_nor_installed(path, is_own):
    assert Frame(path, 1, "f").is_own is is_own


def test_a_record_without_end_is_cut():
    data = b"2024-05-01 12:00:00 ERROR x\nTraceback (most recent call last):\n" + b"  more\n" * 40_000

    shaper = Shaper(written_s=WRITTEN_S)
    for _ in range(3):
        shaper.feed(data)
        data = b"  more\n" * 40_000

    assert len(shaper._open) <= RECORD_BYTES
    assert shaper.finish() == ()
