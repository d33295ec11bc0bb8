"""Free-form `run` when the world is against it: shells, other programs, ends that nobody saw."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hands import Hands
from stages import Stage

from crashcart.actions.command import NotStarted, run
from crashcart.actions.vault import Vault
from crashcart.model.system import Target
from crashcart.model.touch import Happened, Touch, TouchState
from crashcart.model.vector import shell_in
from crashcart.redact import Scrubber

# Writes down what it was given and what it saw.
_TELL = """\
#!{python}
import json, os, pathlib, sys
told = {{"argv": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd(), "stdin": sys.stdin.read()}}
pathlib.Path("told.json").write_text(json.dumps(told))
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


def program(folder: Path, text: str, name: str = "tool") -> None:
    (folder / name).write_text(text.format(python=sys.executable) if "{python}" in text else text)
    (folder / name).chmod(0o755)


def hands_on(folder: Path, *argv: str, timeout_s: float = 60.0) -> Hands:
    words = (("program", argv[0]), *(("arg", word) for word in argv[1:]))
    touch = Touch("run", "command", "api", words, key="r1.1")
    target = Target("api", "http", touch={"folder": (str(folder),)})
    return Hands(Stage(touch, target, dict), folder.parent / "kept", timeout_s=timeout_s)


HOSTILE = ("$(touch PWNED)", "; touch PWNED", "`touch PWNED`", "*", "a b", "", "~", "--x=$HOME", "| tee PWNED", "\n")


def test_every_argument_arrives_as_it_is_written(site: Path) -> None:
    import json

    program(site, _TELL)
    hands = hands_on(site, "./tool", *HOSTILE)
    assert hands.prepare().refused == ""

    assert hands.touch().state is TouchState.DONE

    assert tuple(json.loads((site / "told.json").read_text())["argv"]) == HOSTILE
    assert sorted(path.name for path in site.iterdir()) == ["told.json", "tool"]


def test_it_sees_nothing_of_our_environment_and_reads_nothing(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import json

    monkeypatch.setenv("API_KEY", "sk-planted-0123456789abcdef")
    monkeypatch.setenv("LD_PRELOAD_OF_OURS", "x")
    program(site, _TELL)
    hands = hands_on(site, "./tool")
    hands.prepare()
    hands.touch()

    told = json.loads((site / "told.json").read_text())

    assert set(told["env"]) <= {"PATH", "LANG", "HOME", "USER", "LOGNAME", "LC_CTYPE"}  # Python sets the last itself
    assert (told["cwd"], told["stdin"]) == (str(site), "")


@pytest.mark.parametrize(
    "argv",
    [
        ("sh", "-c", "true"), ("/bin/bash", "-lc", "true"), ("env", "A=1", "sh", "-c", "true"), ("bash", "-x", "-c", "x"),
        ("nice", "-n", "5", "/usr/bin/dash", "-ec", "x"),
    ],
)  # fmt: skip
def test_a_shell_that_reads_a_line_is_refused(site: Path, argv: tuple[str, ...]) -> None:
    assert "would read a line of text" in hands_on(site, *argv).prepare().refused


@pytest.mark.parametrize(
    "argv", [("sh", "repair.sh"), ("./bash-report", "-c"), ("git", "-c", "a=b"), ("echo", "-c", "sh")]
)
def test_a_file_with_lines_and_other_options_are_no_shell_line(argv: tuple[str, ...]) -> None:
    assert shell_in(argv) == ""


@pytest.mark.parametrize(
    ("argv", "word"),
    [
        (("./missing",), "no program ./missing"),
        (("no-such-program-anywhere",), "no program no-such-program-anywhere"),
        (("./plain",), "that we may run"),
        (("./",), "that we may run"),
        (("./open",), "changed by everybody"),
        (("./tool", "--key=sk-ant-api03-0123456789abcdef0123456789"), "looks like a secret"),
        (("./tool", "a\0b"), "zero byte"),
    ],
)
def test_what_cannot_or_must_not_be_run_is_refused_when_planning(site: Path, argv: tuple[str, ...], word: str) -> None:
    program(site, "#!/bin/sh\n")
    program(site, "#!/bin/sh\n", "open")
    (site / "open").chmod(0o777)
    (site / "plain").write_text("no program")

    assert word in hands_on(site, *argv).prepare().refused


def test_without_a_folder_nothing_runs(tmp_path: Path) -> None:
    assert "no folder" in hands_on(tmp_path / "gone", "/bin/true").prepare().refused


def test_a_program_that_was_swapped_after_the_yes_is_not_run(site: Path) -> None:
    program(site, "#!/bin/sh\ntouch first\n")
    hands = hands_on(site, "./tool")
    hands.prepare()
    program(site, "#!/bin/sh\ntouch second\n")

    assert hands.touch().state is TouchState.REFUSED

    assert not {"first", "second"} & {path.name for path in site.iterdir()}
    assert hands.happened() is Happened.NO


def test_a_program_that_fails_may_have_done_half_and_nobody_can_know(site: Path) -> None:
    program(site, "#!/bin/sh\ntouch half\necho broke\nexit 3\n")
    hands = hands_on(site, "./tool")
    hands.prepare()

    touched = hands.touch()

    assert touched.state is TouchState.FAILED
    assert "ended with code 3: broke" in touched.detail
    assert hands.happened() is Happened.CANNOT_KNOW
    assert hands.touch().state is TouchState.REFUSED  # never a second time
    assert hands.undo().state is TouchState.REFUSED


def test_a_program_that_could_not_begin_has_done_nothing(site: Path) -> None:
    program(site, "#!/no/such/interpreter\n")
    hands = hands_on(site, "./tool")
    hands.prepare()

    assert hands.touch().state is TouchState.FAILED

    assert hands.happened() is Happened.NO


def test_a_run_that_was_cut_off_is_not_begun_again(site: Path, tmp_path: Path) -> None:
    program(site, "#!/bin/sh\ntouch again\n")
    hands = hands_on(site, "./tool")
    hands.prepare()
    Vault(tmp_path / "kept").note("r1.1", "begun")  # killed while it ran

    assert hands.happened() is Happened.CANNOT_KNOW
    assert hands.touch().state is TouchState.REFUSED
    assert not (site / "again").exists()


def test_at_the_deadline_it_is_ended_with_all_that_it_has_started(site: Path) -> None:
    program(site, "#!/bin/sh\nsleep 600 &\necho $! > child\nwait\n")
    hands = hands_on(site, "./tool", timeout_s=2.5)
    hands.prepare()

    touched = hands.touch()

    assert touched.state is TouchState.FAILED
    assert "was ended after" in touched.detail
    assert hands.happened() is Happened.CANNOT_KNOW
    assert _is_gone(int((site / "child").read_text()))


def _is_gone(pid: int) -> bool:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                if file.read().split()[2] == "Z":  # it waits for its parent alone
                    return True
        except (ProcessLookupError, FileNotFoundError):
            return True
    return False


def test_what_it_leaves_running_does_not_hold_us_up(site: Path) -> None:
    """A program that starts a daemon ends at once, and its daemon keeps the pipe."""
    program(site, "#!/bin/sh\nsetsid sleep 600 &\necho $! > child\necho started\n")
    hands = hands_on(site, "./tool")
    hands.prepare()
    try:
        touched = hands.touch()
    finally:
        os.kill(int((site / "child").read_text()), signal.SIGKILL)

    assert (touched.state, "started" in touched.detail) == (TouchState.DONE, True)


def test_of_a_flood_only_the_end_is_told_and_kept(site: Path) -> None:
    program(site, "#!{python}\nimport sys\nfor _ in range(4000): sys.stdout.write('x' * 10_000)\nprint('the end')\n")

    told = run(["./tool"], folder=str(site), timeout_s=60.0)

    assert told.endswith("the end")
    assert len(told) <= 300


def test_what_it_writes_is_told_without_secrets(site: Path) -> None:
    program(site, "#!/bin/sh\necho 'with hunter22-of-the-team and sk-ant-api03-0123456789abcdef0123456789'\n")

    told = run(["./tool"], folder=str(site), timeout_s=60.0, scrubber=Scrubber(("hunter22-of-the-team",)))

    assert "with" in told
    assert "hunter22" not in told
    assert "0123456789abcdef" not in told


def test_a_program_that_is_not_there_was_not_started(site: Path) -> None:
    with pytest.raises(NotStarted):
        run(["./gone"], folder=str(site), timeout_s=1.0)


def test_the_plan_shows_where_each_argument_begins_and_ends(site: Path) -> None:
    program(site, "#!/bin/sh\n")

    shown = hands_on(site, "./tool", "plain", "a b", "a  b", "x\ny", 'q"q', "\u202egnp").prepare().diff[0]

    assert shown == '+ ./tool plain "a b" "a \\u0020b" "x\\ny" "q\\"q" "\\u202egnp"'


def test_a_killed_hand_leaves_the_note_that_it_had_begun(site: Path, tmp_path: Path) -> None:
    """The real thing: our process dies while the program runs."""
    program(site, "#!/bin/sh\necho $$ > pid\nsleep 600\n")
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path; from test_run import hands_on\n"
        "hands = hands_on(Path(sys.argv[2]), './tool'); hands.prepare(); print(flush=True); hands.touch()\n"
    )
    argv = [sys.executable, "-c", script, str(Path(__file__).parent), str(site)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        end = time.monotonic() + 30
        while not (site / "pid").exists() or not (site / "pid").read_text().strip():
            assert time.monotonic() < end
        process.kill()
    os.killpg(int((site / "pid").read_text()), signal.SIGKILL)  # it has outlived us, as programs do

    assert hands_on(site, "./tool").happened() is Happened.CANNOT_KNOW
    assert hands_on(site, "./tool").touch().state is TouchState.REFUSED
