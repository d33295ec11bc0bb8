"""A run as a transcript: event in, command out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crashcart.model.net import Finding
from crashcart.model.plan import Approval, End, Plan, PlanCheck, Undoing
from crashcart.model.run import (
    Approved,
    Began,
    Believed,
    Ended,
    Event,
    EvidenceKept,
    Facts,
    Finished,
    Foreseen,
    Interrupted,
    Judged,
    Planned,
    Purpose,
    Ready,
    Resumed,
    UndoBegan,
    Wondered,
)
from crashcart.model.touch import Happened, Prepared, Touched, TouchState
from crashcart.model.truth import Truth
from crashcart.remedy.commands import (
    AskFacts,
    AskYes,
    Begin,
    BeginUndo,
    Believe,
    DoTouch,
    Finish,
    Foresee,
    Judge,
    KeepEvidence,
    Prepare,
    Wonder,
)
from crashcart.remedy.machine import begin, hash_of, rebuild, run
from crashcart.remedy.state import OutOfOrder, State
from crashcart.testing import NOON
from crashcart.testing_touch import LIMITS, check, plan, step

DONE = Touched(TouchState.DONE, "set")
FAILED = Touched(TouchState.FAILED, "it did not work")


def facts(**more: object) -> Facts:
    return replace(Facts(NOON, 1.0, 0.0, is_stopped=False, touches_last_h=0), **more)  # type: ignore[arg-type]


def yes(made: Plan, typed: str = "") -> Approved:
    return Approved(Approval(hash_of(made), "ann", NOON, typed))


def judged(purpose: Purpose, *checks: PlanCheck, truth: Truth = Truth.TRUE, at: int = -1) -> Judged:
    return Judged(purpose, tuple(Finding(entry.check.key, truth, "saw") for entry in checks), at)


def planned(made: Plan) -> Planned:
    return Planned("r1", made, hash_of(made), LIMITS, NOON)


def ready(made: Plan, number: int = 0) -> Ready:
    return Ready(number, Prepared(made.steps[number].diff, {"old": ""}))


def foreseen(made: Plan) -> Foreseen:
    return Foreseen(tuple(Prepared(entry.diff, {}, entry.is_needed) for entry in made.steps))


def until_the_first_step(made: Plan, *, typed: str = "") -> list[Event]:
    before = judged(Purpose.BEFORE, *made.healthy)
    return [planned(made), yes(made, typed), EvidenceKept("e"), Believed(0.95), before, foreseen(made)]


def after(events: list[Event]) -> State:
    return rebuild(events)


def test_the_order_of_a_run_from_the_yes_to_the_end() -> None:
    made = plan(step("limit", "9"))
    state = begin(planned(made))
    steps: list[tuple[Event, type]] = [
        (yes(made), KeepEvidence),
        (EvidenceKept("e"), Believe),
        (Believed(0.95), Judge),
        (judged(Purpose.BEFORE, *made.healthy), Foresee),
        (foreseen(made), AskFacts),
        (facts(), Prepare),
        (ready(made), Begin),
        (Began(0, NOON), DoTouch),
        (Ended(0, DONE, NOON), Judge),
        (judged(Purpose.VERIFY, *made.verify), Judge),
        (judged(Purpose.AFTER, *made.healthy), Finish),
    ]
    assert isinstance(state.pending, AskYes)

    for event, command in steps:
        state = run(state, event)
        assert isinstance(state.pending, command), event

    assert state.pending == Finish(End.FIXED, "")


@pytest.mark.parametrize(
    "approval",
    [
        Approval("0" * 64, "ann", NOON),
        Approval("", "ann", NOON),
    ],
)
def test_a_yes_to_another_plan_touches_nothing(approval: Approval) -> None:
    state = run(begin(planned(plan(step("limit", "9")))), Approved(approval))

    assert isinstance(state.pending, Finish)
    assert state.pending.end is End.VOID


def test_a_plan_that_is_not_the_hashed_one_is_void() -> None:
    made = plan(step("limit", "9"))
    forged = replace(planned(made), plan=plan(step("limit", "13")))

    state = run(begin(forged), yes(made))

    assert isinstance(state.pending, Finish)


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"is_stopped": True}, "red button"),
        ({"age_s": 5000.0}, "diagnose again"),
        ({"drift_s": 3600.0}, "clock jumped"),
        ({"drift_s": -3600.0}, "clock jumped"),
        ({"touches_last_h": 30}, "in the last hour"),
    ],
)
def test_limits_stop_it_before_the_first_touch(more: dict[str, object], word: str) -> None:
    made = plan(step("limit", "9"))

    state = after([*until_the_first_step(made), facts(**more)])

    assert isinstance(state.pending, Finish)
    assert state.pending.end is End.VOID
    assert word in state.pending.why


@pytest.mark.parametrize("p", [0.0, 0.19, 0.7])
def test_belief_that_fell_touches_nothing(p: float) -> None:
    made = plan(step("limit", "9"), p=0.95)

    state = after([*until_the_first_step(made)[:3], Believed(p)])

    assert isinstance(state.pending, Finish)
    assert state.pending.end is End.VOID


@pytest.mark.parametrize("truth", [Truth.FALSE, Truth.UNKNOWN])
def test_a_guard_that_is_anything_but_true_stops_its_step(truth: Truth) -> None:
    guard = check("db")
    made = plan(step("limit", "9", only_if=(guard,)))

    state = after([*until_the_first_step(made), facts(), judged(Purpose.ONLY_IF, guard, truth=truth, at=0)])

    assert isinstance(state.pending, Finish)
    assert "wants what is not so" in state.pending.why


def test_worse_must_be_seen_twice() -> None:
    made = plan(step("limit", "9"))
    lost = judged(Purpose.AFTER, *made.healthy, truth=Truth.FALSE)
    events = [
        *until_the_first_step(made), facts(), ready(made), Began(0, NOON), Ended(0, DONE, NOON),
        judged(Purpose.VERIFY, *made.verify), lost,
    ]  # fmt: skip

    once = after(events)
    twice = run(once, replace(lost, purpose=Purpose.AGAIN))
    gone = run(once, judged(Purpose.AGAIN, *made.healthy))

    assert isinstance(once.pending, Judge)
    assert once.pending.purpose is Purpose.AGAIN
    assert twice.pending == BeginUndo(0)
    assert gone.pending == Finish(End.FIXED, "")


def test_what_was_false_before_is_not_called_worse() -> None:
    made = plan(step("limit", "9"))
    before = judged(Purpose.BEFORE, *made.healthy, truth=Truth.FALSE)
    events = [*until_the_first_step(made)[:4], before, foreseen(made), facts(), ready(made), Began(0, NOON)]
    events += [Ended(0, DONE, NOON), judged(Purpose.VERIFY, *made.verify)]

    state = run(after(events), judged(Purpose.AFTER, *made.healthy, truth=Truth.FALSE))

    assert state.pending == Finish(End.FIXED, "")


def test_ctrl_c_lets_the_step_end_and_begins_no_other() -> None:
    made = plan(step("limit", "9"), step("b", "2"))
    events = [*until_the_first_step(made), facts(), ready(made), Began(0, NOON), Interrupted(NOON)]

    state = after(events)
    assert state.pending == DoTouch(0)
    state = run(state, Ended(0, DONE, NOON))

    assert isinstance(state.pending, Judge)
    state = run(state, judged(Purpose.AFTER, *made.healthy))
    assert state.pending == Finish(End.INTERRUPTED, "a person stopped it")
    assert state.in_effect == (0,)


@pytest.mark.parametrize(
    ("happened", "command"),
    [(Happened.YES, Judge), (Happened.NO, AskFacts), (Happened.CANNOT_KNOW, Finish)],
)
def test_a_step_that_was_cut_off_is_asked_whether_it_happened(happened: Happened, command: type) -> None:
    made = plan(step("limit", "9"))
    events = [*until_the_first_step(made), facts(), ready(made), Began(0, NOON), Resumed(NOON, "ann")]

    state = after(events)
    assert state.pending == Wonder(0)

    assert isinstance(run(state, Wondered(0, happened)).pending, command)


def cut_off(made: Plan) -> list[Event]:
    """A run that was killed in its first step, which did not take effect."""
    events = [*until_the_first_step(made), facts(), ready(made), Began(0, NOON), Resumed(NOON, "ann")]
    return [*events, Wondered(0, Happened.NO)]


def test_a_step_that_was_cut_off_is_taken_back_to_what_was_there_before_its_first_attempt() -> None:
    """A restart that was killed after the stop finds a stopped program; undoing it must not stop it for good."""
    made = plan(step("limit", "9"))
    half = Ready(0, Prepared(made.steps[0].diff, {"old": "half done"}))

    state = after([*cut_off(made), facts(), half])

    assert state.pending == Begin(0)
    assert state.kept[0] == {"old": ""}
    assert after([*cut_off(made), Resumed(NOON, "ann"), facts(), half]).kept[0] == {"old": ""}


def test_what_was_prepared_and_never_begun_is_prepared_anew() -> None:
    made = plan(step("limit", "9"), step("b", "2"))
    done = [*until_the_first_step(made), facts(), ready(made), Began(0, NOON), Ended(0, DONE, NOON), facts()]
    first, second = (Ready(1, Prepared(made.steps[1].diff, {"old": old})) for old in ("1", "2"))

    state = after([*done, first, Resumed(NOON, "ann"), facts(), second])

    assert state.kept[1] == {"old": "2"}


def test_a_run_that_stops_after_half_a_step_does_not_say_that_nothing_was_touched() -> None:
    """Killed between stop and start, and then the red button: the program is down, and that is ours."""
    made = plan(step("limit", "9"))

    stopped = after([*cut_off(made), facts(is_stopped=True)])
    again = after([*cut_off(made), Resumed(NOON, "ann")])

    assert isinstance(stopped.pending, Finish)
    assert stopped.pending.end is End.STOPPED
    assert again.pending == AskFacts(0)


@pytest.mark.parametrize("happened", list(Happened))
def test_half_of_a_restart_is_not_taken_for_a_restart_that_was_taken_back(happened: Happened) -> None:
    """Killed while undoing, between stop and start, no new process is there, and none at all."""
    made = plan(step("limit", "9", undoing=Undoing.LAST))
    events = [*until_the_first_step(made), facts(), ready(made), Began(0, NOON), Ended(0, DONE, NOON)]
    events += [judged(Purpose.VERIFY, *made.verify), judged(Purpose.AFTER, *made.healthy, truth=Truth.FALSE)]
    events += [judged(Purpose.AGAIN, *made.healthy, truth=Truth.FALSE), UndoBegan(0, NOON), Resumed(NOON, "ann")]

    state = after([*events, Wondered(0, happened)])

    assert state.pending == BeginUndo(0)


def test_a_plan_that_changes_nothing_is_not_called_a_fix() -> None:
    """Whatever verifies it held before, and whoever was not served is not served by it."""
    made = plan(step("limit", "9"))
    so = Ready(0, Prepared((), {}, is_needed=False))
    held = [judged(Purpose.VERIFY, *made.verify), judged(Purpose.AFTER, *made.healthy)]

    state = after([*until_the_first_step(made), facts(), so, *held])

    assert isinstance(state.pending, Finish)
    assert (state.pending.end, "changes nothing" in state.pending.why) == (End.VOID, True)


def test_a_step_that_was_cut_off_and_is_so_by_now_was_done_and_can_be_taken_back() -> None:
    made = plan(step("limit", "9"))
    so = Ready(0, Prepared((), {}, is_needed=False))
    held = [judged(Purpose.VERIFY, *made.verify), judged(Purpose.AFTER, *made.healthy)]

    state = after([*cut_off(made), facts(), so, *held])

    assert state.pending == Finish(End.FIXED, "")
    assert state.in_effect == (0,)


def test_a_finished_step_is_never_repeated() -> None:
    made = plan(step("limit", "9"), step("b", "2"))
    events = [*until_the_first_step(made), facts(), ready(made), Began(0, NOON), Ended(0, DONE, NOON)]

    state = after([*events, Resumed(NOON, "ann")])

    assert state.pending == AskFacts(1)


def test_a_run_that_was_killed_before_its_first_touch_is_void() -> None:
    made = plan(step("limit", "9"))

    state = after([*until_the_first_step(made)[:3], Resumed(NOON + timedelta(hours=9), "ann")])

    assert isinstance(state.pending, Finish)
    assert state.pending.end is End.VOID


def test_a_failed_step_is_not_tried_again() -> None:
    made = plan(step("limit", "9"))
    events = [*until_the_first_step(made), facts(), ready(made), Began(0, NOON), Ended(0, FAILED, NOON)]

    state = run(after(events), Wondered(0, Happened.NO))

    assert isinstance(state.pending, Finish)
    assert state.pending.end is End.STOPPED


def test_events_out_of_order_are_refused() -> None:
    made = plan(step("limit", "9"))
    state = begin(planned(made))

    for event in (Began(0, NOON), Ended(0, DONE, NOON), Finished(End.FIXED, "", NOON), facts(), Believed(1.0)):
        with pytest.raises(OutOfOrder):
            run(state, event)
