"""Guides that were never meant to be read: bounded time and memory, and a role for every line all the same."""

from __future__ import annotations

import time

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from crashcart.guides.foreign import read
from crashcart.guides.foreign.nouns import Role
from crashcart.guides.foreign.scan import MAX_LINES

HOSTILE = {
    "one long line": "a" * 3_000_000,
    "backticks": "`" * 500_000,
    "emphasis": ("*a _b " * 300 + "\n") * 100,
    "quotes in quotes": (">" * 1500 + " x\n") * 200,
    "lists in lists": "".join(" " * (at % 900) + "- x\n" for at in range(3000)),
    "headings": "".join("#" * (at % 6 + 1) + f" Error fails {at}\n\nfix\n" for at in range(800)),
    "lists of lists of problems": "# Errors\n## Foo issues\n### Bar problems\n#### Baz failures\n##### Qux errors\n"
    * 200,
    "folds": "<details><summary>Errors</summary>\n" * 2000,
    "fences that never close": "".join(f"~~~a{at}\n## x\n" for at in range(2000)),
    "fences that do not fit": "````\n```\n" * 2000,
    "pipes": ("|" * 1900 + "\n") * 100,
    "tags": ("<div " * 350 + "\n") * 200,
    "brackets": ("[" * 1900 + "\n") * 100 + ("[a](" * 450 + "\n") * 100,
    "numbers": ("> 5 ms " * 280 + "\n") * 60,
    "strings in code": "```\n" + ('logger.error("x ' * 100 + "\n") * 200 + "```\n",
    "branches": "## Disk fails\n" + "".join(f"If disk {at} is full:\n- clear\n" for at in range(800)),
    "questions": "Q: why does it fail?\nA: b\n" * 800,
    "half characters and nulls": "\ud800 # Error \x00\n" * 500,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_guide_is_read_in_bounded_time(name: str) -> None:
    text = HOSTILE[name]
    began = time.process_time()

    guide = read(text)

    assert time.process_time() - began < 10
    assert len(guide.roles) == len(text.removesuffix("\n").split("\n"))


def test_twice_the_text_takes_no_more_than_about_twice_the_time() -> None:
    block = "## Error number fails\n\n**Fix:** do `x`\n\n```\nERROR: a b\n```\n\nIf a is full:\n- b > 5 s\n\n"

    def took_s(text: str) -> float:
        began = time.process_time()
        read(text)
        return time.process_time() - began

    took_s(block * 20)
    assert took_s(block * 800) < 10 * took_s(block * 200) + 1.0  # four times the text; sixteen would be quadratic


def test_lines_behind_the_last_that_is_read_are_told() -> None:
    guide = read("\n" * (MAX_LINES + 7))

    assert (len(guide.roles), guide.unread) == (MAX_LINES, 7)


def test_an_empty_guide_has_nothing() -> None:
    guide = read("")

    assert (guide.problems, guide.signatures, guide.thresholds) == ((), (), ())


def test_a_fence_that_never_closes_ends_before_the_next_heading() -> None:
    guide = read("## A fails\n\n```bash\nrestart a\n\n## B fails\n\nrestart b\n")

    assert [problem.title for problem in guide.problems] == ["A fails", "B fails"]
    assert guide.fences[0].is_closed is False


def test_carriage_returns_and_a_byte_order_mark_change_nothing() -> None:
    text = "---\ntitle: x\n---\n## A fails\n\n**Fix:** restart\n"

    assert read("\ufeff" + text.replace("\n", "\r\n")).problems == read(text).problems
    assert read(text).roles[0] is Role.FRONT


MARKS = st.sampled_from(
    ["# ", "## Error ", "- ", "1. ", "> ", "```", "~~~", "|", "---", "**Fix:** ", "`", '"', "<details>", "</details>", "<summary>", ":::note", "!!! x", "\n", "  ",
     "If x fails:", "→", "> 5 s", "{id}", "[a](b)", "Q: ", "a fails", "\t", "é", "原因：", "<tr><td>a</td></tr>", "{{% x %}}"]
)  # fmt: skip


@settings(max_examples=150, phases=[Phase.explicit, Phase.reuse, Phase.generate], deadline=None)
@given(st.lists(MARKS, max_size=60).map("".join))
def test_any_text_is_a_guide(text: str) -> None:
    guide = read(text)

    ids = [problem.id for problem in guide.problems]
    assert len(ids) == len(set(ids))
    assert len(guide.roles) == len(text.removesuffix("\n").split("\n"))
    for problem in guide.problems:
        assert 1 <= problem.lines.first <= problem.lines.last <= len(guide.roles)
        assert problem.parent is None or problem.parent in ids
    for signature in guide.signatures:
        assert signature.problem is None or signature.problem in ids
