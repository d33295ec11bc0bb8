"""The score: what it counts, and that it cannot be had without knowing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from crashcart_lab import product
from crashcart_lab.errors import LabError
from crashcart_lab.product import Answer, Suspect
from crashcart_lab.score import judge, standins
from crashcart_lab.score.ablate import Ablation
from crashcart_lab.score.calibration import calibrate, confusions, tables
from crashcart_lab.score.rate import p95, wilson
from crashcart_lab.score.run import Ablated, Control, Run
from crashcart_lab.score.summary import summarise
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
    return Run(
        fault,
        0,
        truth,
        {},
        "it fails",
        live=right,
        blind=BLIND,
        is_watched=False,
        replayed=right,
        left_out=answer("none of the known", unknown=0.9, down=0.03, hangs=0.03),
        ablated={one.value: Ablated(right, 3) for one in Ablation},
        case=f"{fault}-0.case.json",
    )


def without(run: Run, ablation: Ablation, told: Answer) -> Run:
    return replace(run, ablated=dict(run.ablated) | {ablation.value: Ablated(told, 3)})


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


def test_among_the_first_three_counts_the_last_place_of_a_tie():
    assert judge.is_among_first(answer(down=0.4, unknown=0.3, locked=0.2), LOCKED)
    assert not judge.is_among_first(answer("undecided", 0.3, down=0.3, unknown=0.3, locked=0.1), LOCKED)
    assert not judge.is_among_first(answer("undecided", 0.25, down=0.25, hangs=0.25, locked=0.25), LOCKED)
    assert judge.rank_of(answer("undecided", 0.6, locked=0.3), LOCKED) == 2
    assert judge.rank_of(answer("undecided", 0.6), LOCKED) == 0


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
    assert (perfect.total.at_once.median, perfect.total.at_once.p95, perfect.total.watched.runs) == (2.0, 3.0, 0)

    wrong = answer("decided", hangs=0.9, locked=0.05)
    absent = answer("undecided", 0.3, hangs=0.3, down=0.3, unknown=0.1)
    flaws: dict[str, tuple[Run, Control]] = {
        "the true cause is among the first three": (replace(RUNS[0], live=absent), CONTROLS[0]),
        "no answer is confidently wrong": (replace(RUNS[0], live=wrong), CONTROLS[0]),
        "left out of the guides": (replace(RUNS[0], left_out=wrong), CONTROLS[0]),
        "who sees nothing": (replace(RUNS[0], blind=replace(RUNS[0].live, saw_anything=False)), CONTROLS[0]),
        "median time": (replace(RUNS[0], live=replace(RUNS[0].live, took_s=9.0)), CONTROLS[0]),
        "in a healthy world": (RUNS[0], replace(CONTROLS[0], live=replace(SILENT, verdict="undecided"))),
        **{f"{one.value}: at most": (without(RUNS[0], one, wrong), CONTROLS[0]) for one in Ablation},
    }
    for text, (run, control) in flaws.items():
        failed = [claim.text for claim in summarise([run, RUNS[1]], [control]).claims if not claim.is_held]
        assert any(claim.startswith(text) for claim in failed), text


@pytest.mark.parametrize(
    ("claim", "flawed"),
    [
        ("the true cause is first in 95 %", replace(RUNS[0], live=answer("undecided", hangs=0.5, locked=0.4))),
        ("it is first in 95 % when", replace(RUNS[0], replayed=answer("undecided", hangs=0.5, locked=0.4))),
        ("packs only: the true cause", without(RUNS[0], Ablation.PACKS_ONLY, answer("undecided", hangs=0.5))),
    ],
)
def test_a_share_is_judged_as_it_is_with_many_runs_and_by_its_bounds_with_few(claim: str, flawed: Run):
    """One bad run of six is no proof against 95 %; five of twenty are, against 80 % and more."""

    def is_held(bad: int, good: int) -> bool:
        found = summarise([flawed] * bad + [RUNS[0]] * good, CONTROLS).claims
        return next(one.is_held for one in found if one.text.startswith(claim))

    assert is_held(1, 5)
    assert is_held(1, 19)
    assert not is_held(5, 15)
    assert not is_held(5, 1)


def test_a_run_whose_looks_waited_is_timed_apart():
    slow = replace(RUNS[0], live=replace(RUNS[0].live, took_s=40.0), is_watched=True)

    total = summarise([slow, RUNS[1]], CONTROLS).total

    assert (total.at_once.runs, total.at_once.median) == (1, 3.0)
    assert (total.watched.runs, total.watched.median) == (1, 40.0)


def test_calibration_counts_every_known_cause_by_what_was_claimed_of_it():
    told = [(answer(locked=0.9, down=0.1, unknown=0.3), LOCKED)] * 9 + [(answer(locked=0.9), DOWN)]

    found = calibrate("live", told)

    assert [(one.low, one.claimed, one.true.hits, one.true.of) for one in found.bins] == [
        (0.05, 0.1, 0, 9),
        (0.8, 0.9, 9, 10),
    ]
    assert [one.is_calibrated for one in found.bins] == [True, True]
    assert found.error == round(9 * 0.1 / 19, 4)
    assert [one.name for one in tables(RUNS)] == ["live", "with something taken away"]


def test_a_claim_of_certainty_that_is_wrong_is_outside_its_bounds():
    found = calibrate("live", [(answer(down=1.0), LOCKED)] * 4)

    assert [one.is_calibrated for one in found.bins] == [False]


def test_what_stands_before_the_true_cause_is_listed_once_a_pair_with_where():
    bad = without(replace(RUNS[0], live=answer(hangs=0.6, locked=0.3)), Ablation.NO_LOGS, answer(down=0.9))

    found = confusions([bad, bad])

    assert [(one.said, one.where, one.times, one.p) for one in found] == [
        (DOWN, "no logs", 2, 0.9),
        (HANGS, "live", 2, 0.6),
    ]
    assert confusions(RUNS) == ()


def test_no_runs_at_all_are_no_success():
    assert not summarise([], []).claims[0].is_held


def test_stand_ins_that_know_nothing_fail():
    claims = standins.claims(RUNS, CONTROLS, causes=CAUSES)

    assert len(claims) == 4
    assert all(claim.is_held for claim in claims)


def test_what_is_not_as_it_should_be_is_named_with_its_case():
    bad = replace(RUNS[0], left_out=answer("decided", hangs=0.9))
    worse = without(RUNS[1], Ablation.NO_LOGS, answer("decided", hangs=0.9))

    lines = complaints([bad, worse], [replace(CONTROLS[1], live=answer("undecided"))])

    assert lines == [
        f"database-locked, seed 0: left out: {HANGS} has 0.900 (decided); database-locked-0.case.json",
        "provider-down, seed 0: no logs: confidently wrong; provider-down-0.case.json",
        "healthy, seed 1: undecided; said 'jobs fail'",
    ]


def test_an_answer_in_a_format_that_we_do_not_know_is_refused():
    """Better no score than one read from the wrong fields."""
    for text in ("", "{}", json.dumps({"v": 2, "verdict": "decided", "causes": [], "p_nothing": 0, "looks_taken": 1})):
        with pytest.raises(LabError, match="JSON"):
            product.read(text, took_s=1.0)
