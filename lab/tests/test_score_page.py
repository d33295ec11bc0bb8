"""The page of a score: whole, of itself alone, and without what others wrote in it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from crashcart_lab.product import Answer, Suspect
from crashcart_lab.score.ablate import Ablation
from crashcart_lab.score.calibration import confusions, tables
from crashcart_lab.score.looks import LooksUsed
from crashcart_lab.score.page import page
from crashcart_lab.score.run import Ablated, Control, Run
from crashcart_lab.score.scored import VERSION, Scored
from crashcart_lab.score.summary import Claim, summarise
from crashcart_lab.score.table import table

TRUTH = "db:sqlite.locked"
RIGHT = Answer("decided", (Suspect(TRUTH, 0.9), Suspect("openai:http-provider.down", 0.05)), 0.0, 9, True, 1.0)
WRONG = Answer("undecided", (Suspect("openai:http-provider.down", 0.5), Suspect(TRUTH, 0.3)), 0.0, 9, True, 1.0)
LOOKS = LooksUsed(
    40, 2, 500, 80, {"ours": 90, "fixed": 400, "strongest": 180}, {"fixed": 1}, {"fixed": 0.225, "strongest": 0.5}, {}
)


def a_run(fault: str, live: Answer) -> Run:
    ablated = {one.value: Ablated(live, 1) for one in Ablation}
    return Run(fault, 3, TRUTH, {}, "it fails", live, RIGHT, False, live, RIGHT, ablated, f"{fault}-3.case.json")


@pytest.fixture
def scored() -> Scored:
    runs = [a_run("database-locked", RIGHT), a_run("database-locked", WRONG)]
    controls = [Control(1, "", replace(RIGHT, verdict="nothing wrong"))]
    return Scored(
        VERSION,
        "digest",
        "0123456789",
        "commit",
        (3, 4),
        (1,),
        9,
        summarise(runs, controls),
        tables(runs),
        confusions(runs),
        LOOKS,
        (Claim("a stand-in fails", True),),
        ("a <b>complaint</b>",),
        ("wal-growing seed 4",),
        ("disk-full seed 3: needs root",),
    )


def test_the_page_needs_nothing_beside_itself(scored: Scored):
    found = page(scored)

    assert not re.search(r"<script|<link|src=|@import|url\(", found)
    assert not re.search(r"https?://", found)


def test_page_and_text_hold_the_same_figures(scored: Scored):
    for text in (page(scored), table(scored)):
        assert "database-locked" in text
        assert "0123456789" in text
        assert "3-4" in text  # the seeds
        assert "1/2 9-91%" in text  # first in one of two
        assert "wal-growing seed 4" in text
        assert "disk-full seed 3: needs root" in text
        assert "ours takes 0.50 of it" in text


def test_markup_in_what_others_wrote_is_text(scored: Scored):
    assert "a &lt;b&gt;complaint&lt;/b&gt;" in page(scored)


def test_a_claim_that_fails_says_so_in_words(scored: Scored):
    """Colour alone tells nothing to whoever does not see it."""
    assert ">FAILS<" in page(scored)
    assert ">holds<" in page(scored)


def test_looks_used_fail_the_score_above_their_target():
    poor = replace(LOOKS, ratios={"fixed": 0.225, "strongest": 0.61})

    assert [claim.is_held for claim in LOOKS.claims] == [True, True]
    assert [claim.is_held for claim in poor.claims] == [True, False]
    assert replace(LOOKS, compared=6).claims == ()  # too few to tell
