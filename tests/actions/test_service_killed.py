"""A restart that is taken back, killed between stop and start: it is ended, and nobody else is blamed."""

from __future__ import annotations

from pathlib import Path

import pytest
from stages import until

from crashcart.actions.service.supervisor import Supervisor
from crashcart.model.touch import TouchState


class Killed(Exception):
    """Our process is gone."""


def test_a_restart_whose_undo_was_cut_off_between_stop_and_start_is_ended_by_the_next(
    on_stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The program is stopped by us and not by somebody else; left so, the undo would be the outage."""
    hands = on_stage("service-restart")
    hands.prepare()
    hands.touch()
    assert hands.on.state()["starts"] == 2

    async def dying(self: Supervisor, name: str) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Supervisor, "start", dying)
        with pytest.raises(Killed):
            hands.undo()
    half = hands.on.state()

    undone = hands.undo()

    assert half["state"] == "STOPPED"
    assert undone.state is TouchState.DONE, undone.detail
    until(lambda: hands.on.state() == {"state": "RUNNING", "starts": 3})
    assert hands.undo().state is TouchState.DONE
    assert hands.on.state()["starts"] == 3


def test_a_program_that_somebody_stopped_after_the_restart_is_still_theirs(on_stage) -> None:
    """The rule that was there before, beside the one above."""
    hands = on_stage("service-restart")
    hands.prepare()
    hands.touch()
    hands.on.disturb()

    assert hands.undo().state is TouchState.REFUSED
    assert hands.on.state()["state"] == "STOPPED"
