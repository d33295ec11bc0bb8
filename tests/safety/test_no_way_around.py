"""Random plans, random failures, crashes at every boundary: nothing is touched without a yes, and nothing twice."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from hypothesis import Phase, given, settings
from hypothesis import event as hypothesis_event
from hypothesis import strategies as st

from crashcart.drive import fix
from crashcart.model.canon import Json
from crashcart.model.net import Finding
from crashcart.model.plan import Approval, End, Plan, PlanStep, Undoing
from crashcart.model.run import (
    Answered,
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
    UndoApproved,
    UndoBegan,
    UndoEnded,
    Wondered,
)
from crashcart.model.spec import Risk
from crashcart.model.system import Target
from crashcart.model.touch import Happened, Prepared, Touch, Touched, TouchState
from crashcart.model.truth import Truth
from crashcart.model.vector import RUN, plan_runs
from crashcart.remedy.commands import (
    AskFacts,
    AskPerson,
    AskYes,
    Begin,
    BeginUndo,
    Believe,
    DoTouch,
    DoUndo,
    Finish,
    Foresee,
    Judge,
    KeepEvidence,
    Prepare,
    Wonder,
)
from crashcart.remedy.limits import typed_target
from crashcart.remedy.machine import begin, rebuild, run
from crashcart.remedy.machine import hash_of as slow_hash_of
from crashcart.remedy.state import OutOfOrder, Standing, State
from crashcart.remedy.written import thaw_event
from crashcart.storage.journal import Journal, read
from crashcart.testing import NOON
from crashcart.testing_touch import LIMITS, FakeHand, FakeShop, check, plan, step

QUICK = replace(LIMITS, settle_s=2.0, may_run=True)
MEMORY = Path("/dev/shm")  # a thousand journals: their syncs are tried elsewhere
hash_of = lru_cache(slow_hash_of)
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]


class Crash(BaseException):
    """The power goes: nothing may catch it."""


@dataclass(slots=True)
class CrashingHand(FakeHand):
    """Dies in the middle of a touch, before or after it took effect."""

    deaths: dict[str, str] = field(default_factory=dict)  # key -> before, after

    async def touch(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, secret: str | None, timeout_s: float
    ) -> Touched:
        death = self.deaths.pop(touch.key.rpartition(".")[2], "")
        if death == "before":
            raise Crash
        done = await FakeHand.touch(self, touch, target, kept, secret=secret, timeout_s=timeout_s)
        if death == "after":
            raise Crash
        return done

    async def undo(self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float) -> Touched:
        death = self.deaths.pop("undo " + touch.key.rpartition(".")[2], "")
        if death == "before":
            raise Crash
        done = await FakeHand.undo(self, touch, target, kept, timeout_s=timeout_s)
        if death == "after":
            raise Crash
        return done


class CrashingJournal(Journal):
    """Dies at one of its records, before or after it is on the disk."""

    crash_at = -1
    is_after = False

    def append(self, event: Json, at: datetime) -> str:
        is_now = self._number == self.crash_at
        if is_now and not self.is_after:
            raise Crash
        head = super().append(event, at)
        if is_now:
            raise Crash
        return head


risks = st.sampled_from(list(Risk))
undoings = st.sampled_from([Undoing.OWN, Undoing.OWN, Undoing.LAST, Undoing.NONE])
fates = st.lists(st.sampled_from(["done", "fail", "half", "refuse", "break"]), max_size=2)
crashes = st.lists(st.tuples(st.integers(1, 40), st.booleans()), max_size=4)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    count = draw(st.integers(1, 4))
    steps: list[PlanStep] = [
        step(f"s{number}", "9", target=draw(st.sampled_from(["api", "db"])), risk=draw(risks), undoing=draw(undoings),
             verify=(check("api"),) if draw(st.booleans()) else ())
        for number in range(count)
    ]  # fmt: skip
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(0, count - 1))
        touch = steps[at].step.touch
        assert touch is not None
        steps[at] = replace(steps[at], step=replace(steps[at].step, touch=replace(touch, kind=RUN)))
    return plan(*steps)


@st.composite
def approvals(draw: st.DrawFn, made: Plan) -> Approval:
    good = Approval(hash_of(made), "ann", NOON, typed_target(made), is_asked=True)
    wrong = st.sampled_from(
        [
            replace(good, plan_hash=hash_of(replace(made, p=0.5))),
            replace(good, plan_hash=""),
            replace(good, by=""),
            replace(good, typed="page"),
            replace(good, is_asked=False),
        ]
    )
    return draw(st.one_of(st.just(good), st.just(good), wrong))


def is_valid(approval: Approval, made: Plan) -> bool:
    is_typed = not made.is_typed or approval.typed == typed_target(made)
    is_asked = approval.is_asked or not plan_runs(made)
    return approval.plan_hash == hash_of(made) and bool(approval.by) and is_typed and is_asked


@settings(max_examples=80, deadline=None, phases=PHASES)
@given(data=st.data(), made=plans(), crashing=crashes, is_worse=st.booleans(), knows=st.booleans())
def test_random_plans_failures_and_crashes_never_touch_unapproved_or_twice(
    data: st.DataObject, made: Plan, crashing: list[tuple[int, bool]], is_worse: bool, knows: bool
) -> None:
    """The promise that all others rest on: whatever fails, and whenever we die, a yes comes first and no touch is done twice."""
    approval = data.draw(approvals(made))
    count = len(made.steps)
    numbers = st.sampled_from([str(number + 1) for number in range(count)])
    hand = CrashingHand(fates=data.draw(st.dictionaries(numbers, fates)), knows=knows)
    hand.deaths = data.draw(st.dictionaries(numbers, st.sampled_from(["before", "after"])))
    hand.deaths |= data.draw(st.dictionaries(numbers.map("undo {}".format), st.sampled_from(["before", "after"])))
    shop = FakeShop(hand=hand)
    shop.status = lambda seen, target: 500 if is_worse and any(value == "9" for value in seen.values()) else 200

    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        end = lived_through(shop, made, approval, Path(folder) / "j", crashing)
        reading = read(Path(folder) / "j")

    assert not reading.problem
    events = [thaw_event(record.event) for record in reading.records]
    assert rebuild(events).end is end
    for key, times in hand.touches.items():
        assert times == 1, key
    for key, times in hand.undos.items():
        assert times == 1, key
    if not is_valid(approval, made):
        assert not hand.touches
        assert end is End.VOID
    if end is End.UNDONE:
        assert all(value == "" for value in hand.settings.values())
    touched = {int(key.rpartition(".")[2]) - 1 for key in hand.touches}
    written = {event.step for event in events if isinstance(event, Began)}
    assert touched <= written, "something was touched that was not written down before"


def lived_through(
    shop: FakeShop, made: Plan, approval: Approval, path: Path, crashing: list[tuple[int, bool]]
) -> End | None:
    """Run to the end, dying where it is to die, and being resumed each time."""
    left = list(crashing)
    for _ in range(40):
        CrashingJournal.crash_at, CrashingJournal.is_after = left.pop(0) if left else (-1, False)
        journal: CrashingJournal | None = None
        try:
            journal, going = woken(shop, made, approval, path)
            return asyncio.run(fix.go(going)).end
        except Crash:
            continue
        finally:
            if journal is not None:
                journal.close(is_over=False)
    raise AssertionError("it never ends")


def woken(shop: FakeShop, made: Plan, approval: Approval, path: Path) -> tuple[CrashingJournal, fix.Run]:
    """Begin the run, or go on with what the journal has."""
    planned = Planned("r1", made, hash_of(made), QUICK, NOON)
    if not path.exists() or not read(path).records:
        path.unlink(missing_ok=True)
        fresh = CrashingJournal.create(path)
        return fresh, fix.start("r1", shop.world(), fresh, planned, approval)
    journal, reading = CrashingJournal.reopen(path)
    assert isinstance(journal, CrashingJournal)
    state = rebuild(thaw_event(record.event) for record in reading.records)
    going = fix.Run("r1", shop.world(), journal, state, "ann")
    if state.pending is not None:
        fix.resume(going)
    return journal, going


# -- the pure machine, fed with anything

truths = st.sampled_from([Truth.TRUE, Truth.TRUE, Truth.FALSE, Truth.UNKNOWN])
ANSWERS: dict[type, str] = {
    AskYes: "Approved", KeepEvidence: "EvidenceKept", Believe: "Believed", Judge: "Judged", Foresee: "Foreseen",
    AskFacts: "Facts", Prepare: "Ready", Begin: "Began", DoTouch: "Ended", Wonder: "Wondered", AskPerson: "Answered",
    BeginUndo: "UndoBegan", DoUndo: "UndoEnded", Finish: "Finished",
}  # fmt: skip
names = st.sampled_from([*ANSWERS.values(), "Interrupted", "Resumed", "UndoApproved"])


def event_of(draw: st.DataObject, name: str, made: Plan, state: State) -> Event:
    """Draw an event of that name; most of its steps and purposes are those that are due."""
    due = state.pending
    number = getattr(due, "step", 0) if draw.draw(st.integers(0, 9)) else draw.draw(st.integers(-1, 4))
    fits = min(max(number, 0), len(made.steps) - 1)
    match name:
        case "Approved":
            return Approved(draw.draw(approvals(made)))
        case "EvidenceKept":
            return EvidenceKept("")
        case "Believed":
            return Believed(draw.draw(st.sampled_from([0.95, 0.95, 0.0])))
        case "Judged":
            purpose = due.purpose if isinstance(due, Judge) else draw.draw(st.sampled_from(list(Purpose)))
            checks = due.checks if isinstance(due, Judge) else made.healthy
            found = tuple(Finding(entry.check.key, draw.draw(truths), "saw") for entry in checks)
            return Judged(purpose, found, number)
        case "Foreseen":
            return Foreseen(tuple(Prepared(entry.diff, {}, entry.is_needed) for entry in made.steps))
        case "Facts":
            return Facts(NOON, 1.0, 0.0, not draw.draw(st.integers(0, 9)), 0)
        case "Ready":
            refused = "why" if not draw.draw(st.integers(0, 9)) else ""
            return Ready(number, Prepared(made.steps[fits].diff, {"old": ""}, refused=refused))
        case "Began" | "UndoBegan":
            return Began(number, NOON) if name == "Began" else UndoBegan(number, NOON)
        case "Ended" | "UndoEnded":
            touched = Touched(draw.draw(st.sampled_from([TouchState.DONE, *TouchState])), "")
            return Ended(number, touched, NOON) if name == "Ended" else UndoEnded(number, touched, NOON)
        case "Wondered":
            return Wondered(number, draw.draw(st.sampled_from(list(Happened))))
        case "Answered":
            return Answered(number, draw.draw(st.booleans()), "eve")
        case "Finished":
            return Finished(due.end if isinstance(due, Finish) else End.FIXED, "", NOON)
        case "Interrupted":
            return Interrupted(NOON)
        case "Resumed":
            return Resumed(NOON, "eve")
        case _:
            return UndoApproved("head", "eve", NOON)


@settings(max_examples=80, deadline=None, phases=PHASES)
@given(data=st.data(), made=plans())
def test_no_order_of_events_reaches_a_touch_without_a_yes(data: st.DataObject, made: Plan) -> None:
    """The machine is fed with anything, in any order: what it refuses changes nothing, and a touch needs a yes before."""
    limits = replace(LIMITS, may_run=data.draw(st.booleans()))
    state = begin(Planned("r1", made, hash_of(made), limits, NOON))
    is_approved = False
    done: set[int] = set()
    for _ in range(data.draw(st.integers(5, 50))):
        is_fitting = state.pending is not None and data.draw(st.integers(0, 9)) > 0
        event = event_of(data, ANSWERS[type(state.pending)] if is_fitting else data.draw(names), made, state)
        before = state
        try:
            state = run(state, event)
        except OutOfOrder:
            assert state is before
            continue
        if isinstance(event, Approved):
            is_approved = is_approved or is_valid(event.approval, made)
        if isinstance(event, Ended) and event.touched.state is TouchState.DONE:
            done.add(event.step)
        if isinstance(state.pending, DoTouch):
            hypothesis_event("a touch is reached")
            assert is_approved
            assert limits.may_run or not plan_runs(made)
            assert isinstance(event, Began | Interrupted)
            assert state.pending.step not in done
            assert state.steps[state.pending.step] is Standing.BEGUN
        if isinstance(state.pending, DoUndo):
            hypothesis_event("an undo is reached")
            assert is_approved
            assert state.steps[state.pending.step] is Standing.UNDOING
