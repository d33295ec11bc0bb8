"""A run as a pure state machine: event in, command out.

`run(state, event)` takes the answer to the pending command and says what comes next. Everything that it knows came by
an event, so feeding a journal's events again gives the same state.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from crashcart.model.canon import canonical, digest
from crashcart.model.net import Finding
from crashcart.model.plan import End, Plan, PlanCheck
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
from crashcart.model.touch import Happened, Prepared, TouchState
from crashcart.model.truth import Truth
from crashcart.remedy import backward
from crashcart.remedy.commands import (
    AskFacts,
    AskPerson,
    AskYes,
    Begin,
    Believe,
    Command,
    DoTouch,
    DoUndo,
    Finish,
    Foresee,
    Judge,
    KeepEvidence,
    Prepare,
    Wonder,
)
from crashcart.remedy.limits import fallen, invalid, refusal
from crashcart.remedy.state import OutOfOrder, Standing, State

_OF_STEPS = (Ready, Began, Ended, Wondered, Answered, UndoBegan, UndoEnded, Judged)
TWICE_S = 3.0  # between the two looks that make *worse*


def hash_of(plan: Plan) -> str:
    """Return the hash that an approval is bound to."""
    return digest(canonical(plan))


def begin(event: Planned) -> State:
    """Return the state of a run whose plan is made and not approved."""
    steps = (Standing.TODO,) * len(event.plan.steps)
    kept: tuple[dict[str, str], ...] = tuple({} for _ in event.plan.steps)
    return State(event.plan, event.plan_hash, event.limits, steps, AskYes(), kept)


def rebuild(events: Iterable[Event]) -> State:
    """Return the state that these events lead to.

    Raises:
        OutOfOrder: they do not follow from one another.
    """
    stream = iter(events)
    first = next(stream, None)
    if not isinstance(first, Planned):
        raise OutOfOrder("a run begins with its plan")
    state = begin(first)
    for event in stream:
        state = run(state, event)
    return state


def run(state: State, event: Event) -> State:
    """Return the state after an event; its `pending` is the next command.

    Raises:
        OutOfOrder: nothing waits for that event.
    """
    if isinstance(event, _OF_STEPS) and event.step != getattr(state.pending, "step", event.step):
        raise OutOfOrder(f"step {event.step} is not the one that is due: {state.pending}")
    match event:
        case Interrupted():
            return replace(state, is_interrupted=True)
        case Resumed():
            return _resumed(state)
        case UndoApproved():
            return backward.asked(state)
        case Approved():
            return _approved(_due(state, AskYes), event)
        case EvidenceKept():
            return replace(_due(state, KeepEvidence), pending=Believe())
        case Believed():
            return _believed(_due(state, Believe), event)
        case Foreseen():
            return _foreseen(_due(state, Foresee), event)
        case Facts():
            return _allowed(_due(state, AskFacts), event)
        case Judged():
            return _judged(_due(state, Judge), event)
        case Ready():
            return _ready(_due(state, Prepare), event)
        case Began():
            state = replace(_due(state, Begin), is_resumed=False)
            return replace(state.marked(event.step, Standing.BEGUN), pending=DoTouch(event.step))
        case Ended():
            return _ended(_due(state, DoTouch), event)
        case Wondered():
            return _wondered(_due(state, Wonder), event)
        case Answered():
            return _answered(_due(state, AskPerson), event)
        case UndoBegan() | UndoEnded():
            return backward.heard(state, event)
        case Finished():
            return replace(_due(state, Finish), pending=None, end=event.end, why=event.why)
        case Planned():
            raise OutOfOrder("a run has one plan")


def _due(state: State, kind: type[Command]) -> State:
    if not isinstance(state.pending, kind):
        raise OutOfOrder(f"{kind.__name__} was not asked for: {state.pending} is due")
    return state


# -- before the first touch


def _approved(state: State, event: Approved) -> State:
    actual = hash_of(state.plan)
    if actual != state.plan_hash:
        return _void(state, "the plan is not the one that was hashed")
    wrong = invalid(event.approval, state.plan, actual)
    if wrong:
        return _void(state, wrong)
    return replace(state, approved_by=event.approval.by, pending=KeepEvidence())


def _believed(state: State, event: Believed) -> State:
    if state.is_interrupted:
        return _interrupted(state)
    why = fallen(state.plan, event.p)
    if why:
        return _void(state, why)
    return replace(state, pending=Judge(Purpose.BEFORE, state.plan.healthy))


def _foreseen(state: State, event: Foreseen) -> State:
    if len(event.prepared) != len(state.plan.steps):
        raise OutOfOrder("not all steps were prepared")
    for number, prepared in enumerate(event.prepared):
        why = _differs(state, number, prepared) if prepared is not None else ""
        if why:
            return _void(state, why)
    return _next_step(state)


def _differs(state: State, number: int, prepared: Prepared) -> str:
    planned = state.step(number)
    if (prepared.diff, prepared.is_needed, bool(prepared.refused)) == (
        planned.diff,
        planned.is_needed,
        bool(planned.refused),
    ):
        return ""
    return f"step {number + 1} would change something else than the plan says: the world changed since"


# -- one step


def _next_step(state: State) -> State:
    if state.is_interrupted:
        return _interrupted(state)
    if state.at >= len(state.plan.steps):
        return replace(state, pending=Judge(Purpose.VERIFY, state.plan.verify))
    return replace(state, pending=AskFacts(state.at))


def _allowed(state: State, event: Facts) -> State:
    left = state.plan.steps[state.at :]
    if state.has_begun:
        left = left[:1]
    why = refusal(state.plan, state.limits, event, left=left, has_begun=state.has_begun)
    if why:
        return _stop(state, why)
    guards = state.step(state.at).step.only_if
    return replace(state, pending=Judge(Purpose.ONLY_IF, guards, state.at)) if guards else _prepare(state)


def _prepare(state: State) -> State:
    step = state.step(state.at).step
    if step.touch is None:
        return replace(state, pending=AskPerson(state.at, step.by_hand))
    return replace(state, pending=Prepare(state.at))


def _ready(state: State, event: Ready) -> State:
    prepared = event.prepared
    number = state.at
    if state.is_interrupted:
        return _interrupted(state)
    if prepared.refused:
        return _stop(state, f"step {number + 1} cannot be done: {prepared.refused}")
    if not prepared.is_needed:
        # A step that was cut off and is so by now was ours.
        standing = Standing.DONE if state.steps[number] is Standing.BEGUN else Standing.ALREADY
        return _after_step(replace(state, is_resumed=False).marked(number, standing))
    why = "" if _is_ours_to_change(state, number) else _differs(state, number, prepared)
    if why:
        return _stop(state, why)
    if not (state.is_resumed and state.kept[number]):
        # A step that was cut off is taken back to what was there before its first attempt, not to what that has left.
        state = state.keeping(number, prepared.kept)
    return replace(state, pending=Begin(number))


def _is_ours_to_change(state: State, number: int) -> bool:
    """Say whether what a step finds may differ from the plan because of steps of this very run."""
    if state.step(number).refused:
        return True
    touch = state.step(number).step.touch
    before = [state.step(done).step.touch for done in state.in_effect]
    return touch is not None and any(other is None or other.target == touch.target for other in before)


def _ended(state: State, event: Ended) -> State:
    number = event.step
    match event.touched.state:
        case TouchState.DONE:
            return _after_step(state.marked(number, Standing.DONE))
        case TouchState.REFUSED:
            return _stop(
                state.marked(number, Standing.FAILED), f"step {number + 1} was refused: {event.touched.detail}"
            )
        case TouchState.FAILED:
            return replace(state.noting(f"step {number + 1}: {event.touched.detail}"), pending=Wonder(number))


def _wondered(state: State, event: Wondered) -> State:
    number = event.step
    if state.steps[number] is Standing.UNDOING:
        return backward.wondered(state, event)
    match event.happened:
        case Happened.YES:
            return _after_step(replace(state, is_resumed=False).marked(number, Standing.DONE))
        case Happened.NO if state.is_resumed:
            return replace(state, pending=AskFacts(number))  # it stays begun: half of it may have been done
        case Happened.NO:
            return _stop(state.marked(number, Standing.FAILED), f"step {number + 1} did not take effect")
        case Happened.CANNOT_KNOW:
            return _end(
                state.marked(number, Standing.UNKNOWN),
                End.PERSON,
                f"nobody can tell whether step {number + 1} took effect",
            )
    raise OutOfOrder(str(event.happened))


def _answered(state: State, event: Answered) -> State:
    if state.steps[event.step] is Standing.UNDOING:
        return backward.answered(state, event)
    if not event.is_done:
        return _stop(state, f"step {event.step + 1} was not done by hand")
    return _after_step(state.marked(event.step, Standing.DONE))


def _after_step(state: State) -> State:
    checks = state.step(state.at).step.verify
    if checks:
        return replace(state, pending=Judge(Purpose.STEP_VERIFY, checks, state.at))
    return _next_step(replace(state, at=state.at + 1))


# -- what was judged


def _judged(state: State, event: Judged) -> State:
    assert isinstance(state.pending, Judge)
    if event.purpose is not state.pending.purpose:
        raise OutOfOrder(f"{event.purpose.value} was judged, and {state.pending.purpose.value} is due")
    failing = _failing(state.pending, event.findings)
    match event.purpose:
        case Purpose.BEFORE:
            health = {finding.check: finding.truth for finding in event.findings}
            return replace(state, health=health, pending=Foresee())
        case Purpose.ONLY_IF:
            if failing:
                return _stop(state, f"step {state.at + 1} wants what is not so: {failing}")
            return _prepare(state)
        case Purpose.STEP_VERIFY:
            if failing:
                return _stop(state, f"step {state.at + 1} did not do what it should: {failing}")
            return _next_step(replace(state, at=state.at + 1))
        case Purpose.VERIFY:
            is_verified = bool(event.findings) and not failing
            why = failing or "no check tells whether it held"
            return _look_after(replace(state, is_verified=is_verified, why="" if is_verified else why))
        case Purpose.AFTER | Purpose.AGAIN:
            return _weighed(state, event)
        case Purpose.UNDONE:
            return backward.seen(state, event)


def _failing(due: Judge, findings: Iterable[Finding]) -> str:
    """Say which of the checks that were due is anything but true, "" when none is."""
    found = {finding.check: finding for finding in findings}
    for entry in due.checks:
        finding = found.get(entry.check.key)
        if finding is None or finding.truth is not Truth.TRUE:
            saw = finding.saw if finding is not None else "not looked at"
            return f"{entry.check.key} ({saw})"
    return ""


def _look_after(state: State) -> State:
    return replace(state, pending=Judge(Purpose.AFTER, _held(state), patience_s=state.limits.settle_s))


def _held(state: State, only: tuple[str, ...] = ()) -> tuple[PlanCheck, ...]:
    keys = only or tuple(key for key, truth in state.health.items() if truth is Truth.TRUE)
    return tuple(entry for entry in state.plan.healthy if entry.check.key in keys)


def _weighed(state: State, event: Judged) -> State:
    before = {key for key, truth in state.health.items() if truth is Truth.TRUE}
    lost = tuple(
        finding.check for finding in event.findings if finding.check in before and finding.truth is Truth.FALSE
    )
    unseen = sum(finding.check in before and finding.truth is Truth.UNKNOWN for finding in event.findings)
    state = replace(state, unseen_after=unseen, worse=lost)
    if not lost:
        return _conclude(state)
    if event.purpose is Purpose.AFTER:
        again = Judge(Purpose.AGAIN, _held(state, lost), patience_s=TWICE_S, delay_s=TWICE_S)
        return replace(state, pending=again)
    return backward.begin(state)


# -- ends


def _interrupted(state: State) -> State:
    return _stop(state, "a person stopped it")


def _stop(state: State, why: str) -> State:
    if not state.in_effect:
        end = End.INTERRUPTED if state.is_interrupted else End.STOPPED if state.has_begun else End.VOID
        return _end(state, end, why)
    return _look_after(replace(state, stopped=why))


def _conclude(state: State) -> State:
    if state.stopped:
        return _end(state, End.INTERRUPTED if state.is_interrupted else End.STOPPED, state.stopped)
    if not state.has_begun:
        return _void(state, "every step was so already: this plan changes nothing")
    if not state.is_verified:
        return _end(state, End.NOT_BETTER, state.why)
    return _end(state, End.RELIEVED if state.plan.is_relief else End.FIXED, "")


def _void(state: State, why: str) -> State:
    return _end(state, End.VOID, why)


def _end(state: State, end: End, why: str) -> State:
    return replace(state, pending=Finish(end, why))


# -- after a crash


def _resumed(state: State) -> State:
    if state.pending is None:
        raise OutOfOrder("the run is over")
    if isinstance(state.pending, DoTouch):
        return replace(state, is_resumed=True, pending=Wonder(state.pending.step))
    if isinstance(state.pending, DoUndo):
        return replace(state, pending=Wonder(state.pending.step))
    if not state.has_begun and not isinstance(state.pending, Finish):
        return _void(state, "it was killed before anything was touched; make a new plan")
    if isinstance(state.pending, Judge) and state.pending.purpose is Purpose.ONLY_IF:
        return replace(state, pending=AskFacts(state.at))
    if isinstance(state.pending, Prepare | Begin):
        return replace(state, pending=AskFacts(state.at))
    return state
