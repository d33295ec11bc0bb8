"""Taking a run back: what got worse is undone in reverse order, and what makes changes take effect comes last."""

from __future__ import annotations

from dataclasses import replace

from crashcart.model.plan import End, Undoing
from crashcart.model.run import Answered, Judged, Purpose, UndoBegan, UndoEnded, Wondered
from crashcart.model.touch import Happened, TouchState
from crashcart.model.truth import Truth
from crashcart.remedy.commands import AskPerson, BeginUndo, DoUndo, Finish, Judge
from crashcart.remedy.state import OutOfOrder, Standing, State


def order(state: State) -> tuple[int, ...]:
    """Return the steps in effect in the order of their undoing."""
    done = [number for number in state.in_effect if state.steps[number] is Standing.DONE]
    last = [number for number in done if state.step(number).step.undoing is Undoing.LAST]
    return (*[number for number in reversed(done) if number not in last], *last)


def begin(state: State) -> State:
    """Return the state in which the first step is to be undone."""
    return _next(replace(state, undo=order(state), is_resumed=False))


def asked(state: State) -> State:
    """A person wants an ended run taken back.

    Raises:
        OutOfOrder: it is still under way.
    """
    if state.pending is not None:
        raise OutOfOrder("the run is not over")
    # What could not be taken back before is tried once more.
    steps = tuple(Standing.DONE if step is Standing.KEPT else step for step in state.steps)
    return begin(
        replace(state, steps=steps, end=None, why="", stopped="a person took it back", worse=(), is_interrupted=False)
    )


def heard(state: State, event: UndoBegan | UndoEnded) -> State:
    """Take the answer to BeginUndo or DoUndo."""
    if isinstance(event, UndoBegan):
        if not isinstance(state.pending, BeginUndo):
            raise OutOfOrder("no undo was due")
        return replace(state.marked(event.step, Standing.UNDOING), pending=DoUndo(event.step))
    if not isinstance(state.pending, DoUndo):
        raise OutOfOrder("no undo was under way")
    if event.touched.state is TouchState.DONE:
        return _by_hand(state, event.step)
    return _kept(state, event.step, event.touched.detail)


def wondered(state: State, event: Wondered) -> State:
    """A crash in the middle of an undo: what no longer happened is undone; what still holds is undone once more."""
    step = state.step(event.step).step
    if step.undoing is Undoing.LAST:
        # Half of a restart looks like none: what is stopped by now would be left so. Once more does no harm.
        return replace(state, pending=BeginUndo(event.step))
    if event.happened is Happened.NO:
        return _by_hand(state, event.step)
    if event.happened is Happened.CANNOT_KNOW:
        return _end(state, End.PERSON, f"nobody can tell whether step {event.step + 1} was undone")
    if step.undoing is Undoing.GUIDE:
        # Steps of a guide's own undo know nothing of each other: half of them may be done.
        return _end(state, End.PERSON, f"the undo of step {event.step + 1} was cut off in the middle")
    return replace(state, pending=BeginUndo(event.step))


def answered(state: State, event: Answered) -> State:
    """A person undid a step by hand, or did not."""
    return _undone(state, event.step) if event.is_done else _kept(state, event.step, "not done by hand")


def seen(state: State, event: Judged) -> State:
    """The health after the undo: the run is over."""
    before = {key for key, truth in state.health.items() if truth is Truth.TRUE}
    bad = [finding.check for finding in event.findings if finding.check in before and finding.truth is Truth.FALSE]
    kept = [number + 1 for number, step in enumerate(state.steps) if step is Standing.KEPT]
    worse = f"it got worse: {', '.join(state.worse)}" if state.worse else ""
    words = [text for text in (state.stopped, worse) if text]
    if kept:
        words.append(f"step {', '.join(map(str, kept))} could not be taken back")
    if bad:
        words.append(f"still not as before: {', '.join(bad)}")
    return _end(state, End.NOT_UNDONE if kept or bad else End.UNDONE, "; ".join(words))


# -- steps


def _next(state: State) -> State:
    if not state.undo:
        held = tuple(entry for entry in state.plan.healthy if state.health.get(entry.check.key) is Truth.TRUE)
        return replace(state, pending=Judge(Purpose.UNDONE, held, patience_s=state.limits.settle_s))
    number = state.undo[0]
    step = state.step(number).step
    if step.undoing in (Undoing.NONE, Undoing.NOTHING):
        return _kept(state, number, "it cannot be undone")
    if step.touch is None or (step.undoing is Undoing.GUIDE and not step.undo_touches):
        return _by_hand(state.marked(number, Standing.UNDOING), number)
    return replace(state, pending=BeginUndo(number))


def _by_hand(state: State, number: int) -> State:
    """After what we undo comes what the guide asks a person to undo."""
    texts = state.step(number).step.undo_by_hand
    if not texts:
        return _undone(state, number)
    return replace(state, pending=AskPerson(number, "; ".join(texts)))


def _undone(state: State, number: int) -> State:
    return _next(replace(state.marked(number, Standing.UNDONE), undo=state.undo[1:]))


def _kept(state: State, number: int, why: str) -> State:
    noted = state.noting(f"step {number + 1} was not undone: {why}")
    return _next(replace(noted.marked(number, Standing.KEPT), undo=state.undo[1:]))


def _end(state: State, end: End, why: str) -> State:
    return replace(state, pending=Finish(end, why))
