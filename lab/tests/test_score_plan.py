"""What a score runs: which faults, which seeds, in which order, and what happens when there is no time."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from crashcart_lab import truths
from crashcart_lab.cli import main
from crashcart_lab.errors import LabError
from crashcart_lab.faults import FAULTS
from crashcart_lab.product import Answer
from crashcart_lab.score import loop, plan, run
from crashcart_lab.score.plan import Plan, Turn
from crashcart_lab.score.run import Control
from crashcart_lab.score.store import Store

COMMIT = "0123456789"
ANSWER = Answer("nothing wrong", (), 0.9, 9, True, 1.0)


def a_plan(seeds: tuple[int, ...] = (1, 2), faults: int = 4, healthy: int = 2) -> Plan:
    runs = tuple((fault, seed) for seed in seeds for fault in FAULTS[:faults])
    return Plan("digest", COMMIT, "1,2", runs, tuple(range(healthy)), judges_cost=False)


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


def test_the_code_that_is_scored_has_a_name():
    assert re.fullmatch(r"[0-9a-f]{10}(\+[0-9a-f]{6})?", plan.scored_code())


def test_every_fault_has_its_turn_before_any_has_two():
    """A score that was cut off is still fair: no fault has more runs than another by more than one."""
    turns = [turn for turn in a_plan().turns if turn.fault is not None]

    assert {turn.seed for turn in turns[:4]} == {1}
    assert len({turn.fault.name for turn in turns[:4] if turn.fault}) == 4
    assert len(turns) == 8


def test_the_commit_draws_the_order_within_a_round():
    def names(commit: str) -> list[str]:
        return [turn.name for turn in replace(a_plan(faults=12), commit=commit).turns]

    assert names("abc") == names("abc")
    assert names("abc") != names("abd")


def test_healthy_worlds_stand_between_the_others():
    kinds = ["fault" if turn.fault else "healthy" for turn in a_plan(healthy=4).turns]

    assert kinds.count("healthy") == 4
    assert "healthy" in kinds[:4]
    assert "healthy" in kinds[-4:]


def test_every_second_healthy_world_gets_a_false_complaint():
    complaining = [turn.complains for turn in a_plan(healthy=4).turns if turn.fault is None]

    assert sorted(complaining) == [False, False, True, True]


def test_the_short_form_draws_six_covered_faults_by_the_commit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(plan, "scored_code", lambda: COMMIT)
    drawn = plan.short("digest")
    again = plan.short("digest")
    monkeypatch.setattr(plan, "scored_code", lambda: "abcdefabcd")
    other = plan.short("digest")

    assert drawn.runs == again.runs
    assert drawn.runs != other.runs
    assert len({fault.name for fault, _ in drawn.runs}) == 6
    assert all(truths.is_covered(fault) for fault, _ in drawn.runs)
    assert drawn.budget_s == 300.0


def test_a_time_is_said_in_words():
    assert (plan.seconds_of("90s"), plan.seconds_of("60min"), plan.seconds_of("1.5 h")) == (90.0, 3600.0, 5400.0)
    for wrong in ("60", "min", "-1s", "1d"):
        with pytest.raises(LabError, match="no time"):
            plan.seconds_of(wrong)


def test_without_time_nothing_is_begun_and_all_of_it_is_told(tmp_path: Path):
    scored, text = loop.score(replace(a_plan(), budget_s=0.0), out=tmp_path, is_fresh=False, say=lambda _: None)

    assert len(scored.not_run) == scored.planned == 10
    assert "10 not run, the budget was over" in text
    assert not scored.is_passed


def test_what_is_kept_is_taken_though_there_is_no_time(tmp_path: Path):
    """A score goes on where the last one stopped."""
    store = Store(tmp_path / COMMIT)
    store.begin(is_fresh=False)
    store.keep_control(Control(0, "", ANSWER))

    scored, _ = loop.score(replace(a_plan(), budget_s=0.0), out=tmp_path, is_fresh=False, say=lambda _: None)

    assert scored.summary.healthy_silent.hits == 1
    assert len(scored.not_run) == 9


def test_once_the_time_is_over_no_shorter_run_is_made_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Or faults that break quickly would have more runs than those that take their time."""
    made: list[str] = []

    def make(store: Store, turn: Turn) -> Control:
        made.append(turn.name)
        monkeypatch.setattr(loop._Progress, "_has_time", lambda _: len(made) != 2)
        return Control(turn.seed, "", ANSWER)

    monkeypatch.setattr(loop, "_made", make)

    scored, _ = loop.score(a_plan(), out=tmp_path, is_fresh=False, say=lambda _: None)

    assert len(made) == 2
    assert len(scored.not_run) == 8


def test_what_the_lab_could_not_make_is_a_failure_of_the_score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def make(seed: int, *, complains: bool) -> Control:
        raise LabError("the world did not come up", hint="try again")

    monkeypatch.setattr(run, "healthy", make)

    scored, text = loop.score(a_plan(faults=0), out=tmp_path, is_fresh=False, say=lambda _: None)

    assert len(scored.failures) == 2
    assert "not made:\n  healthy seed 0: the world did not come up" in text
    assert not scored.is_passed


@pytest.mark.timeout(300)  # two worlds, nine answers, and a machine with much else to do
def test_one_fault_one_seed_and_one_healthy_world_end_to_end_and_not_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(plan, "scored_code", lambda: "0123456789")  # somebody may be editing the sources just now
    words = ["score", "digest", "--faults", "key-refused", "--seeds", "3", "--healthy", "1", "--out", str(tmp_path)]

    first = CliRunner().invoke(main, words)

    assert "holds  the true cause is first in 95 %" in first.stdout
    assert "1/1 21-100% called healthy" in first.stdout
    assert "[2/2] healthy seed 3: nothing wrong" in first.stderr
    scored = json.loads((tmp_path / "score.json").read_text())
    missed = [line for line in first.stdout.splitlines() if line.startswith("FAILS")]
    assert [line for line in missed if "median time" not in line] == []  # how fast this machine is, is no claim here
    assert (scored["v"], scored["seeds"], scored["failures"]) == (2, [3], [])
    assert scored["summary"]["total"]["first"] == {"hits": 1, "of": 1, "low": 0.2065, "high": 1.0}
    assert sorted(path.name for path in tmp_path.rglob("key-refused-3*")) == [
        "key-refused-3.case.json",
        "key-refused-3.case.live.json",
        "key-refused-3.json",
    ]
    assert [one["taken_away"] for one in scored["summary"]["total"]["less"] if one["name"] == "no logs"] == [1]
    assert scored["looks"]["compared"] + scored["looks"]["undecided"] == 1
    assert "key-refused" in (tmp_path / "score.html").read_text()

    again = CliRunner().invoke(main, [*words, "--json"])

    assert again.exit_code == first.exit_code
    assert "/2]" not in again.stderr  # nothing was run again
    assert json.loads(again.stdout) == scored
