"""The score: what it counts, and that it cannot be had without knowing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from crashcart_lab import product
from crashcart_lab.cli import main
from crashcart_lab.errors import LabError
from crashcart_lab.product import Answer, Suspect
from crashcart_lab.score import judge, plan, standins
from crashcart_lab.score.run import Control, Run
from crashcart_lab.score.summary import p95, summarise, wilson
from crashcart_lab.score.table import complaints

LOCKED, DOWN, HANGS = "db:sqlite.locked", "openai:http-provider.down", "openai:http-provider.hangs"
CAUSES = (LOCKED, DOWN, HANGS)
SILENT = Answer("nothing wrong", (Suspect(DOWN, 0.01),), 0.9, 9, True, 1.0)


def answer(verdict: str = "decided", p_nothing: float = 0.0, **p: float) -> Answer:
    by_name = {"locked": LOCKED, "down": DOWN, "hangs": HANGS, "unknown": "unknown:digest"}
    suspects = tuple(Suspect(by_name[name], one) for name, one in p.items())
    return Answer(verdict, suspects, p_nothing, 9, True, 1.0)


BLIND = replace(answer("undecided", 0.4, unknown=0.2, locked=0.1, down=0.1, hangs=0.1), saw_anything=False)


def a_run(fault: str, truth: str, right: Answer) -> Run:
    left_out = answer("none of the known", unknown=0.9, down=0.03, hangs=0.03)
    return Run(fault, 0, truth, {}, "it fails", right, right, right, BLIND, right, left_out, f"{fault}-0.case.json")


RUNS = [
    a_run("database-locked", LOCKED, answer(locked=0.97, unknown=0.03)),
    a_run("provider-down", DOWN, replace(answer(down=0.9, locked=0.05), took_s=3.0)),
]
CONTROLS = [Control(0, "", SILENT), Control(1, "jobs fail", SILENT)]


def test_first_is_first_alone():
    assert judge.is_first(answer(locked=0.5, down=0.4), LOCKED)
    assert not judge.is_first(answer(locked=0.5, down=0.4), DOWN)
    assert not judge.is_first(answer(unknown=0.5, locked=0.4), LOCKED)


@pytest.mark.parametrize(
    "told",
    [
        answer(locked=0.5, down=0.5),  # a tie: in alphabetical order, and by chance
        answer("undecided", 0.6, locked=0.3),  # "nothing" is likelier
        answer("nothing wrong", locked=0.3),
        answer("decided"),
    ],
)
def test_what_was_not_said_is_not_counted(told: Answer):
    """Whoever knows nothing must not score by the order of a list."""
    assert not judge.is_first(told, LOCKED)


def test_confidently_wrong_is_a_known_cause_above_the_limit_or_a_decision():
    assert judge.blames_another(answer("undecided", locked=0.9, down=0.81), LOCKED)
    assert judge.blames_another(answer("decided", down=0.7, locked=0.2), LOCKED)
    assert not judge.blames_another(answer("undecided", down=0.8, locked=0.2), LOCKED)
    assert not judge.blames_another(answer("none of the known", unknown=0.99), LOCKED)
    assert not judge.blames_another(answer("decided", locked=0.97, down=0.02), LOCKED)


def test_the_bounds_are_those_of_wilson():
    """Values from Brown, Cai and DasGupta (2001) and by hand."""
    assert (wilson(10, 10).low, wilson(10, 10).high) == (0.7225, 1.0)
    assert (wilson(0, 20).low, wilson(0, 20).high) == (0.0, 0.1611)
    assert (wilson(15, 20).low, wilson(15, 20).high) == (0.5313, 0.8881)
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)
    assert p95([float(n) for n in range(1, 101)]) == 95.0


def test_a_perfect_sheet_passes_and_each_flaw_fails_its_claim():
    perfect = summarise(RUNS, CONTROLS)
    assert all(claim.is_held for claim in perfect.claims)
    assert (perfect.total.first.hits, perfect.causes, perfect.healthy_silent.hits) == (2, 2, 2)
    assert (perfect.total.seconds_median, perfect.total.seconds_p95) == (2.0, 3.0)

    wrong = answer("decided", hangs=0.9, locked=0.05)
    flaws: dict[str, tuple[Run, Control]] = {
        "the true cause is first in every run": (replace(RUNS[0], live=wrong), CONTROLS[0]),
        "it is first again when the sweep is replayed": (replace(RUNS[0], replayed=wrong), CONTROLS[0]),
        "no answer is confidently wrong": (replace(RUNS[0], live=wrong), CONTROLS[0]),
        "left out of the guides": (replace(RUNS[0], left_out=wrong), CONTROLS[0]),
        "packs only: the true cause": (replace(RUNS[0], packs_only=wrong), CONTROLS[0]),
        "without logs": (replace(RUNS[0], no_logs=wrong), CONTROLS[0]),
        "who sees nothing": (replace(RUNS[0], blind=replace(RUNS[0].live, saw_anything=False)), CONTROLS[0]),
        "in a healthy world": (RUNS[0], replace(CONTROLS[0], live=replace(SILENT, verdict="undecided"))),
    }
    for text, (run, control) in flaws.items():
        failed = [claim.text for claim in summarise([run, RUNS[1]], [control]).claims if not claim.is_held]
        assert any(claim.startswith(text) for claim in failed), text


def test_no_runs_at_all_are_no_success():
    assert not summarise([], []).claims[0].is_held


def test_stand_ins_that_know_nothing_fail():
    claims = standins.claims(RUNS, CONTROLS, causes=CAUSES)

    assert len(claims) == 4
    assert all(claim.is_held for claim in claims)


def test_what_is_not_as_it_should_be_is_named_with_its_case():
    bad = replace(RUNS[0], left_out=answer("decided", hangs=0.9))

    lines = complaints([bad], [replace(CONTROLS[1], live=answer("undecided"))])

    assert lines == [
        f"database-locked, seed 0: left out: {HANGS} has 0.900 (decided); database-locked-0.case.json",
        "healthy, seed 1: undecided; said 'jobs fail'",
    ]


def test_seeds_are_what_was_asked_for():
    assert plan.seeds_of("0-3,7", commit="abc") == (0, 1, 2, 3, 7)
    derived = plan.seeds_of("commit", commit="abc+dirty1")
    assert derived == plan.seeds_of("commit", commit="abc")
    assert len(set(derived)) == 10
    assert derived != plan.seeds_of("commit", commit="abd")
    assert plan.healthy_seeds((4, 5), 5) == (4, 5, 1_000_004, 1_000_005, 2_000_004)
    for wrong in ("", "a-b", "3-1", "commits"):
        with pytest.raises(LabError):
            plan.seeds_of(wrong, commit="abc")


def test_an_answer_in_a_format_that_we_do_not_know_is_refused():
    """Better no score than one read from the wrong fields."""
    for text in ("", "{}", json.dumps({"v": 2, "verdict": "decided", "causes": [], "p_nothing": 0, "looks_taken": 1})):
        with pytest.raises(LabError, match="JSON"):
            product.read(text, took_s=1.0)


def test_the_code_that_is_scored_has_a_name():
    assert re.fullmatch(r"[0-9a-f]{10}(\+[0-9a-f]{6})?", plan.scored_code())


def test_one_fault_one_seed_and_one_healthy_world_end_to_end_and_not_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(plan, "scored_code", lambda: "0123456789")  # somebody may be editing the sources just now
    words = ["score", "digest", "--faults", "key-refused", "--seeds", "3", "--healthy", "1", "--out", str(tmp_path)]

    first = CliRunner().invoke(main, words)

    assert first.exit_code == 0, first.output
    assert "holds  the true cause is first in every run" in first.stdout
    assert "1/1 21-100% called healthy" in first.stdout
    assert "[2/2] healthy seed 3: nothing wrong" in first.stderr
    scored = json.loads((tmp_path / "score.json").read_text())
    assert (scored["v"], scored["seeds"], scored["failures"]) == (1, [3], [])
    assert scored["summary"]["total"]["first"] == {"hits": 1, "of": 1, "low": 0.2065, "high": 1.0}
    assert len(list(tmp_path.rglob("key-refused-3.case.json"))) == 1

    again = CliRunner().invoke(main, [*words, "--json"])

    assert again.exit_code == 0
    assert "/2]" not in again.stderr  # nothing was run again
    assert json.loads(again.stdout) == scored
