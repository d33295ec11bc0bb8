"""`service`, on real supervisords."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from xmlrpc.client import ServerProxy

import pytest
from supervisor.xmlrpc import SupervisorTransport

from crashcart.model.system import Target
from crashcart.ports import ProcessInfo, Program, Supervised
from crashcart.testing import NOON, FakePlace

SETTINGS = """\
[{section}]
{door}
{login}
[supervisord]
nodaemon = true
logfile = %(here)s/supervisord.log
pidfile = %(here)s/supervisord.pid
childlogdir = %(here)s
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
# What each of them does is its name; `read line` waits for ever, as supervisord keeps the other end of the pipe.
PROGRAMS = {
    "lasting": 'command = sh -c "read line"',
    "obeying": 'command = sh -c "read line"',
    "untouched": 'command = sh -c "read line"\nautostart = false',
    "stubborn": 'command = sh -c "trap : TERM; echo; while :; do read line; done"\nstopwaitsecs = 60',
    "looping": 'command = sh -c "exit 3"\nstartsecs = 0',
    "waiting": 'command = sh -c "exit 4"\nstartsecs = 60\nstartretries = 1000',
    "hopeless": 'command = sh -c "exit 5"\nstartsecs = 60\nstartretries = 0',
    "nowhere": "command = /nowhere/at/all --token hunter2\nstartretries = 0",
    "finished": 'command = sh -c "exit 0"\nstartsecs = 0\nautorestart = unexpected',
    "broken": 'command = sh -c "exit 6"\nstartsecs = 0\nautorestart = false',
    "mortal": 'command = sh -c "read line"\nstartsecs = 0\nautorestart = false',
    "phoenix": 'command = sh -c "read line"\nstartsecs = 0',
    "twins": 'command = sh -c "read line"\nnumprocs = 2\nprocess_name = %(program_name)s_%(process_num)d\nstartsecs = 0',
}


@dataclass
class Keeper:
    """A supervisord that runs, and what it has said so far."""

    settings: Path
    process: subprocess.Popen[str]

    def target(self, name: str) -> Target:
        return Target("app", "worker", service=f"supervisor:{name}", touch={"supervisor": (str(self.settings),)})

    def await_line(self, *wanted: str) -> None:
        """Read on until each of these was said."""
        missing = set(wanted)
        assert self.process.stdout is not None
        while missing:
            line = self.process.stdout.readline()
            assert line, f"it ended without a word of {missing}"
            missing = {text for text in missing if text not in line}


def start_keeper(folder: Path, programs: str = "", door: str = "", login: str = "") -> Keeper:
    section = "inet_http_server" if door else "unix_http_server"
    settings = folder / "supervisord.conf"
    text = SETTINGS.format(section=section, door=door or "file = %(here)s/s.sock", login=login)
    settings.write_text(text + programs)
    process = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(settings)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder,
    )  # fmt: skip
    keeper = Keeper(settings, process)
    keeper.await_line("supervisord started with pid")
    return keeper


def end_keeper(keeper: Keeper) -> None:
    if keeper.process.poll() is not None:
        return
    keeper.process.terminate()
    keeper.process.communicate()


@pytest.fixture(scope="module")
def keeper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keeper]:
    programs = "".join(f"[program:{name}]\n{text}\n" for name, text in PROGRAMS.items())
    keeper = start_keeper(tmp_path_factory.mktemp("kept"), programs)
    keeper.await_line(
        *(f"success: {name}" for name in ("lasting", "obeying", "stubborn")),
        "gave up: hopeless", "gave up: nowhere", "exited: finished", "exited: broken", "success: phoenix", "success: mortal",
        "success: twins_1", "exited: waiting",
    )  # fmt: skip
    yield keeper
    end_keeper(keeper)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Callable[..., Keeper]]:
    """Return a function that starts another supervisord in the test's folder."""
    started: list[Keeper] = []

    def run(*args: str, **more: str) -> Keeper:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(start_keeper(folder, *args, **more))
        return started[-1]

    yield run
    for one in started:
        end_keeper(one)


def stop(keeper: Keeper, name: str, *, is_awaited: bool = True) -> None:
    transport = SupervisorTransport("", "", f"unix://{keeper.settings.parent}/s.sock")
    ServerProxy("http://127.0.0.1", transport=transport).supervisor.stopProcess(name, is_awaited)
    transport.close()


@pytest.mark.row("service", "it runs")
def test_a_running_program_tells_since_when(looking, keeper):
    fields = looking.seen("service", keeper.target("lasting")).fields

    assert (fields["state"], fields["end"], fields["starts"], fields["ends"]) == ("running", "none", 1, 0)
    assert (fields["is_restarting"], fields["is_failing"]) == (False, False)
    assert 0 <= fields["uptime"] < 120
    assert looking.place.process(fields["pid"]).command[:2] == ("sh", "-c")
    assert "ended" not in fields


@pytest.mark.row("service", "somebody stopped it")
def test_a_stop_through_the_supervisor_is_told_from_an_end(looking, keeper):
    stop(keeper, "obeying")

    fields = looking.seen("service", keeper.target("obeying")).fields

    assert (fields["state"], fields["end"], fields["signal"], fields["is_failing"]) == (
        "stopped", "asked", "SIGTERM", False,
    )  # fmt: skip
    assert 0 <= fields["ended"] < 60
    assert not {"uptime", "pid", "exit_status"} & set(fields)


@pytest.mark.row("service", "it was never started")
def test_what_was_never_started_has_no_end(looking, keeper):
    fields = looking.seen("service", keeper.target("untouched")).fields

    assert (fields["state"], fields["end"], fields["starts"]) == ("stopped", "none", 0)


@pytest.mark.row("service", "somebody stops it and it does not end")
def test_a_stop_that_does_not_end_is_stopping(looking, keeper):
    before = looking.seen("service", keeper.target("stubborn")).fields
    stop(keeper, "stubborn", is_awaited=False)

    fields = looking.seen("service", keeper.target("stubborn")).fields
    os.kill(int(before["pid"]), signal.SIGKILL)

    assert (fields["state"], fields["pid"]) == ("stopping", before["pid"])


@pytest.mark.row("service", "it ends right after each start")
@pytest.mark.parametrize(("name", "status"), [("looping", 3), ("waiting", 4)])
def test_a_program_that_ends_again_and_again_is_restarting(looking, keeper, name, status):
    seen = looking.seen("service", keeper.target(name)).fields
    while seen["ends"] < 2:
        seen = looking.seen("service", keeper.target(name)).fields

    assert seen["state"] in ("starting", "running", "backoff", "exited")
    assert (seen["end"], seen["exit_status"], seen["is_failing"]) == ("failed", status, True)
    assert seen["is_restarting"] or seen["state"] == "exited"
    assert seen["starts"] >= 2


@pytest.mark.row("service", "it ended too early so often that it was given up")
def test_what_was_given_up_has_its_status_from_the_log(looking, keeper):
    fields = looking.seen("service", keeper.target("hopeless")).fields

    assert (fields["state"], fields["end"], fields["exit_status"]) == ("fatal", "failed", 5)
    assert (fields["is_failing"], fields["is_restarting"]) == (True, False)


@pytest.mark.row("service", "its command is not there")
def test_a_command_that_is_not_there_is_unstartable(looking, keeper):
    fields = looking.seen("service", keeper.target("nowhere")).fields

    assert (fields["state"], fields["end"]) == ("fatal", "unstartable")
    assert fields["detail"] == "can't find command '/nowhere/at/all'"
    assert "exit_status" not in fields


@pytest.mark.row("service", "it ended by itself and is not started again")
@pytest.mark.parametrize(("name", "end", "status"), [("finished", "done", 0), ("broken", "failed", 6)])
def test_an_end_is_told_with_its_status(looking, keeper, name, end, status):
    fields = looking.seen("service", keeper.target(name)).fields

    assert (fields["state"], fields["end"], fields["exit_status"]) == ("exited", end, status)
    assert fields["is_failing"] is (end == "failed")


@pytest.mark.row("service", "it was killed by a signal")
def test_a_kill_is_told_from_an_exit(looking, keeper):
    pid = looking.seen("service", keeper.target("mortal")).fields["pid"]
    os.kill(int(pid), signal.SIGKILL)
    keeper.await_line("exited: mortal")

    fields = looking.seen("service", keeper.target("mortal")).fields

    assert (fields["state"], fields["end"], fields["signal"]) == ("exited", "killed", "SIGKILL")
    assert "exit_status" not in fields


@pytest.mark.row("service", "it was killed and started again")
def test_what_was_killed_and_started_again_still_tells(looking, keeper):
    first = looking.seen("service", keeper.target("phoenix")).fields
    os.kill(int(first["pid"]), signal.SIGSEGV)
    keeper.await_line("exited: phoenix")
    keeper.await_line("success: phoenix")

    fields = looking.seen("service", keeper.target("phoenix")).fields

    assert (fields["state"], fields["end"], fields["signal"]) == ("running", "killed", "SIGSEGV")
    assert (fields["starts"], fields["ends"], fields["is_restarting"]) == (2, 1, False)
    assert fields["pid"] != first["pid"]


@pytest.mark.row("service", "several processes have that name")
def test_of_several_the_most_troubling_is_shown(looking, keeper):
    stop(keeper, "twins:twins_0")

    for name in ("twins", "twins:*"):
        fields = looking.seen("service", keeper.target(name)).fields
        assert (fields["count"], fields["running"], fields["state"]) == (2, 1, "stopped")
    assert looking.seen("service", keeper.target("twins:twins_1")).fields["state"] == "running"


@pytest.mark.row("service", "supervisord knows no such program")
def test_a_program_that_supervisord_does_not_know_is_absent(looking, keeper, word):
    assert looking.seen("service", keeper.target(word)).fields == {"state": "absent"}


@pytest.mark.row("service", "supervisord does not run")
def test_without_its_supervisord_a_program_is_unmanaged(looking, fresh, word):
    keeper = fresh()
    end_keeper(keeper)

    assert looking.seen("service", keeper.target(word)).fields == {"state": "unmanaged"}
    by_socket = replace(keeper.target(word), touch={"supervisor": (f"{keeper.settings.parent}/s.sock",)})
    assert looking.seen("service", by_socket).fields == {"state": "unmanaged"}


def test_its_socket_alone_is_enough(looking, keeper):
    target = replace(keeper.target("lasting"), touch={"supervisor": (str(keeper.settings.parent / "s.sock"),)})

    assert looking.seen("service", target).fields["state"] == "running"


def test_a_look_that_stays_samples_its_numbers(looking, keeper):
    seen = looking.seen("service", keeper.target("lasting"), over_s=0.1)

    assert {"uptime", "starts", "ends"} <= set(seen.watched)


# --- what cannot be had ------------------------------------------------------------------------------------------------


def program(**changes: object) -> Program:
    started_at, ended_at = NOON - timedelta(seconds=20), NOON - timedelta(seconds=22)
    return replace(Program("app", "app", "running", 7, started_at, ended_at, None, ""), **changes)


def fake(log: str = "", **changes: object) -> FakePlace:
    return FakePlace(supervisors={"/s.conf": Supervised("ok", "/s.sock", NOON, (program(**changes),), log)})


APP = Target("app", "worker", service="supervisor:app", touch={"supervisor": ("/s.conf",)})


@pytest.mark.row("service", "supervisord's own log cannot be had")
def test_without_the_log_of_supervisord_what_it_forgot_is_not_told(looking):
    looking.place = fake()

    fields = looking.seen("service", APP).fields

    assert (fields["state"], fields["uptime"], fields["ended"]) == ("running", 20.0, 22.0)
    assert not {"end", "exit_status", "signal", "starts", "ends", "is_restarting", "is_failing"} & set(fields)


@pytest.mark.parametrize(
    ("state", "status", "error", "end"),
    [
        ("exited", -1, "Bad exit code -1", "killed"),
        ("exited", 2, "Bad exit code 2", "failed"),
        ("exited", 0, "", "done"),
        ("stopped", -1, "", "asked"),
    ],
)
def test_what_stays_down_needs_no_log(looking, state, status, error, end):
    looking.place = fake(state=state, pid=None, exit_status=status, error=error)

    fields = looking.seen("service", APP).fields

    assert fields["end"] == end
    assert fields.get("exit_status") == (status if status >= 0 else None)


@pytest.mark.parametrize("zone", ["17:29", "11:59", "02:14"])  # of three zones, at a quarter to, at sharp, at a quarter
def test_the_log_may_be_in_any_zone(looking, zone):
    zone_at = {"17:29": timedelta(hours=5, minutes=30), "11:59": timedelta(), "02:14": timedelta(hours=-9, minutes=-45)}
    at = (NOON + zone_at[zone] - timedelta(seconds=22)).strftime("%Y-%m-%d %H:%M:%S")
    looking.place = fake(f"{at},100 WARN exited: app (exit status 9; not expected)\n")

    fields = looking.seen("service", APP).fields

    assert (fields["end"], fields["exit_status"], fields["ends"]) == ("failed", 9, 1)


def test_lines_of_another_life_or_another_program_are_not_taken(looking):
    looking.place = fake(
        "2024-05-01 11:51:00,100 WARN exited: app (exit status 9; not expected)\n"
        "2024-05-01 11:59:38,100 WARN exited: app2 (exit status 8; not expected)\n"
        "2024-05-01 11:59:38,100 WARN exited: my app (exit status 7; not expected)\n"
    )

    assert "end" not in looking.seen("service", APP).fields


def test_ends_of_long_ago_are_not_counted(looking):
    looking.place = fake(
        "2024-05-01 11:50:00,100 WARN exited: app (exit status 9; not expected)\n"
        "2024-05-01 11:59:38,100 WARN exited: app (terminated by SIGABRT (core dumped); not expected)\n"
    )

    fields = looking.seen("service", APP).fields

    assert (fields["ends"], fields["is_restarting"], fields["signal"]) == (1, False, "SIGABRT")


@pytest.mark.row("service", "its socket is not for us")
def test_a_forbidden_socket_is_unseen(as_nobody, fresh, open_folder):
    keeper = fresh()
    keeper.settings.parent.chmod(0o755)

    target = {"name": "app", "kind": "worker", "service": "supervisor:app"}
    reason = as_nobody("service", {**target, "touch": {"supervisor": [str(keeper.settings)]}})

    assert "not permitted to ask supervisord" in reason


@pytest.mark.row("service", "it asks for another password")
def test_a_wrong_password_is_unseen_and_is_not_shown(looking, fresh, closed_port):
    keeper = fresh(door=f"port = 127.0.0.1:{closed_port}", login="username = ann\npassword = right-one")
    own = keeper.target("app")
    other = keeper.settings.with_name("other.conf")
    other.write_text(keeper.settings.read_text().replace("right-one", "wrong-one"))

    assert looking.seen("service", own).fields == {"state": "absent"}
    reason = looking.unseen("service", replace(own, touch={"supervisor": (str(other),)}))
    assert "not permitted to ask supervisord" in reason
    assert "wrong-one" not in reason


@pytest.mark.row("service", "its settings may not be read")
def test_forbidden_settings_are_unseen(as_nobody, tmp_path):
    (tmp_path / "s.conf").write_text("")
    (tmp_path / "s.conf").chmod(0)

    target = {"name": "app", "kind": "worker", "service": "supervisor:app"}

    assert "not permitted to read" in as_nobody("service", {**target, "touch": {"supervisor": [f"{tmp_path}/s.conf"]}})


def at_settings(path: Path, text: str) -> Target:
    path.write_text(text)
    return replace(APP, touch={"supervisor": (str(path),)})


@pytest.mark.row("service", "its settings do not say where it listens")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[supervisord]\n", "names no socket"),
        ("file = /x.sock\n", "is no settings file of supervisord"),
        ("[unix_http_server]\nfile = %(nothing_known)s/x.sock\n", "holds an expression"),
    ],
)
def test_settings_without_a_door_are_unseen(looking, tmp_path, text, told):
    assert told in looking.unseen("service", at_settings(tmp_path / "s.conf", text))


@pytest.mark.row("service", "it listens on another machine")
@pytest.mark.parametrize(
    "text",
    ["[supervisorctl]\nserverurl = http://keeper.internal:9001\n", "[inet_http_server]\nport = 192.0.2.1:9001\n"],
)
def test_a_supervisord_elsewhere_is_not_asked(looking, tmp_path, text):
    assert "not listen on this machine" in looking.unseen("service", at_settings(tmp_path / "s.conf", text))


@pytest.mark.row("service", "supervisord does not answer in time")
def test_a_supervisord_that_hangs_is_unseen(looking, tmp_path, monkeypatch):
    monkeypatch.setattr("crashcart.probes.service.which.TIMEOUT_S", 0.1)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.sock"))
        listener.listen()

        reason = looking.unseen("service", replace(APP, touch={"supervisor": (str(tmp_path / "s.sock"),)}))

    assert "did not answer within 0.1 s" in reason


@pytest.mark.row("service", "something else answers there")
def test_another_server_there_is_no_supervisord(looking, http_server, tmp_path):
    port = http_server.url.rpartition(":")[2]

    reason = looking.unseen("service", at_settings(tmp_path / "s.conf", f"[inet_http_server]\nport = {port}\n"))

    assert reason == f"what answers at 127.0.0.1:{port} is no supervisord"


# --- which supervisord -------------------------------------------------------------------------------------------------


def supervisord(pid: int, *words: str) -> ProcessInfo:
    return ProcessInfo(pid, words, NOON, "running", "root", 1, 1, 1, ())


ANYWHERE = replace(APP, touch={})


def test_a_running_supervisord_is_found_by_the_settings_it_was_given(looking, keeper):
    target = replace(keeper.target("lasting"), touch={})

    found = [process for process in looking.place.processes() if process.pid == keeper.process.pid]
    looking.place.processes = lambda: found

    assert looking.seen("service", target).fields["state"] == "running"


@pytest.mark.parametrize(
    "words",
    [
        ("/usr/bin/python3", "/usr/bin/supervisord", "-n", "-c", "/s.conf"),
        ("/usr/bin/supervisord", "-c/s.conf"),
        ("supervisord", "--configuration=/s.conf"),
        ("python3", "-m", "supervisor.supervisord", "--configuration", "/s.conf"),
    ],
)
def test_settings_are_read_off_every_form_of_its_command(looking, words):
    looking.place = fake()
    looking.place.running = [supervisord(1, *words)]

    assert looking.seen("service", ANYWHERE).fields["state"] == "running"


@pytest.mark.row("service", "several supervisords know the name")
def test_two_that_know_the_name_are_none_too_many(looking):
    looking.place = fake()
    looking.place.supervisors["/other.conf"] = looking.place.supervisors["/s.conf"]
    looking.place.running = [
        supervisord(1, "supervisord", "-c", "/s.conf"),
        supervisord(2, "supervisord", "-c", "/other.conf"),
    ]

    reason = looking.unseen("service", ANYWHERE)

    assert "2 supervisords know the program app" in reason
    assert "[targets.app.touch]" in reason


@pytest.mark.row("service", "another supervisord than the named one knows the name")
@pytest.mark.parametrize("state", ["ok", "absent"])
def test_another_one_that_knows_the_name_is_not_taken_for_the_named_one(looking, state):
    looking.place = fake()
    looking.place.supervisors["/named.conf"] = Supervised(state, "/named.sock", NOON)
    looking.place.running = [supervisord(1, "supervisord", "-c", "/s.conf")]

    reason = looking.unseen("service", replace(APP, touch={"supervisor": ("/named.conf",)}))

    assert "another supervisord than that of /named.conf knows the program app" in reason


@pytest.mark.row("service", "nothing says where its supervisord is")
def test_without_any_supervisord_it_is_said_what_to_add(looking):
    looking.place = FakePlace(running=[supervisord(1, "supervisord", "-c", "relative.conf")])

    assert "`supervisor` in [targets.app.touch]" in looking.unseen("service", ANYWHERE)


@pytest.mark.row("service", "systemd starts and stops it")
def test_systemd_is_not_asked_and_that_is_said(looking):
    reason = looking.unseen("service", replace(APP, service="systemd:app.service"))

    assert reason.endswith("`systemctl status app.service` tells")


@pytest.mark.row("service", "the system file does not say who starts it")
def test_without_a_service_nothing_is_seen(looking):
    assert looking.unseen("service", Target("app", "worker")) == "app has no service in the system file"
