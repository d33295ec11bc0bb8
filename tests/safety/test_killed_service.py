"""kill -9 in the middle of stopping, changing and starting a real program: resumed, nothing twice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

RUNNER = Path(__file__).with_name("killed_service.py")
STRIDE = 17  # every 17th place here; `python tests/safety/killed_service.py FOLDER set-restart 1 0` is all of them


@pytest.mark.parametrize(("plan", "first"), [("stop-set-start", 30), ("set-restart", 25)])
def test_a_program_is_started_again_once_with_its_new_settings_wherever_the_run_was_killed(
    tmp_path: Path, plan: str, first: int
) -> None:
    """Half a restart is an outage that nobody has planned."""
    argv = [sys.executable, str(RUNNER), str(tmp_path / "runs"), plan, str(STRIDE), str(first)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr
    whole, *deaths = [json.loads(line) for line in done.stdout.splitlines()]

    assert whole["end"] == "fixed"
    assert whole["starts"] == ["LIST=a", "LIST=a,b"]
    assert len(deaths) >= 2
    for death in deaths:
        assert death["was_killed"], death
        assert death["problem"] == "", death
        if death["end"] == "fixed":
            assert (death["state"], death["starts"]) == ("RUNNING", whole["starts"]), death
            assert death["settings"] == whole["settings"], death
        else:
            assert death["end"] == "void", death
            assert (death["state"], death["starts"]) == ("RUNNING", ["LIST=a"]), death
            assert death["settings"] == "NAME=shop\nLIST=a\n", death
