"""Webhooks go out until they arrive, and come in only when they are signed, fresh and new."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import shutil
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, HTTPException

from crashcart_lab.digest.api import webhooks
from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage import schema
from crashcart_lab.digest.storage.database import Database
from crashcart_lab.digest.storage.deliveries import Delivery, DeliveryStore
from crashcart_lab.digest.storage.jobs import Job, JobStore, Order
from crashcart_lab.digest.webhooks import sender as sending
from crashcart_lab.digest.webhooks.inbox import Inbox, Refused
from crashcart_lab.digest.webhooks.outbox import announce
from crashcart_lab.digest.webhooks.sender import Sender
from crashcart_lab.neighbours.receiver import Listener

SECRET = "a shared secret"
SOON = timedelta(seconds=1)  # a message is due at once; this much later it surely is
LATER = timedelta(minutes=3)  # a claim is over by then


@dataclass
class Receiver:
    """Somebody else's server: answers as told, 200 when not told, and keeps what it got."""

    answers: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    got: list[tuple[bytes, str]] = field(default_factory=list)
    waits: threading.Event | None = None
    url: str = ""

    @property
    def messages(self) -> list[dict[str, object]]:
        return [json.loads(body) for body, _ in self.got]


@contextmanager
def listening(receiver: Receiver) -> Iterator[None]:
    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append((body, self.headers["X-Signature"]))
            if receiver.waits is not None:
                receiver.waits.wait(10)
            status, headers = receiver.answers.popleft() if receiver.answers else (200, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    server = Listener(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield
    finally:
        if receiver.waits is not None:
            receiver.waits.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    fresh = Receiver()
    with listening(fresh):
        yield fresh


@pytest.fixture
def settings(tmp_path: Path, receiver: Receiver) -> Settings:
    return Settings(
        _env_file=None,
        database_path=tmp_path / "summaries.db",
        webhook_url=receiver.url,
        webhook_secret=SECRET,
        webhook_attempts=3,
        webhook_backoff_s=2,
    )


@pytest.fixture(scope="module")
def _empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database: migrating takes longer than a test."""
    path = tmp_path_factory.mktemp("empty") / "summaries.db"
    fresh = Database(Settings(_env_file=None, database_path=path))
    schema.prepare(fresh, may_migrate=True)
    fresh.close()
    return path


@pytest.fixture
def database(settings: Settings, _empty: Path) -> Iterator[Database]:
    shutil.copyfile(_empty, settings.database_path)
    fresh = Database(settings)
    yield fresh
    fresh.close()


def announce_one(database: Database, settings: Settings, job_id: str = "job1") -> None:
    with database.writing() as db:
        announce(db, settings, "scrape_completed", job_id=job_id, summary_id=7)


def send(database: Database, settings: Settings, at: datetime) -> int:
    return asyncio.run(Sender(settings, database).send_due(at))


def soon() -> datetime:
    return datetime.now(UTC) + SOON


def dead(database: Database) -> list[Delivery]:
    return DeliveryStore(database).dead_letters(limit=10, offset=0)


def states(database: Database) -> list[tuple[str, int]]:
    with database.reading() as db:
        rows = db.exec_driver_sql("SELECT status, attempts FROM deliveries ORDER BY created_at").all()
    return [(row[0], row[1]) for row in rows]


def test_what_is_announced_arrives_once_and_signed(database: Database, settings: Settings, receiver: Receiver):
    announce_one(database, settings)

    assert send(database, settings, soon()) == 1
    assert send(database, settings, soon() + LATER) == 0

    [(body, signature)] = receiver.got
    message = json.loads(body)
    assert signature == hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert set(message) == {"id", "event", "job_id", "summary_id", "sent_at"}
    assert (message["event"], message["job_id"], message["summary_id"]) == ("scrape_completed", "job1", 7)
    assert abs(datetime.fromisoformat(message["sent_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert states(database) == [("delivered", 1)]


def test_nothing_is_announced_without_an_address_or_by_a_transaction_that_fails(database: Database, settings: Settings):
    quiet = settings.model_copy(update={"webhook_url": None})

    announce_one(database, quiet)
    with database.writing() as db:
        announce(db, settings, "scrape_failed", job_id="job1", summary_id=None)
        db.rollback()

    assert states(database) == []


def test_a_failed_message_waits_twice_as_long_each_time_and_is_then_a_dead_letter(
    database: Database, settings: Settings, receiver: Receiver, caplog: pytest.LogCaptureFixture
):
    receiver.answers.extend([(500, {}), (302, {"Location": receiver.url}), (404, {})])
    announce_one(database, settings)
    at = soon()

    tried = [send(database, settings, at + timedelta(seconds=s)) for s in (0, 1.9, 2.1, 6.0, 6.2, 3600)]

    assert tried == [1, 0, 1, 0, 1, 0]
    assert len(receiver.got) == 3  # the redirect was not followed
    [letter] = dead(database)
    assert (letter.attempts, letter.error) == (3, "the receiver answered 404")
    said = [record.getMessage() for record in caplog.records if record.name == sending.__name__]
    assert said == [
        f"webhook {letter.id} failed: the receiver answered 500; attempt 1 of 3, next in 2 s",
        f"webhook {letter.id} failed: the receiver answered 302, and redirects are not followed; "
        "attempt 2 of 3, next in 4 s",
        f"webhook {letter.id} failed: the receiver answered 404; attempt 3 of 3, given up",
    ]


@pytest.mark.parametrize(
    ("header", "not_yet_s", "due_s"),
    [
        ("30", 29, 31),
        ("999999999999", 3599, 3601),
        ("in a while", 1.9, 2.1),
        ("Mon, 01 Jan 2001 00:00:00 GMT", 1.9, 2.1),
    ],
)
def test_a_receiver_may_ask_for_a_longer_wait_within_bounds(
    database: Database, settings: Settings, receiver: Receiver, header: str, not_yet_s: float, due_s: float
):
    receiver.answers.append((503, {"Retry-After": header}))
    announce_one(database, settings)
    at = soon()

    tried = [send(database, settings, at + timedelta(seconds=s)) for s in (0, not_yet_s, due_s)]

    assert tried == [1, 0, 1]


def test_a_receiver_that_never_answers_or_is_not_there_is_a_failure(database: Database, settings: Settings):
    deaf = Receiver(waits=threading.Event())
    hasty = settings.model_copy(update={"webhook_timeout_s": 0.1, "webhook_attempts": 1})
    with listening(deaf):
        announce_one(database, hasty)
        send(database, hasty.model_copy(update={"webhook_url": deaf.url}), soon())
    announce_one(database, hasty)
    send(database, hasty.model_copy(update={"webhook_url": deaf.url}), soon())

    refused, unanswered = (letter.error for letter in dead(database))

    assert unanswered == "no answer within 0.1 s"
    assert refused is not None
    assert refused.startswith("ConnectError: ")


def test_two_senders_share_the_work_and_double_nothing(database: Database, settings: Settings, receiver: Receiver):
    for n in range(20):
        announce_one(database, settings, f"job{n}")
    other = Database(settings)

    async def both() -> int:
        senders = [Sender(settings, database), Sender(settings, other)]
        at, total = soon(), 0
        while sent := sum(await asyncio.gather(*(one.send_due(at) for one in senders))):
            total += sent
        return total

    total = asyncio.run(both())
    other.close()

    assert total == 20
    assert sorted(str(one["job_id"]) for one in receiver.messages) == sorted(f"job{n}" for n in range(20))
    assert set(states(database)) == {("delivered", 1)}


def test_what_a_process_was_sending_when_it_died_is_sent_by_the_next(
    database: Database, settings: Settings, receiver: Receiver
):
    announce_one(database, settings)
    at = soon()
    [claimed] = DeliveryStore(database).claim_due(at, url=receiver.url, lease_s=60, limit=8)

    assert send(database, settings, at + timedelta(seconds=59)) == 0
    assert send(database, settings, at + timedelta(seconds=61)) == 1

    assert [one["id"] for one in receiver.messages] == [claimed.id]
    assert not DeliveryStore(database).dead(claimed, error="a late end of the first attempt")
    assert states(database) == [("delivered", 2)]


def test_the_loop_sends_when_woken_and_stops_when_cancelled(
    database: Database, settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sending, "POLL_S", 60.0)

    async def wake_and_stop() -> None:
        sender = Sender(settings, database)
        task = asyncio.create_task(sender.run())
        await asyncio.sleep(0)
        announce_one(database, settings)
        while states(database) != [("delivered", 1)]:
            sender.wake()
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(wake_and_stop(), 20))

    assert len(receiver.got) == 1


def test_the_loop_goes_on_after_an_error_of_the_database(
    settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(sending, "TROUBLE_S", 0.01)
    early = Database(settings)  # it has no tables yet

    async def outlast() -> None:
        task = asyncio.create_task(Sender(settings, early).run())
        while not any("webhooks cannot be sent for now" in record.message for record in caplog.records):
            await asyncio.sleep(0.01)
        schema.prepare(early, may_migrate=True)
        announce_one(early, settings)
        while not receiver.got:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(asyncio.wait_for(outlast(), 20))
    early.close()

    assert len(receiver.got) == 1


@dataclass
class Client:
    """The routes, as they are added to the service, without what else the service has."""

    app: FastAPI
    orders: list[Order] = field(default_factory=list)
    trouble: HTTPException | None = None

    def call(self, method: str, path: str, **more: object) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://digest") as http:
                return await http.request(method, path, **more)  # type: ignore[arg-type]

        return asyncio.run(once())

    def post(self, message: dict[str, object], *, signature: str | None = None) -> httpx.Response:
        body = json.dumps(message).encode()
        return self.call("POST", "/webhook", content=body, headers={"X-Signature": signature or signed(body)})


@pytest.fixture
def client(database: Database, settings: Settings) -> Client:
    fresh = Client(FastAPI())

    async def submit(order: Order) -> Job:
        if fresh.trouble is not None:
            raise fresh.trouble
        fresh.orders.append(order)
        return await asyncio.to_thread(JobStore(database).add, order)

    webhooks.add(fresh.app, inbox=Inbox(settings, database), deliveries=DeliveryStore(database), submit=submit)
    return fresh


def signed(body: bytes) -> str:
    return hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def message(event: str = "ping", **fields: object) -> dict[str, object]:
    return {"id": uuid.uuid4().hex, "event": event, "sent_at": datetime.now(UTC).isoformat(), **fields}


def test_a_ping_is_accepted_and_asks_for_nothing(client: Client):
    answer = client.post(message(sent_at=time.time()))

    assert (answer.status_code, answer.json()) == (200, {"accepted": True, "job_id": None})
    assert client.orders == []


def test_a_signed_request_becomes_a_job(client: Client, database: Database):
    wish = message("scrape_requested", url="http://docs.example/", max_pages=4, tags=["a", "b"])

    answer = client.post(wish)

    assert client.orders == [Order("http://docs.example/", 4, 3, ("a", "b"))]
    job = JobStore(database).get(answer.json()["job_id"])
    assert job is not None
    assert job.order == client.orders[0]


@pytest.mark.parametrize("signature", [None, "", "0" * 64, "é", "\udcff"])
def test_a_message_with_no_or_a_wrong_signature_is_refused(
    database: Database, settings: Settings, signature: str | None
):
    body = json.dumps(message()).encode()

    with pytest.raises(Refused, match=r"^Invalid signature$") as caught:
        Inbox(settings, database).accept(body, signature)

    assert caught.value.status == 401


def test_a_missing_signature_and_a_changed_body_are_401_over_http(client: Client):
    body = json.dumps(message()).encode()

    missing = client.call("POST", "/webhook", content=body)
    changed = client.call("POST", "/webhook", content=body + b" ", headers={"X-Signature": signed(body)})
    odd = client.call("POST", "/webhook", content=body, headers={"X-Signature": b"\xff\xfe"})

    assert [answer.status_code for answer in (missing, changed, odd)] == [401, 401, 401]
    assert missing.json()["detail"] == "Invalid signature"


def test_without_a_secret_nothing_is_accepted(database: Database, settings: Settings):
    """An unset secret must not become an empty key that everybody knows."""
    body = json.dumps(message()).encode()
    off = settings.model_copy(update={"webhook_secret": None, "webhook_url": None})

    with pytest.raises(Refused, match="WEBHOOK_SECRET is not set") as caught:
        Inbox(off, database).accept(body, hmac.new(b"", body, hashlib.sha256).hexdigest())

    assert caught.value.status == 403


def test_a_replayed_message_is_refused(client: Client):
    wish = message("scrape_requested", url="http://docs.example/")

    answers = [client.post(wish).status_code for _ in range(3)]

    assert answers == [200, 409, 409]
    assert len(client.orders) == 1


def test_a_stale_or_early_message_is_refused_and_one_at_the_edge_is_not(client: Client):
    def at(offset_s: float) -> int:
        return client.post(message(sent_at=(datetime.now(UTC) + timedelta(seconds=offset_s)).isoformat())).status_code

    assert [at(-301), at(302), at(-290), at(290)] == [401, 401, 200, 200]


@pytest.mark.parametrize(
    "wrong",
    [
        {"event": "reboot_requested"},
        {"id": ""},
        {"id": None},
        {"sent_at": "yesterday"},
        {"sent_at": "2030-01-01T00:00:00"},  # whose clock?
        {"sent_at": None},
        {"event": "scrape_requested"},
        {"event": "scrape_requested", "url": "file:///etc/passwd"},
        {"event": "scrape_requested", "url": "http://docs.example/", "max_pages": 51},
        {"event": "scrape_requested", "url": "http://docs.example/", "tags": ["a,b"]},
    ],
)
def test_a_signed_message_that_is_not_understood_is_refused_and_may_come_again_corrected(
    client: Client, wrong: dict[str, object]
):
    right = message()

    refused = client.post({**right, **wrong})

    assert refused.status_code == 422
    assert client.orders == []
    assert client.post(right).status_code == 200


@pytest.mark.parametrize("body", [b"", b"ping", b"[]", b'"id"', b"{", b"\xff"])
def test_a_signed_body_that_is_no_object_is_refused(client: Client, body: bytes):
    answer = client.call("POST", "/webhook", content=body, headers={"X-Signature": signed(body)})

    assert answer.status_code == 422


def test_a_message_whose_wish_could_not_be_granted_may_be_sent_again(client: Client):
    wish = message("scrape_requested", url="http://docs.example/")
    client.trouble = HTTPException(503, "the database does not answer")

    first = client.post(wish).status_code
    client.trouble = None
    second = client.post(wish).status_code

    assert (first, second) == (503, 200)
    assert len(client.orders) == 1


def test_ids_are_forgotten_when_no_replay_of_them_could_be_fresh(database: Database, settings: Settings):
    def received() -> list[str]:
        with database.reading() as db:
            return list(db.exec_driver_sql("SELECT id FROM received ORDER BY id").scalars())

    with database.writing() as db:
        for name, age_s in (("older", 601), ("younger", 590)):
            moment = datetime.now(UTC) - timedelta(seconds=age_s)
            stored = moment.isoformat(timespec="milliseconds")
            db.exec_driver_sql("INSERT INTO received VALUES (?, ?)", (name, stored))
    body = json.dumps(message(id="zzz")).encode()

    Inbox(settings, database).accept(body, signed(body))

    assert received() == ["younger", "zzz"]


def test_dead_letters_are_listed_and_sent_again_to_the_address_of_today(
    client: Client, database: Database, settings: Settings, receiver: Receiver, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.CRITICAL)
    gone = settings.model_copy(update={"webhook_url": "http://127.0.0.1:9/hook", "webhook_attempts": 1})
    announce_one(database, gone)
    send(database, gone, soon())

    [letter] = client.call("GET", "/webhooks/dead").json()
    path = f"/webhooks/dead/{letter['id']}/retry"
    answers = [client.call("POST", path).status_code for _ in range(2)]
    send(database, settings, soon())

    assert (letter["event"], letter["job_id"], letter["summary_id"], letter["attempts"]) == (
        "scrape_completed",
        "job1",
        7,
        1,
    )
    assert letter["error"].startswith("ConnectError: ")
    assert answers == [202, 404]
    assert [one["id"] for one in receiver.messages] == [letter["id"]]
    assert client.call("GET", "/webhooks/dead").json() == []
    assert client.call("POST", "/webhooks/dead/unknown/retry").status_code == 404
