"""Repairs as the score counts them, and the guides that wrong plans are made of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crashcart_lab.errors import LabError
from crashcart_lab.repair import texts
from crashcart_lab.repair.operator import Proposal
from crashcart_lab.repair.table import how, table
from crashcart_lab.repair.turns import CONTROLS, Repair

GOOD = Repair("key-missing", 1, "openai:http-provider.key-missing", "", "no key is set (openai)", False, "fixed", 0, True,
              [], "", [], 9.0, "")  # fmt: skip
WRONG = replace(GOOD, by="key-refused", end="void", code=1, is_served=False)
BAD = [replace(GOOD, by=name, end="undone", code=1, is_served=False) for name, _, _ in CONTROLS]


def claims_of(repairs: list[Repair]) -> dict[str, bool]:
    _, text = table(repairs, not_run=[], failures=[], head="")
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.startswith(("holds", "FAILS"))]
    return {words: mark == "holds" for mark, words in lines}


def test_repairs_that_hold_wrong_plans_that_stop_and_fixes_that_fail_pass() -> None:
    assert table([GOOD, *[WRONG] * 60, *BAD], not_run=[], failures=[], head="")[0]


@pytest.mark.parametrize(
    "spoilt",
    [
        replace(GOOD, code=1, end="not better"),
        replace(GOOD, is_served=False),
        replace(GOOD, lost=["tcp {db} => ok"]),
    ],
)
def test_a_repair_counts_only_when_it_says_so_and_a_user_is_served_and_nothing_was_lost(spoilt: Repair) -> None:
    assert not table([spoilt, *[WRONG] * 60, *BAD], not_run=[], failures=[], head="")[0]


@pytest.mark.parametrize(
    "left",
    [
        replace(WRONG, end="not better", undo="not undone"),
        replace(WRONG, lost=["tcp {db} => ok"]),
        replace(WRONG, end="not undone"),
        replace(WRONG, end="fixed", code=0),
    ],
)
def test_a_wrong_plan_that_leaves_something_behind_fails_the_score(left: Repair) -> None:
    assert not claims_of([GOOD, *[WRONG] * 60, left, *BAD])["every wrong plan is stopped, or undone in all"]


def test_a_control_that_would_pass_fails_the_score() -> None:
    passing = [replace(one, end="fixed", code=0, is_served=True) for one in BAD]

    assert not claims_of([GOOD, *passing])["a fix that does nothing fails the score"]


def test_what_became_of_a_wrong_plan_is_said_in_words() -> None:
    assert how(WRONG) == "stopped before the first touch"
    assert how(replace(WRONG, end="not better", undo="undone")) == "handed over, and undone by a person's word"


def test_every_fix_that_a_wrong_plan_may_be_made_of_needs_no_hands_and_names_real_targets() -> None:
    found = texts.remedies()

    assert len(found) >= 25
    assert not [
        one.fault for one in found if "By hand" in one.text or "{self" in one.text or "{dependants}" in one.text
    ]


def test_a_cause_gets_the_fix_of_another_and_keeps_what_names_it() -> None:
    other = next(one for one in texts.remedies() if one.fault == "service-stopped")

    found = texts.exchanged("http-provider.model-unknown", other.text)

    section = found["http-provider.md"].partition("{#model-unknown}")[2].partition("\n### ")[0]
    assert "does not exist or you do not have access" in section
    assert "service start {digest}" in section
    assert "By hand" not in section
    own = found["digest.md"].partition("(http-provider#model-unknown)")[2].partition("\n### ")[0]
    assert "OPENAI_MODEL" not in own


def test_a_cause_that_no_guide_has_is_refused() -> None:
    with pytest.raises(LabError, match="no guide has the cause"):
        texts.exchanged("http-provider.nowhere", "")


def test_what_a_plan_is_for_is_read_off_its_second_line() -> None:
    text = "[lab] Plan 12 for digest, made 03:12:44 UTC\nRelief (quick) for: it is stuck (digest), almost certain\n"

    assert Proposal(text, "12", "", False, 1.0).title == "it is stuck (digest)"
