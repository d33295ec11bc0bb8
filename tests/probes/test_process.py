"""`process`, on real processes."""

from __future__ import annotations

import os
import signal
import socket
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crashcart.model.system import Target
from crashcart.ports import ProcessInfo
from crashcart.testing import FakePlace


def by_command(word: str) -> Target:
    return Target("worker", "worker", command=word)


@pytest.mark.row("process", "it runs")
def test_a_process_is_found_by_its_command(looking, start, word):
    start(word)
    start(word)

    fields = looking.seen("process", by_command(f"sh {word}")).fields

    assert fields["is_present"] is True
    assert fields["count"] == 2
    assert fields["status"] in ("sleeping", "running")
    assert 0 <= fields["age"] < 60
    assert fields["memory"] > 0
    assert fields["threads"] == 2
    assert fields["fds"] >= 6


@pytest.mark.row("process", "it does not run")
def test_no_process_is_seen_to_be_absent(looking, word):
    assert looking.seen("process", by_command(word)).fields == {
        "is_present": False, "count": 0, "families": 0, "status": "dead"
    }  # fmt: skip


def test_we_ourselves_are_never_the_target(looking):
    running = {process.pid: process for process in looking.place.processes()}
    looking.place = FakePlace(running=[replace(running[os.getpid()], command=("worker",))])

    fields = looking.seen("process", by_command("worker")).fields

    assert running[os.getpid()].is_ours
    assert running[os.getppid()].is_ours
    assert fields["is_present"] is False


@pytest.mark.row("process", "it was stopped by a signal")
def test_a_stopped_process_is_stopped(looking, start, word):
    process = start(word)
    process.send_signal(signal.SIGSTOP)
    os.waitpid(process.pid, os.WUNTRACED)

    fields = looking.seen("process", by_command(word)).fields

    assert (fields["status"], fields["is_present"]) == ("stopped", True)


@pytest.mark.row("process", "it ended and was not taken notice of")
def test_a_zombie_is_absent_and_a_zombie(looking, start, word, tmp_path):
    process = start(word, code="exit 0")
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    (tmp_path / "pid").write_text(f"{process.pid}\n")

    fields = looking.seen("process", Target("w", "worker", pid_file=str(tmp_path / "pid"), command=word)).fields

    assert (fields["status"], fields["is_present"], fields["count"]) == ("zombie", False, 0)


def test_a_pid_file_finds_one_of_many(looking, start, word, tmp_path):
    first, _ = start(word), start(word)
    (tmp_path / "pid").write_text(f"{first.pid}")

    assert looking.seen("process", Target("w", "worker", pid_file=str(tmp_path / "pid"))).fields["count"] == 1


@pytest.mark.row("process", "the pid file is gone")
def test_a_pid_file_that_is_gone_means_absent_unless_a_command_finds_it(looking, start, word, tmp_path):
    start(word)
    gone = str(tmp_path / "pid")

    assert looking.seen("process", Target("w", "worker", pid_file=gone)).fields["is_present"] is False
    assert looking.seen("process", Target("w", "worker", pid_file=gone, command=word)).fields["is_present"] is True


@pytest.mark.row("process", "the pid in the file belongs to another program")
def test_a_pid_that_was_given_to_another_program_is_noticed(looking, start, word, tmp_path):
    other = start("something-else")
    (tmp_path / "pid").write_text(str(other.pid))

    fields = looking.seen("process", Target("w", "worker", pid_file=str(tmp_path / "pid"), command=word)).fields

    assert fields["is_present"] is False


@pytest.mark.row("process", "the pid file may not be read")
def test_a_forbidden_pid_file_is_unseen(as_nobody, tmp_path):
    (tmp_path / "pid").write_text("1")
    (tmp_path / "pid").chmod(0)

    assert "not permitted to read the pid file" in as_nobody(
        "process", {"name": "w", "kind": "worker", "pid_file": str(tmp_path / "pid")}
    )


@pytest.mark.row("process", "the pid file holds no number")
@pytest.mark.parametrize("text", ["", "abc", "-1", "\xff"])
def test_a_pid_file_without_a_number_is_unseen(looking, tmp_path, text):
    (tmp_path / "pid").write_text(text)

    assert "holds no process id" in looking.unseen("process", Target("w", "worker", pid_file=str(tmp_path / "pid")))


def listening(start, word: str):
    """Start another process that listens, and return it with its port."""
    code = f"""exec {sys.executable} -c "
import socket, sys
listener = socket.create_server(('127.0.0.1', 0))
print(listener.getsockname()[1], flush=True)
sys.stdin.read()
" {word}"""
    process = start(word, code=code)
    return process, int(process.stdout.readline())


def test_a_listener_is_found_by_the_port_of_the_url(looking, start, word):
    _, port = listening(start, word)

    fields = looking.seen("process", Target("api", "http", {"url": f"http://localhost:{port}/v1"})).fields

    assert fields["count"] == 1


def test_nobody_on_the_port_is_absent(looking, closed_port):
    target = Target("api", "http", {"url": f"http://127.0.0.1:{closed_port}"})

    assert looking.seen("process", target).fields["is_present"] is False


@pytest.mark.row("process", "somebody listens on the port whose process is hidden from us")
def test_a_hidden_listener_is_unseen_and_not_absent(as_nobody, start, word):
    _, port = listening(start, word)

    reason = as_nobody("process", {"name": "api", "kind": "http", "attributes": {"url": f"http://127.0.0.1:{port}"}})

    assert f"not permitted to see which process listens on port {port}" in reason


@pytest.mark.row("process", "the url is elsewhere and nothing else is given")
@pytest.mark.parametrize("attributes", [{"url": "http://db.internal:80"}, {}])
def test_a_process_elsewhere_is_unseen(looking, attributes):
    assert "add command or pid_file" in looking.unseen("process", Target("api", "http", attributes))


def holding(path: Path) -> Target:
    return Target("db", "sqlite", {"path": str(path)})


@pytest.mark.row("process", "holders: somebody has the file open")
def test_holders_are_counted_under_any_name(looking, start, word, tmp_path):
    database = tmp_path / "app.db"
    database.write_bytes(b"x")
    (tmp_path / "link.db").symlink_to(database)
    for _ in range(2):
        start(word, str(tmp_path / "link.db"), code='exec 3<"$1"; echo open; read line').stdout.readline()

    fields = looking.seen("process", holding(database), "holders").fields

    assert (fields["is_held"], fields["count"]) == (True, 2)
    assert word in fields["commands"]


@pytest.mark.row("process", "holders: nobody has the file open")
def test_a_file_that_nobody_holds_is_free(looking, tmp_path):
    (tmp_path / "app.db").write_bytes(b"x")

    try:
        looking.place.holders(str(tmp_path / "app.db"))
    except PermissionError:
        looking.place = FakePlace(files={str(tmp_path / "app.db"): b"x"})  # some process here is hidden even from us
    fields = looking.seen("process", holding(tmp_path / "app.db"), "holders").fields

    assert fields == {"is_held": False, "count": 0, "commands": ""}


def test_we_do_not_count_ourselves_as_holders(looking, tmp_path):
    with (tmp_path / "app.db").open("wb"):
        outcome = looking.outcome("process", holding(tmp_path / "app.db"), "holders")

    assert getattr(outcome, "fields", {"count": 0})["count"] == 0


@pytest.mark.row("process", "holders: there is no such file")
def test_holders_of_a_missing_file_are_unseen(looking, tmp_path):
    assert looking.unseen("process", holding(tmp_path / "none"), "holders").startswith("no such file")


@pytest.mark.row("process", "holders: none seen, and those of other users are hidden")
def test_hidden_holders_are_unseen_and_not_nobody(as_nobody, open_folder):
    (open_folder / "app.db").write_bytes(b"x")

    reason = as_nobody(
        "process", {"name": "db", "kind": "sqlite", "attributes": {"path": str(open_folder / "app.db")}}, "holders"
    )

    assert "not permitted" in reason


def test_of_several_the_most_troubling_status_and_the_youngest_age(looking):
    now = datetime.now(UTC)

    def one(pid: int, status: str, minutes: int, rss: int | None) -> ProcessInfo:
        return ProcessInfo(pid, ("worker",), now - timedelta(minutes=minutes), status, "ann", rss, 1, None, ())

    looking.place = FakePlace(
        running=[one(1, "sleeping", 10, 100), one(2, "stopped", 5, 50), one(3, "zombie", 1, None)]
    )

    fields = looking.seen("process", by_command("worker")).fields

    assert fields["status"] == "zombie"
    assert fields["count"] == 2
    assert fields["memory"] == 150
    assert 299 < fields["age"] < 330
    assert "fds" not in fields  # not told for one, so there is no sum


def test_a_process_and_those_it_has_started_are_one_family(looking):
    def one(pid: int, parent: int) -> ProcessInfo:
        return ProcessInfo(pid, ("worker",), datetime.now(UTC), "running", "ann", 1, 1, None, (), parent=parent)

    looking.place = FakePlace(running=[one(10, 1), one(11, 10), one(12, 10), one(20, 1), one(21, 20)])

    assert looking.seen("process", by_command("worker")).fields["families"] == 2


def test_no_listening_process_of_the_test_itself_is_taken(looking):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        target = Target("api", "http", {"url": f"http://127.0.0.1:{listener.getsockname()[1]}"})

        assert "not permitted to see" in looking.unseen("process", target)


def test_both_ways_to_find_listeners_agree(start, word):
    import psutil

    from crashcart.probes import listening as module

    process, port = listening(start, word)

    assert port in module.listening(psutil.pids())[process.pid]
    assert port in module._by_psutil()[process.pid]
