"""The committed completion of an imported guide changes little, adds no problem, and leads only to what exists."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from bench.foreign_imported import MOST_CHANGES, PATCH, SAME, CannotScore, alone, changed_lines, completed, judged

from crashcart import app
from crashcart.guides.compile import outline
from crashcart.model.case import GuideText
from crashcart.model.guide import Trust
from crashcart.storage import cases

CASES = Path(__file__).parents[3] / "cases" / "digest"


def added() -> list[str]:
    return [line[1:] for line in PATCH.read_text(encoding="utf-8").splitlines() if line.startswith("+")]


def test_it_changes_few_lines_and_adds_no_problem() -> None:
    assert 0 < changed_lines(PATCH.read_text(encoding="utf-8")) <= MOST_CHANGES
    assert not [line for line in added() if line.startswith("## ")]


def test_each_of_its_links_leads_to_a_cause_of_a_shipped_guide() -> None:
    known = dict(outline(text.text) for text in app.shipped_texts())
    links = [found for line in added() for found in re.findall(r"\]\(([\w-]+)#([\w-]+)\)", line)]

    assert links
    for guide, cause in links:
        assert cause in known[guide]


@pytest.mark.skipif(shutil.which("patch") is None, reason="the program `patch` is not installed")
def test_a_draft_that_it_does_not_fit_is_told_and_not_bent() -> None:
    with pytest.raises(CannotScore, match="does not fit"):
        completed("# Another guide\n", PATCH)


def test_by_itself_a_guide_brings_its_own_causes_and_no_others() -> None:
    text = GuideText(
        "digest.md",
        Trust.OWN,
        "---\nguide: digest\nfor: http\nneeds: {db: sqlite}\n---\n# Digest\n\n**Healthy**\n- `http {self} GET /health => status = 200`\n\n"
        '## Locks {#locks}\n\n**Symptoms**\n- `log {self} "database is locked"`\n\n### Cause: [a lock](sqlite#locked) {#lock} (common)\n',
    )
    case = cases.read(CASES / "database-locked.json")
    ready = app.bench_of_case(case, (*app.shipped_texts(), text))
    net = alone(ready.net)

    assert {cause.id for cause in net.causes} == {"db:sqlite.locked"}
    assert {problem.id for problem in net.problems} == {"digest:digest.locks"}
    assert len(ready.net.causes) > 1
    assert judged(app.replay_case(case, ready).diagnosis, case.truth).how == "named"


def test_what_the_draft_calls_otherwise_is_a_cause_of_the_lab() -> None:
    truths = {truth for path in CASES.glob("*.json") for truth in cases.read(path).truth}

    assert set(SAME) <= truths
