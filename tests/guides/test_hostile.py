"""Whatever stands in a file, the compiler answers in time, with a guide or with what is wrong, and never falls over."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from crashcart.errors import Complaint, GuideErrors
from crashcart.guides.compile import MAX_CHARS, MAX_LINE_CHARS, compile_guide, outline
from crashcart.guides.pattern import BadPattern, pattern
from crashcart.guides.show import show_guide
from crashcart.testing import example_catalogue

CATALOGUE = example_catalogue()
AT_MOST_S = 10.0  # of processor time: on an idle machine each takes under 2 s; what is unbounded takes minutes
HEAD = "---\nguide: t\nfor: redis\n---\n# T\n\n**Healthy**\n- `redis {self} ping => pong`\n\n"
LISTED = HEAD + "## P {#p}\n\n**Symptoms**\n- `tcp {self} => refused`\n\n### Cause: c {#c} (common)\n\n**Evidence**\n"


def told(text: str) -> tuple[Complaint, ...]:
    """Return what is wrong; nothing but GuideErrors may be raised, and in time."""
    begun = time.process_time()
    found: tuple[Complaint, ...] = ()
    try:
        outline(text)
        compile_guide(text, CATALOGUE)
    except GuideErrors as error:
        found = error.complaints
        error.draw()
    assert time.process_time() - begun < AT_MOST_S
    return found


def full(line: str) -> str:
    """Return as many of these lines as a guide may have."""
    return (line * 4_900)[: MAX_CHARS - 1_000]


def wide(piece: str) -> str:
    """Return as many lines of greatest width as a guide may have, all of this piece."""
    line = (piece * MAX_LINE_CHARS)[: MAX_LINE_CHARS - 10] + "\n"
    return line * (MAX_CHARS // len(line) - 1)


PIECES = ["*a _b ", "**", "_", "[", "![", "[a](", "`", "`a` ", "ä`é` ", "<a ", "<!--", "&a", "\\", "<", "{", "{#", "}", "$", "|", "~~", "# ", "> ", ">", "- ",
          "1. ", "a:", ": ", "🚑", "\t", " ", "a" * 50 + " ", "always: ", "x, else ", "\"", "{self} ", "5 ", "=> ", "https://a.b ", "a@b.c "]  # fmt: skip
HOSTILE = {
    "lists in lists": HEAD + "".join(f"{'  ' * depth}- a\n" for depth in range(650)),
    "ten thousand lists in a line": HEAD + "- " * 10_000 + "a\n",
    "five thousand lists in a line": HEAD + "- " * 4_900 + "a\n",
    "ordered lists in a line": HEAD + "1. " * 3_300 + "a\n",
    "ten thousand quotes": HEAD + "> " * 10_000 + "a\n",
    "quotes": HEAD + "> " * 4_900 + "a\n",
    "lists and quotes": HEAD + "- > " * 2_400 + "a\n",
    "ten thousand emphases": HEAD + "*" * 10_000 + "a" + "*" * 10_000 + "\n",
    "brackets": HEAD + "[" * 4_900 + "a" + "]" * 4_900 + "\n",
    "two megabytes in a line": HEAD + "x" * 2_000_000 + "\n",
    "ten thousand headings": HEAD + "".join(f"## P{at} {{#p{at}}}\n" for at in range(10_000)),
    "nearly as many headings as may be": HEAD + "".join(f"## P{at} {{#p{at}}}\n" for at in range(4_900)),
    "ten thousand prose headings": HEAD + "".join(f"{'#' * (at % 6 + 1)} P{at}\n" for at in range(4_900)),
    "ticks of every length": HEAD + "".join("`" * at + "\n" for at in range(1, 900)),
    "items": LISTED + full("- `tcp {self} => refused`\n"),
    "broken items": LISTED + full("- alwys: `tpc {self} => refused`\n"),
    "empty items": LISTED + full("-\n"),
    "steps": LISTED.replace("Evidence", "Fix") + full("1. By hand: x\n"),
    "one item of many lines": LISTED + "- a\n" + full("  b\n") + "  `tcp {self} => refused`\n",
    "one statement of many lines": LISTED + "- `tcp {self} => refused\n" + full("  and refused\n") + "  and refused`\n",
    "strings": LISTED + "- `log {self}\n" + full('  "{a}" "<b>"\n') + "`\n",
    "fences": HEAD + "```\n" * 3 + full("x\n"),
    "link definitions": HEAD + full("[a]: b\n"),
    "table rows": HEAD + "|a|b|\n|-|-|\n" + full("|1|2|\n"),
    "nothing but line ends": "\n" * 4_900,
    "nothing": "",
    "one brace": "{",
    "only dashes": "---",
    "an open front": "---\nguide: t\n",
    "brackets in the front": f"---\nguide: {'[' * 9_000}\n---\n# T\n",
    "tables in the front": f"---\nguide: {'{a: ' * 2_000}\n---\n# T\n",
    "deep front": "---\n" + "".join(f"{' ' * depth}a:\n" for depth in range(190)) + "---\n# T\n",
    "a bomb": "---\na: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nguide: *c\n---\n# T\n",
    "an object": "---\nguide: !!python/object/apply:os.system ['true']\nfor: redis\n---\n# T\n",
    "two documents": "---\nguide: t\n...\nfor: redis\n---\n# T\n",
    "a merge": "---\n<<: {guide: t}\nfor: redis\n---\n# T\n",
    "a number of five thousand digits": LISTED + f"- `tcp {{self}} => took > 1{'0' * 5_000} s`\n",
    "a number with an exponent": LISTED + "- `tcp {self} => took > 1e400 s`\n",
    "a frequency of many digits": LISTED.replace("(common)", f"({'9' * 400} a month)") + "- `tcp {self} => ok`\n",
    "a likelihood of many digits": LISTED + f"- always 0.{'9' * 40}: `tcp {{self}} => ok`\n",
    "a date in the parameters": "---\nguide: t\nfor: redis\nparams: {a: 2024-05-01, b: 1:2, c: 0x1F, d: 1_0, e: .5, f: -5}\n---\n# T\n",
    "a link of many bindings": LISTED.replace("c {#c}", f"[x](#c) with `{'a=1,' * 1_000}` {{#c}}") + "- `tcp {self} => ok`\n",
    "an id with spaces": HEAD + "## a {#b" + " " * 9_000 + "x\n",
    "a bold that does not end": HEAD + "**a" + " " * 9_000 + "x\n",
    "half a likelihood": LISTED + "- , else always: `tcp {self} => ok`\n- ,: `tcp {self} => ok`\n",
    **{f"wide {piece!r}": HEAD + wide(piece) for piece in PIECES},
    **{f"items of {piece!r}": LISTED + "- " + wide(piece) for piece in PIECES},
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_an_answer_comes_in_time_and_is_a_guide_or_what_is_wrong(name: str) -> None:
    told(HOSTILE[name])


# -- characters


@pytest.mark.parametrize(
    ("char", "shown"),
    [
        ("\0", "U+0000"), ("\x1b", "U+001B"), ("\x0b", "U+000B"), ("\x85", "U+0085"), ("\ud800", "U+D800"),
        ("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"), ("\u2066", "U+2066 LEFT-TO-RIGHT ISOLATE"), ("\u200b", "U+200B ZERO WIDTH SPACE"),
        ("\ufeff", "U+FEFF ZERO WIDTH NO-BREAK SPACE"), ("\u2028", "U+2028 LINE SEPARATOR"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["prose a{}b\n", "## P {{#p{}}}\n", "- `tcp {{self}} => {}ok`\n", "**Fix{}**\n"])
def test_what_cannot_be_seen_is_refused_wherever_it_stands(char: str, shown: str, where: str) -> None:
    """Two guides that look alike must run alike; an escape sequence must not reach a terminal through a quote."""
    found = told(HEAD + where.format(char))

    assert ("guide-unseen-character", shown) in [(each.code, each.word) for each in found]
    assert not any(char in f"{each.what}{each.word}{each.hint}" for each in found)


def test_a_binary_file_is_told_in_a_few_lines() -> None:
    assert len(told("\x00\x01\x02" * 30_000)) < 40


def test_bytes_that_are_no_text_are_an_answer_too() -> None:
    raw = bytes(random.Random(1).randrange(256) for _ in range(20_000))

    assert told(raw.decode("utf-8", errors="replace"))
    assert told(raw.decode("latin-1"))
    assert told(raw.decode("utf-8", errors="surrogateescape"))


HOMOGLYPHS = [
    ("- `tсp {self} => ok`", "guide-character", "tсp"),
    ("- `tcp {self} => оk`", "guide-character", "оk"),
    ("- `tcp {sеlf} => ok`", "guide-bad-name", "sеlf"),
    ("- аlways: `tcp {self} => ok`", "guide-likelihood", "аlways"),
    ("- By hаnd: do it", "guide-no-code", "By hаnd: do it"),
    ("- `tcp {self} => ok`\n\n**Verіfy**\n- `tcp {self} => ok`", "guide-unknown-label", "Verіfy"),
    ("- `tcp {self} => ok`\n\n### Саuse: d {#d} (common)", "guide-heading", "Саuse"),
    ("- `tcp {self} => ok`\n\n### Cause: d {#ԁ} (common)", "guide-bad-id", "ԁ"),
    ("- `tcp {self} => ok`\n\n### Cause: d {#d} (соmmon)", "guide-frequency", "(соmmon)"),
    ("- `tcp {self} => took > 5 ѕ`", "guide-character", "ѕ"),
    ("- `tcp {self} => took > ５ s`", "guide-character", "５"),
    ("- `tcp {self} =＞ ok`", "guide-character", "＞"),
    ("- `log {self} “x”`", "guide-character", "“"),
]


@pytest.mark.parametrize(("lines", "code", "word"), HOMOGLYPHS)
def test_letters_of_another_alphabet_are_errors_that_show_the_word(lines: str, code: str, word: str) -> None:
    assert (code, word) in [(each.code, each.word) for each in told(f"{LISTED}{lines}\n")]


def test_a_mark_at_the_start_and_tabs_are_harmless() -> None:
    plain = LISTED + "- `tcp {self} => refused`\n"

    assert told("\ufeff" + plain) == ()
    assert told(plain.replace("- `tcp {self} =>", "-\t`tcp\t{self}\t=>")) == ()
    assert told(plain.rstrip("\n")) == ()


# -- mutations


BITS = [*" \n\t`*-#{}[]():;,<>=\"'/\\?%&!|~^$@", "é", "\u200d", "**", "### Cause:", "\n\n", "1. ", "```\n", "{#", "=>", "{self}", "every", "5 s", "<!--", "as x",
        "---\n", "not", " of ", " x ", "<x>", "By hand:"]  # fmt: skip
SAMPLE = LISTED + (
    '- always, else rarely: it says `log any {dependants} "at <x> {self.host}" over 5 min => count > 3 and not unseen for 1 min`\n\n'
    "**Read**\n- `redis {self} memory as m`\n\n**Fix: it** (now)\n1. `redis set {self} maxmemory = ?`\n   - only if `memory {self} => used < 5%`\n"
    "   - undo: By hand: back\n2. [do](#t) later\n\n**Watch**\n- every 1 d: `tcp {self} port 80 => ok`\n\n### Cause: [d](#c) with `self={self}` {#d a=b} (2 a month)\n\n"
    "## Task: t {#t} (every 60 d)\n\n**Do**\n1. By hand: x\n"
)


@pytest.mark.parametrize("seed", range(250))
def test_a_mutated_guide_is_understood_whole_or_told(seed: int) -> None:
    rng = random.Random(seed)
    text = SAMPLE
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        at, end = rng.randrange(len(text)), rng.randrange(12)
        text = text[:at] + rng.choice([rng.choice(BITS), ""]) + text[at + rng.choice([0, 0, end]) :]

    found = told(text)

    if found:
        assert all(each.hint and each.span.line >= 1 for each in found), found
        return
    guide = compile_guide(text, CATALOGUE)
    assert compile_guide(show_guide(guide, CATALOGUE), CATALOGUE) == guide


# -- patterns

ATOMS = st.sampled_from(
    [
        "a",
        "b",
        ".",
        r"\d",
        r"\w",
        "[ab]",
        "[^a]",
        r"\b",
        "^",
        "$",
        r"\n",
        r"\s",
        "[a-c]",
        "-",
        "[]a]",
        r"[\d-]",
        r"\.",
        r"\A",
        r"\Z",
        r"\B",
    ]
)
REPEATS = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}", "{,2}", "*?", "{0}"])
PATTERNS = st.recursive(
    ATOMS,
    lambda part: st.one_of(
        st.lists(part, min_size=1, max_size=3).map("".join),
        st.lists(part, min_size=2, max_size=3).map(lambda ways: f"(?:{'|'.join(ways)})"),
        st.builds("({}){}".format, part, REPEATS),
        st.builds("{}{}".format, st.sampled_from(["a", "[ab]", "."]), REPEATS),
    ),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(["", "(?i)", "(?m)", "(?s)"]), PATTERNS, st.text("abcAB \n-1.", min_size=1, max_size=8))
@example("", "(a|ab)(c|bcd)(d*)$", "abcd")
@example("", "x{,}", "y")
def test_a_pattern_finds_what_the_standard_library_finds(flags: str, text: str, sample: str) -> None:
    import re

    try:
        found = pattern(flags + text).is_in(sample)
    except BadPattern:
        assume(False)
        return

    assert found == bool(re.search(flags + text, sample))


@pytest.mark.parametrize(
    "text",
    [
        "(a+)+b",
        "(a|aa)+$",
        "a*a*a*a*a*b",
        "(.*)(.*)(.*)x$",
        "(a|b|ab)*c",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        ".*" * 30 + "x",
        "(a?){60}a{60}b",
    ],
)
@pytest.mark.parametrize("sample", ["a" * 60_000, "ab" * 30_000, "a" * 30_000 + "\n" + "a" * 30_000])
def test_no_pattern_takes_long_on_any_text(text: str, sample: str) -> None:
    begun = time.process_time()
    pattern(text).is_in(sample)
    assert time.process_time() - begun < AT_MOST_S


@pytest.mark.parametrize(
    "text",
    [
        r"(a)\1",
        "(?=a)b",
        "(?<!a)b",
        "(?P<n>a)(?P=n)",
        "a{1000}",
        "((a{9}){9}){9}",
        "(" * 200 + ")" * 200,
        "(" * 5_000,
        "(a",
        "a**",
        "(?x)a",
        "a++",
        "(?>a)",
    ],
)
def test_a_pattern_that_cannot_be_searched_in_time_is_refused(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(BadPattern):
        pattern(text)
    assert time.process_time() - begun < AT_MOST_S
