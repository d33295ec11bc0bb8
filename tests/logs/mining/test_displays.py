"""What a program shows of an object, a mapping or a list is one value."""

from __future__ import annotations

import pytest

from crashcart.logs.mining import Miner
from crashcart.logs.mining.displays import without_displays
from crashcart.logs.mining.fold import fold


def shown(line: str) -> str:
    folded = fold(line.encode() + b"\n")[0]
    return without_displays(folded).replace(b"\x01", b"<*>").replace(b"\x1a", b"N").decode()


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("got {'op': 'get', 'keys': ('a', 'b'), 'n': {}} from ann", "got <*> from ann"),
        ('answer {"error": {"code": "x", "text": "it\\"s {so}"}}', "answer <*>"),
        ("releases ['task-a', 'it', b'x'] now", "releases <*> now"),
        ("kept ('a', 3) and ()", "kept <*> and ()"),
        ("args:() kwargs:{}", "args:() kwargs:<*>"),
        ("handler <bound method A.f of <B object at 0x7f12ab>> called", "handler <*> called"),
        ("<Task pending name='Task-3' coro=<main() running at a.py:3>> took 3 s", "<*> took N s"),
        ("apply (args:('shop.price', {'id': 'a-1', 'eta':... kwargs:{'b': 2})", "apply (args:<*> kwargs:<*>)"),
        ("crawled <GET http://x/y> (referer: None)", "crawled <*> (referer: None)"),
        ('Error("it") in {"a": Fail("x > y")}', 'Error("it") in <*>'),
    ],
)
def test_a_display_is_a_value(line: str, left: str) -> None:
    assert shown(line) == left


@pytest.mark.parametrize(
    "line",
    [
        "listdir(b'/srv') called",  # a call: its name is of the statement
        "value of x['a'] and it's {not one}",
        "<info> wifi is up, <ok> and a -> b < c > d",
        "if (a > b) [core] {main}",
        "cut off {'op': 'get', 'keys': [",
        '{"message": "Command started", "command": "find"}',  # nothing else says what was done
        "[5] {'op': 'get'}",
        "crossed {'a': ('b'}, 'c')",
    ],
)
def test_what_only_looks_like_one_stays(line: str) -> None:
    assert shown(line) == line.replace("5", "N")


def test_lines_of_opening_signs_take_no_time_and_stay() -> None:
    for sign in ("{'", "['", "<a ", "('", "{'a': ["):
        line = sign * 4_000
        assert shown(line) == line[:4096]


def test_messages_of_one_statement_are_one_template() -> None:
    lines = [
        "Client a-1 receives {'op': 'lost-data', 'key': 'x-1'}",
        "Client b-2 receives {'op': 'task-erred', 'key': 'y-2', 'why': ValueError('no (order) 3')}",
        "Client c-3 receives {}",
    ]
    miner = Miner()
    miner.feed("\n".join(lines).encode())

    assert [template.text for template in miner.result()] == ["Client <*> receives <*>"]
