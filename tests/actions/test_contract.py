"""What every action keeps, whatever its kind."""

from __future__ import annotations

import pytest
from stages import State, stage_names

from crashcart.actions.registry import specs
from crashcart.model.touch import Happened, TouchState

NAMES = stage_names()


def verb_of(name: str) -> tuple[str, str]:
    """Return kind and verb of a stage: `postgres-end-idle`, `config-set-new`."""
    kind, _, rest = name.partition("-")
    return kind, next(verb.name for verb in specs()[kind].verbs if f"{rest}-".startswith(f"{verb.name}-"))


UNDOABLE = tuple(name for name in NAMES if specs()[verb_of(name)[0]].verb(verb_of(name)[1]).undo)


def lasting(state: State, passing: tuple[str, ...]) -> State:
    return {key: value for key, value in state.items() if key not in passing}


def test_every_verb_has_its_stage():
    """A verb that the suite does not try is one whose undo nobody has seen work."""
    tried = {verb_of(name) for name in NAMES}

    assert tried == {(kind, verb.name) for kind, spec in specs().items() for verb in spec.verbs}


@pytest.mark.parametrize("name", NAMES)
def test_a_dry_run_touches_nothing_and_says_what_would_change(on_stage, name):
    """People approve what the dry run shows; it must be true, and free."""
    hands = on_stage(name)
    before = hands.on.state()

    prepared = hands.prepare()

    assert prepared.refused == ""
    assert prepared.is_needed
    assert any(line.startswith(("+", "-")) for line in prepared.diff)
    assert hands.on.state() == before
    assert hands.happened() is Happened.NO


@pytest.mark.parametrize("name", NAMES)
def test_a_touch_happens_once_and_is_seen_to_have_happened(on_stage, name):
    """After a crash the journal asks whether it happened; a wrong answer means twice, or never."""
    hands = on_stage(name)
    before = hands.on.state()
    hands.prepare()

    done = hands.touch()
    after = hands.on.state()
    again = hands.touch()

    assert done.state is TouchState.DONE, done.detail
    assert after != before
    assert hands.happened() is Happened.YES
    assert again.state is TouchState.DONE, again.detail
    assert hands.on.state() == after


@pytest.mark.parametrize("name", UNDOABLE)
def test_undo_puts_back_what_was_there(on_stage, name):
    """A plan is approved because it can be taken back."""
    hands = on_stage(name)
    before = hands.on.state()
    hands.prepare()
    hands.touch()

    undone = hands.undo()
    after = hands.on.state()
    again = hands.undo()

    assert undone.state is TouchState.DONE, undone.detail
    assert lasting(after, hands.on.passing) == lasting(before, hands.on.passing)
    assert again.state is TouchState.DONE, again.detail
    assert hands.on.state() == after


@pytest.mark.parametrize("name", UNDOABLE)
def test_undo_of_what_was_not_done_changes_nothing(on_stage, name):
    """An interrupted run is undone from its journal, which may be one step ahead of the world."""
    hands = on_stage(name)
    before = hands.on.state()
    hands.prepare()

    undone = hands.undo()

    assert undone.state is not TouchState.FAILED
    assert hands.on.state() == before


@pytest.mark.parametrize("name", NAMES)
def test_what_somebody_else_changed_since_the_plan_is_not_touched(on_stage, name):
    """The yes was given to the world as it was."""
    hands = on_stage(name)
    if hands.on.disturb is None:
        pytest.skip("what the service does with a call is not to be seen from outside")
    hands.prepare()
    hands.on.disturb()
    disturbed = hands.on.state()

    touched = hands.touch()

    assert touched.state is hands.on.if_disturbed[0], touched.detail
    assert touched.detail
    assert hands.on.state() == disturbed


@pytest.mark.parametrize("name", UNDOABLE)
def test_what_somebody_else_changed_since_the_touch_is_not_undone(on_stage, name):
    """Undoing over another person's repair is the worst help there is."""
    hands = on_stage(name)
    if hands.on.disturb is None:
        pytest.skip("what the service does with a call is not to be seen from outside")
    hands.prepare()
    hands.touch()
    hands.on.disturb()
    disturbed = hands.on.state()

    undone = hands.undo()

    assert undone.state is hands.on.if_disturbed[1], undone.detail
    assert undone.detail
    assert hands.on.state() == disturbed
