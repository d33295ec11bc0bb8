"""Two back ends, one answer: the lines in which a signature stands."""

from __future__ import annotations

import json
import logging
import random
import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from crashcart.logs.loops import line_ends
from crashcart.logs.signatures.scanner import Backend, Scanner, compile
from crashcart.logs.signatures.signature import BadSignature, Kind, Signature, matcher_of, stands_in, tree_of
from crashcart.redact import Scrubber

pytest.importorskip("hyperscan")
GENERATE = [Phase.explicit, Phase.reuse, Phase.generate]
BOTH = (Backend.FAST, Backend.PLAIN)


def of(*texts: str) -> list[Signature]:
    """Make signatures; a text behind `re:` is a regular expression."""
    return [
        Signature(text, text.removeprefix("re:"), Kind.REGEX if text.startswith("re:") else Kind.TEXT) for text in texts
    ]


def pairs(scanner: Scanner, data: bytes) -> list[tuple[int, int]]:
    hits = scanner.scan(data)
    indexed = scanner.scan(data, ends=line_ends(data))
    assert hits.size == indexed.size == len(line_ends(data))
    assert hits.lines.tolist() == indexed.lines.tolist()
    assert hits.begins.tolist() == indexed.begins.tolist()
    return list(zip(hits.lines.tolist(), hits.signatures.tolist(), strict=True))


def in_each_line(signatures: Sequence[Signature], data: bytes) -> list[tuple[int, int]]:
    """What is true, without any back end."""
    matchers = [matcher_of(signature) for signature in signatures]
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return [
        (at, number)
        for at, line in enumerate(lines)
        for number, matcher in enumerate(matchers)
        if stands_in(matcher, line.removesuffix(b"\r"))
    ]


@pytest.mark.parametrize("backend", BOTH)
@pytest.mark.parametrize(
    ("text", "line", "is_hit"),
    [
        ("deadlock detected", "x deadlock detected y", True),
        ("deadlock detected", "Deadlock detected", False),
        ("job <id> failed", "job 7 failed", True),
        ("job <id> failed", "job  failed", False),
        ("failed: <why>", "failed: x", True),
        ("failed: <why>", "failed: ", False),
        ("failed: <why>", "failed: \r", False),
        ("<who> failed", " failed", False),
        ("<who> failed", "x failed", True),
        ("a.c*", "abc", False),
        ("Ошибка соединения", "2024 Ошибка соединения", True),
        ("é", "caf\u00e9", True),
        ("é", "cafe", False),
        ("re:too many (?:clients|connections)", "sorry, too many clients already", True),
        (r"re:\bOOM\b", "an OOM kill", True),
        (r"re:\bOOM\b", "ZOOM kill", False),
        (r"re:^FATAL", "FATAL: x", True),
        (r"re:^FATAL", "x FATAL: x", False),
        (r"re:done$", "done", True),
        (r"re:done$", "done\r", True),
        (r"re:done$", "done.", False),
        (r"re:(?i)connection RESET", "Connection reset by peer", True),
        (r"re:(?i:kelvin) K", "KELVIN K", True),
        (r"re:(?i)k", "\u212a", False),
        (r"re:a(?=b)b", "ab", True),
        (r"re:a(?!b).", "ab", False),
        (r"re:(ab|cd)-\1", "ab-cd", False),
        (r"re:(ab|cd)-\1", "cd-cd", True),
        (r"re:x{2,3}y", "axxy", True),
        (r"re:caf.!", "caf\u00e9!", True),
        (r"re:[éà]!", "caf\u00e9!", True),
        (r"re:[^a]!", "\u00e9!", True),
        (r"re:\d{3}-\d{4}", "call 555-1234 now", True),
        (r"re:code=\d+ .*", "code=5 ", True),
        (r"re:a{0}b", "b", True),
        (r"re:(?P<word>[\w.]+)Error: ", "a.b.KeyError: x", True),
        (r"re:", "\x00", None),
        (r"re:.*", "x", None),
        (r"re:(", "x", None),
        (r"<x>", "x", None),
        ("", "x", None),
    ],
)
def test_a_signature_stands_in_a_line_or_not(backend, text, line, is_hit):
    if is_hit is None:
        with pytest.raises(BadSignature, match=r"fits every line|no regular expression"):
            compile(of(text), backend=backend)
        return
    assert bool(pairs(compile(of(text), backend=backend), line.encode())) is is_hit


def test_an_expression_too_large_for_vectorscan_and_without_a_text_is_tried_on_each_line():
    large = r"(?:(?:[a-z]{1,30}[0-9]{1,30}){1,30}x){1,30}y"
    signatures = of(f"re:needle{large}", f"re:{large}", r"re:\d{3}-\d{4}")
    data = b"needle a\nneedlea1xy\na1xy\n555-1234\n"

    found = [pairs(compile(signatures, backend=backend), data) for backend in BOTH]

    assert found == [[(1, 0), (1, 1), (2, 1), (3, 2)]] * 2


@pytest.mark.parametrize("backend", BOTH)
@pytest.mark.parametrize(
    "text", [r"re:begin[^x]*end", r"re:begin\s+end", r"re:begin\W+end", r"re:(?s)begin.*end", "begin<x>end"]
)
def test_no_signature_reaches_over_the_end_of_a_line(backend, text):
    scanner = compile(of(text), backend=backend)

    assert pairs(scanner, b"begin\nend\nbegin \n end\n") == []
    assert pairs(scanner, b"\nbegin  end\n") == [(1, 0)]


QUOTED = [
    'connection to server at "<host>", port <port> failed',
    "C:\\temp\\<file> is gone",
    "caf\u00e9 <x> \u2603",
    "\U0001f600 smile",
    "<class 'ValueError'>",
    "Ошибка",
    r're:relation "[^"]+" does not exist',
    r"re:^second line$",
    r"re:\bsecond\b",
]


@pytest.mark.parametrize("backend", BOTH)
@pytest.mark.parametrize("is_ascii", [True, False])
@pytest.mark.parametrize("depth", [1, 2])
def test_escapes_of_json_hide_nothing(backend, is_ascii, depth):
    said = (
        'connection to server at "db-3", port 5432 failed', "C:\\temp\\new.txt is gone", "caf\u00e9 or \u2603",
        "a \U0001f600 smile", "<class 'ValueError'>", "Ошибка", 'ERROR: relation "orders" does not exist',
        "first line\nsecond line", "first line\nsecond line",
    )  # fmt: skip
    lines = list(said)
    for _ in range(depth):
        lines = [json.dumps({"message": line}, ensure_ascii=is_ascii) for line in lines]
    data = "\n".join(lines).encode()

    found = pairs(compile(of(*QUOTED), backend=backend), data)

    # Within JSON within JSON, `^` and `$` mean the ends of what was undone, and quotes stand there.
    assert {(at, at) for at in range(len(said)) if depth == 1 or "$" not in QUOTED[at]} <= set(found)


def test_go_writes_angle_brackets_as_codes():
    data = rb'{"msg":"\u003cclass \u0027ValueError\u0027\u003e"}'

    assert [pairs(compile(of("<class 'ValueError'>"), backend=backend), data) for backend in BOTH] == [[(0, 0)]] * 2


@pytest.mark.parametrize("backend", BOTH)
def test_holes_of_json_lines_hold_decoded_text(backend):
    record = logging.LogRecord("app", logging.ERROR, "x.py", 1, 'job %s failed: no "key"', ("é7",), None)
    data = json.dumps({"level": "ERROR", "message": record.getMessage(), "host": "a"}).encode() + b"\n"
    signatures = of("job <id> failed: <why>", r"re:job (?P<id>..) failed")
    scanner = compile(signatures, backend=backend)

    found = list(scanner.captured(data, scanner.scan(data), scrub=str, most=5))

    assert [dict(each.captures) for each in found] == [{"id": "é7", "why": 'no "key"'}, {"id": "é7"}]


@pytest.mark.parametrize("backend", BOTH)
def test_captures_are_scrubbed_with_the_words_in_front_of_them(backend):
    data = b"login with password=hunter2hunter2 refused\ntoken sk-abc123def456ghi refused\n"
    scanner = compile(of("password=<value> refused", "sk-<key> refused"), backend=backend)

    found = list(scanner.captured(data, scanner.scan(data), scrub=Scrubber(()).text, most=5))

    assert [each.captures for each in found] == [(("value", "[redacted]"),), (("key", "[redacted]"),)]


@pytest.mark.parametrize("backend", BOTH)
def test_a_chatty_signature_is_counted_in_full_and_captured_a_few_times(backend):
    data = b"".join(b"job %d failed\n" % number for number in range(5_000))
    scanner = compile(of("job <id> failed", "nothing"), backend=backend)
    hits = scanner.scan(data)

    found = list(scanner.captured(data, hits, scrub=str, most=3))

    assert hits.counts(2).tolist() == [5_000, 0]
    assert [(each.line, each.captures) for each in found] == [(at, (("id", str(at)),)) for at in range(3)]


def test_many_holes_in_a_long_line_take_no_time():
    data = b"a" * 60_000 + b"\n"

    assert [pairs(compile(of("a<*>" * 12 + "b"), backend=backend), data) for backend in BOTH] == [[], []]


WORDS = ["a", "b", "A", "aa", "ab", "\u00e9", "\ufffd", '"', "\\", "\\n", "\\u00e9", "\\\"", "<", " ", "7", "\t", "\u0130", "K",
         "connection", "Connection refused", "\\u0041", "\U0001f600", "\\\\u00e9", "\\ud83d\\ude00", "\\\\"]  # fmt: skip
TEXTS = st.lists(st.sampled_from([*WORDS, "<*>", "<x>"]), min_size=1, max_size=5).map("".join)
REGEXES = st.lists(
    st.sampled_from([*map(re.escape, WORDS), "[ab]", "[^a]", r"\d", r"\w+", r"\s", r"\S*", ".", ".*", "(?:a|b7)", "(?i:ab)",
                     "(a|é)?", r"\b", "^", "$", "a{2,3}", "[é7]"]),
    min_size=1, max_size=5,
).map("".join).map("re:".__add__)  # fmt: skip
LINES = st.lists(
    st.lists(st.sampled_from([*WORDS, "\r"]), max_size=8).map(lambda words: "".join(words).encode())
    | st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"")),
    max_size=8,
).map(b"\n".join)


def telling(texts: list[str]) -> list[Signature]:
    """Keep the signatures that can be looked for."""
    found = []
    for signature in of(*texts):
        try:
            tree_of(signature)
        except BadSignature:
            continue
        found.append(signature)
    return found


@settings(phases=GENERATE, deadline=None, max_examples=300)
@given(st.lists(TEXTS | REGEXES, min_size=1, max_size=6).map(telling).filter(bool), LINES)
@example(of("q\ufffd", r"re:q(?:\ufffd|z)"), b"q\xff\xfe\nq\xef\xbf\xbd\nqz")
@example(of("connectionconnection<x>7"), b"connectionconnection 7\nCONNECTIONconnection 7")
def test_both_back_ends_find_what_is_true_and_nothing_else(signatures, data):
    expected = in_each_line(signatures, data)

    for backend in BOTH:
        assert pairs(compile(signatures, backend=backend), data) == expected


def corpus(size: int) -> tuple[list[Signature], bytes]:
    """Draw a few hundred signatures and some MB of lines, one in thirty with one of them."""
    draw = random.Random(7)
    parts = [
        "billing",
        "auth",
        "search",
        "ingest",
        "lease",
        "shard",
        "token",
        "webhook",
        "failed",
        "refused",
        "expired",
        "timeout",
    ]
    texts, examples = [], []
    for number in range(300):
        a, b, c = draw.sample(parts, 3)
        kind = number % 5
        texts.append(
            [f"{a}: {b} {c} E{number}", f"[{a}] <who> {b} code={number}", rf"re:{a} '[^']+' {b} after \d+ms \({number}\)",
             rf"re:(?i){a} \S+ {c}.*{b}_id={number}", f'{a} "<name>" é {b}{number}'][kind]
        )  # fmt: skip
        examples.append(
            [f"{a}: {b} {c} E{number}", f"[{a}] bob {b} code={number}", f"{a} 'x' {b} after 31ms ({number})",
             f"{a.upper()} b1 {c} while {b}_ID={number}", f'{a} "q" é {b}{number}'][kind]
        )  # fmt: skip
    lines = []
    for number in range(size):
        said = draw.choice(examples) if number % 30 == 0 else " ".join(draw.choices(parts, k=8))
        line = f"2024-05-01 12:00:{number % 60:02d},{number % 1000:03d} ERROR app: {said}"
        lines.append(json.dumps({"ts": number, "message": line}) if number % 7 == 0 else line)
    return of(*texts), ("\n".join(lines) + "\n").encode()


def test_on_some_megabytes_both_back_ends_find_the_same_wherever_the_blocks_are_cut():
    signatures, data = corpus(40_000)
    fast, plain = (compile(signatures, backend=backend) for backend in BOTH)
    whole = pairs(fast, data)

    ends = line_ends(data)
    for scanner in (fast, plain):
        for blocks in (1, 7):
            cuts = [0, *(int(ends[len(ends) * at // blocks - 1]) + 1 for at in range(1, blocks + 1))]
            found, line = [], 0
            for begin, end in pairwise(cuts):
                found += [(line + at, signature) for at, signature in pairs(scanner, data[begin:end])]
                line += data.count(b"\n", begin, end)
            assert found == whole
    assert len(whole) > 1_300
    assert in_each_line(signatures, data[: int(ends[300])]) == [pair for pair in whole if pair[0] <= 300]


def test_text_that_is_everywhere_in_the_data_is_found_all_the_same():
    """The plain back end looks for rare groups of bytes; where none is rare it takes another way."""
    signatures = of(*(f"{'ab' * 8}{number}" for number in range(120)), "zz")
    data = b"".join(b"ab" * 200 + b"%d\n" % (number % 130) for number in range(3_000))

    assert pairs(compile(signatures, backend=Backend.PLAIN), data) == pairs(
        compile(signatures, backend=Backend.FAST), data
    )


@pytest.mark.parametrize("backend", BOTH)
@pytest.mark.parametrize("data", [b"", b"\n", b"\n\n\n", b"x", b"\r\n", bytes(1000)])
def test_blocks_without_text_have_no_hits(backend, data):
    hits = compile(of("some text", "re:x{3}"), backend=backend).scan(data)

    assert (len(hits.lines), hits.lines.dtype, len(hits.signatures)) == (0, np.dtype(np.int64), 0)


def test_no_signatures_have_no_hits():
    assert [pairs(compile([], backend=backend), b"a\nb\n") for backend in BOTH] == [[], []]
