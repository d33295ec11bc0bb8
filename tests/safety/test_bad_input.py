"""What we promise when a disk fills up or a target dies in the middle, with a real disk and a real supervisor."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import killed
import killed_service

from crashcart.actions.service.supervisor import Supervisor
from crashcart.drive import fix
from crashcart.model.plan import Approval
from crashcart.model.run import Planned
from crashcart.remedy.machine import hash_of, rebuild
from crashcart.remedy.state import State
from crashcart.remedy.written import thaw_event
from crashcart.storage.journal import Journal, read
from crashcart.testing import NOON

ALONE = ("unshare", "--user", "--map-root-user", "--mount")


def on_a_small_disk(folder: Path, when: str) -> dict[str, object]:
    probe = [*ALONE, "mount", "-t", "tmpfs", "tmpfs", str(folder)]
    if shutil.which("unshare") is None or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("nobody here may mount a disk of their own")
    argv = [*ALONE, sys.executable, str(Path(__file__).with_name("full_disk.py")), str(folder), when]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_on_a_full_disk_nothing_is_touched(tmp_path: Path) -> None:
    """What cannot be written down must not be done."""
    told = on_a_small_disk(tmp_path, "before")

    assert "cannot be written" in str(told["why"])
    assert (told["settings"], told["records"]) == (killed.BEFORE, [])
    assert told["afterwards"] == "fixed"


@pytest.mark.parametrize(("when", "end"), [("Approved", "void"), ("Began", "stopped")])
def test_a_disk_that_fills_up_in_a_run_stops_it_and_the_record_goes_on_to_the_end(
    tmp_path: Path, when: str, end: str
) -> None:
    """The journal had its space before the first step; the settings file is whole, and the next run can go on."""
    told = on_a_small_disk(tmp_path, when)

    assert (told["end"], told["problem"]) == (end, ""), told
    records = told["records"]
    assert isinstance(records, list)
    assert records[-1] == "Finished"
    assert told["settings"] == killed.BEFORE
    assert told["litter"] == []
    assert told["afterwards"] == "fixed"
    assert told["settings_afterwards"] == "NAME=shop\nLIST=a,b,c\nLIMIT=9\n"


# -- a target that dies


def run_until(folder: Path, plan: str, method: str, monkeypatch: pytest.MonkeyPatch) -> tuple[State, str]:
    """Run a plan against a real supervisord that is killed right after its answer to `method`."""
    (folder / "shop.env").write_text(killed.BEFORE, encoding="utf-8")
    site = killed_service.ServiceSite(folder, plan)
    real = Supervisor._call
    with killed_service.supervised(folder):
        pid = int((folder / "supervisord.pid").read_text())

        async def called(self: Supervisor, name: str, *arguments: str | bool) -> object:
            answer = await real(self, name, *arguments)
            if name == method:
                os.kill(pid, signal.SIGKILL)
            return answer

        monkeypatch.setattr(Supervisor, "_call", called)
        killed.carry_out(site)
        monkeypatch.undo()
    reading = read(site.journal)
    assert reading.problem == ""
    state = rebuild(thaw_event(record.event) for record in reading.records)
    return state, site.settings.read_text(encoding="utf-8")


def test_a_supervisor_that_dies_in_the_middle_of_a_restart_ends_with_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped and not started again, and nobody left to ask: to say anything else would be a guess."""
    state, settings = run_until(tmp_path, "set-restart", "supervisor.stopProcess", monkeypatch)

    assert state.end is not None
    assert state.end.value == "a person must look", state
    assert "step 2" in state.why
    assert settings == "NAME=shop\nLIST=a,b\n"  # the first step is told, and was not undone blindly


def test_a_supervisor_that_dies_once_the_step_was_done_stops_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next steps are not tried on a target of which nothing is known."""
    state, _ = run_until(tmp_path, "stop-set-start", "supervisor.stopProcess", monkeypatch)

    assert state.end is not None
    assert state.end.value in ("a person must look", "stopped"), state
    assert [step.value for step in state.steps].count("done") <= 2
    assert state.steps[2].value in ("to do", "failed", "nobody knows")


def test_a_target_that_leaves_the_system_file_is_not_touched(tmp_path: Path) -> None:
    """Between the yes and the touch somebody took it out: it is theirs to say what we may touch."""
    (tmp_path / "shop.env").write_text(killed.BEFORE, encoding="utf-8")
    site = killed.Site(tmp_path, "three")
    made, world = site.plan(site.world()), site.world()
    system = world.system_now()
    gone = replace(system, targets={name: target for name, target in system.targets.items() if name != "api"})
    calls = iter(range(1000))

    leaving = replace(world, system_now=lambda: system if next(calls) < 4 else gone)
    journal = Journal.create(site.journal)
    planned = Planned("r1", made, hash_of(made), killed.QUICK, NOON)
    going = fix.start("r1", leaving, journal, planned, Approval(hash_of(made), "ann", NOON))
    state = asyncio.run(fix.go(going))
    journal.close(is_over=True)

    assert "there is no target api in the system file any more" in state.why
    assert site.settings.read_text(encoding="utf-8") == killed.BEFORE
