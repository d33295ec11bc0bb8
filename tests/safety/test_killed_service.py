"""kill -9 in the middle of stopping, changing and starting a real program: resumed, nothing twice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

RUNNER = Path(__file__).with_name("killed_service.py")
STRIDE = 17  # every 17th place here; all of them with `--all-places`
BEFORE = "NAME=shop\nLIST=a\n"


def deaths(
    folder: Path, plan: str, first: int, config: pytest.Config
) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Return what becomes of the run that is not killed, and of those that are."""
    is_all = bool(config.getoption("--all-places"))
    stride, first = (1, 0) if is_all else (STRIDE, first)
    argv = [sys.executable, str(RUNNER), str(folder / "runs"), plan, str(stride), str(first)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=None if is_all else 110, check=False)
    assert done.returncode == 0, done.stderr
    whole, *found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) >= 2
    for death in found:
        assert death["was_killed"], death
        assert death["problem"] == "", death
    return whole, found


@pytest.mark.parametrize(("plan", "first"), [("stop-set-start", 30), ("set-restart", 25)])
def test_a_program_is_started_again_once_with_its_new_settings_wherever_the_run_was_killed(
    tmp_path: Path, plan: str, first: int, pytestconfig: pytest.Config
) -> None:
    """Half a restart is an outage that nobody has planned."""
    whole, found = deaths(tmp_path, plan, first, pytestconfig)

    assert whole["end"] == "fixed"
    assert whole["starts"] == ["LIST=a", "LIST=a,b"]
    for death in found:
        if death["end"] == "fixed":
            assert (death["state"], death["starts"]) == ("RUNNING", whole["starts"]), death
            assert death["settings"] == whole["settings"], death
        else:
            assert death["end"] == "void", death
            assert (death["state"], death["starts"]) == ("RUNNING", ["LIST=a"]), death
            assert death["settings"] == BEFORE, death


def test_what_made_it_worse_is_taken_back_and_started_again_wherever_the_run_was_killed(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """A crash between a harmful step and its undo must not be what makes the harm stay."""
    whole, found = deaths(tmp_path, "worse-restart", 40, pytestconfig)

    for one in (whole, *found):
        starts = one["starts"]
        assert isinstance(starts, list)
        assert one["end"] in ("undone", "void"), one
        assert (one["state"], one["settings"], starts[-1]) == ("RUNNING", BEFORE, "LIST=a"), one
        # At first, after the change, after the undo; a start that is followed too fast writes nothing down.
        assert len(starts) <= 3, one
        assert (one["end"] == "void") <= (len(starts) == 1), one
