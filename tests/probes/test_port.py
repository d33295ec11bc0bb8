"""`port`, on real listeners."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest

from crashcart.model.system import Target
from crashcart.ports import Connected, ProcessInfo
from crashcart.testing import NOON, FakePlace

Listen = Callable[[str], int]


@pytest.fixture
def listen(start) -> Listen:
    """Return a function that starts another process which listens, and returns its port."""

    def run(word: str) -> int:
        code = f"""exec {sys.executable} -c "
import socket, sys
listener = socket.create_server(('127.0.0.1', 0))
print(listener.getsockname()[1], flush=True)
sys.stdin.read()
" {word}"""
        return int(start(word, code=code).stdout.readline())

    return run


def at(port: int, **more: str) -> Target:
    return Target("api", "http", {"url": f"http://127.0.0.1:{port}/v1"}, **more)


@pytest.mark.row("port", "the target's own process listens")
def test_the_targets_own_process_is_told(looking, listen, word):
    port = listen(word)

    fields = looking.seen("port", at(port, command=word)).fields

    assert (fields["is_taken"], fields["owner"], fields["count"]) == (True, "own", 1)
    assert fields["own_ports"] == str(port)
    assert word in fields["command"]
    assert 0 <= fields["age"] < 60
    assert fields["user"]


@pytest.mark.row("port", "another process listens")
def test_another_process_on_the_port_is_told(looking, listen, word):
    fields = looking.seen("port", at(listen("somebody-else"), command=word)).fields

    assert (fields["is_taken"], fields["owner"], fields["own_ports"]) == (True, "other", "")
    assert "somebody-else" in fields["command"]


@pytest.mark.row("port", "nobody listens")
@pytest.mark.parametrize("command", ["", "no-such-command"])
def test_a_port_without_a_listener_is_free(looking, closed_port, command):
    fields = looking.seen("port", at(closed_port, command=command)).fields

    assert (fields["is_taken"], fields["owner"]) == (False, "nobody")


@pytest.mark.row("port", "the target listens elsewhere")
def test_where_the_target_listens_instead_is_told(looking, listen, word, closed_port):
    port = listen(word)

    fields = looking.seen("port", at(closed_port, command=word)).fields

    assert (fields["is_taken"], fields["own_ports"], fields["is_elsewhere"]) == (False, str(port), True)


def test_the_right_port_of_another_interface_is_elsewhere(looking, listen, word):
    target = Target("api", "http", {"url": f"http://127.0.0.2:{listen(word)}"}, command=word)

    fields = looking.seen("port", target).fields

    assert (fields["owner"], fields["is_elsewhere"]) == ("own", True)


def test_a_target_that_listens_where_it_should_is_not_elsewhere(looking, listen, word):
    assert looking.seen("port", at(listen(word), command=word)).fields["is_elsewhere"] is False


@pytest.mark.row("port", "neither command nor pid_file is known")
def test_without_a_command_the_owner_is_not_told(looking, listen, word):
    fields = looking.seen("port", at(listen(word))).fields

    assert fields["is_taken"] is True
    assert not {"owner", "own_ports"} & set(fields)


@pytest.mark.row("port", "the listener is hidden from us")
def test_a_hidden_listener_takes_the_port_all_the_same(looking):
    looking.place = FakePlace(connects={("127.0.0.1", 80): Connected("ok", 0.1)})

    assert looking.seen("port", at(80, command="app")).fields == {
        "is_taken": True, "own_ports": "", "is_elsewhere": False
    }  # fmt: skip


def test_another_port_can_be_asked_for(looking, closed_port):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        assert looking.seen("port", at(closed_port), port=str(port)).fields["is_taken"] is True


def test_of_several_that_share_a_port_the_oldest_is_shown(looking):
    def one(pid: int, minutes: int) -> ProcessInfo:
        return ProcessInfo(pid, ("app", str(pid)), NOON - timedelta(minutes=minutes), "running", "ann", 1, 1, 1, (80,))

    looking.place = FakePlace(running=[one(1, 5), one(2, 10)])

    fields = looking.seen("port", at(80, command="app 1")).fields

    assert (fields["pid"], fields["count"], fields["owner"]) == (2, 2, "own")


@pytest.mark.row("port", "the port is on another machine")
def test_ports_elsewhere_are_unseen(looking):
    target = Target("api", "http", {"url": "http://api.internal:80"})

    assert "not on this machine" in looking.unseen("port", target)


@pytest.mark.row("port", "nothing says which port")
def test_without_a_port_nothing_is_seen(looking):
    assert looking.unseen("port", Target("db", "tcp", {"url": "odd://127.0.0.1"})).startswith("no port")


@pytest.mark.row("port", "its address is not known")
def test_without_an_address_nothing_is_seen(looking):
    assert looking.unseen("port", Target("w", "worker")) == "w has no url in the system file"


@pytest.mark.row("port", "the pid file may not be read")
def test_a_forbidden_pid_file_is_unseen(as_nobody, tmp_path):
    (tmp_path / "pid").write_text("1")
    (tmp_path / "pid").chmod(0)
    target = {
        "name": "api",
        "kind": "http",
        "attributes": {"url": "http://127.0.0.1:80"},
        "pid_file": f"{tmp_path}/pid",
    }

    assert "not permitted to read the pid file" in as_nobody("port", target)
