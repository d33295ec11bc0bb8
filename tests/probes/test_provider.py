"""`provider`, against real servers that answer as the known APIs do."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from crashcart.model.observation import Moment
from crashcart.model.system import Target
from crashcart.probes.place import LocalPlace

KEY = "a-key-of-ours-1234"
JSON = {"Content-Type": "application/json"}
MODELS = {"object": "list", "data": [{"id": "gpt-4o"}, {"id": "whisper-1"}]}


def at(url: str, **attributes: str) -> Target:
    return Target("ai", "provider", {"url": f"{url}/v1", "probe": "/models", "key": "AI_KEY", **attributes})


@pytest.fixture
def short_wait(monkeypatch):
    """Be impatient where nothing comes; elsewhere a busy machine may take its time."""
    monkeypatch.setattr("crashcart.probes.web.TIMEOUT_S", 0.5)


@pytest.fixture(autouse=True)
def with_key(looking, known_secrets):
    looking.secrets = known_secrets({("ai", "key"): KEY})


@pytest.fixture
def answering(http_server):
    """Return a function that sets the answer, and returns the target."""

    def answer(status: int, body: object, **headers: str) -> Target:
        http_server.status, http_server.headers = status, JSON | {k.replace("_", "-"): v for k, v in headers.items()}
        http_server.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return at(http_server.url)

    return answer


def error(code: str, kind: str = "", message: str = "no") -> dict[str, object]:
    return {"error": {"message": message, "type": kind or None, "param": None, "code": code}}


@pytest.mark.row("provider", "it takes the key and answers")
def test_it_takes_the_key(looking, answering, http_server):
    fields = looking.seen("provider", answering(200, MODELS)).fields

    assert (fields["says"], fields["key"], fields["status"]) == ("ok", "accepted", 200)
    assert "code" not in fields
    ((method, path, headers),) = http_server.asked
    assert (method, path, headers["authorization"]) == ("GET", "/v1/models", f"Bearer {KEY}")


ANSWERS = [
    (401, error("invalid_api_key"), "unauthorised", "rejected", "invalid_api_key"),
    (401, {"err_code": "INVALID_AUTH"}, "unauthorised", "rejected", "INVALID_AUTH"),
    (
        400,
        {"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}},
        "unauthorised", "rejected", "API_KEY_INVALID",
    ),
    (429, error("insufficient_quota"), "quota", "accepted", "insufficient_quota"),
    (402, {"error": "Insufficient Balance"}, "quota", "accepted", "Insufficient Balance"),
    (401, {"detail": {"status": "quota_exceeded"}}, "quota", "accepted", "quota_exceeded"),
    (429, error("rate_limit_exceeded", "requests"), "limited", "untold", "rate_limit_exceeded"),
    (429, b"slow down", "limited", "untold", None),
    (403, {"error": {"type": "permission_error"}}, "forbidden", "untold", "permission_error"),
    (404, b"<h1>Not found</h1>", "missing", "untold", None),
    (503, error("slow_down"), "overloaded", "untold", "slow_down"),
    (529, {"type": "error", "error": {"type": "overloaded_error"}}, "overloaded", "untold", "overloaded_error"),
    (500, error("", "server_error"), "error", "untold", "server_error"),
    (502, b"bad gateway", "error", "untold", None),
    (200, b"<html>Sign in to the hotel</html>", "malformed", "untold", None),
    (200, b"", "malformed", "untold", None),
    (200, b'{"data": [', "malformed", "untold", None),
]  # fmt: skip


@pytest.mark.row("provider", "it does not take the key")
@pytest.mark.row("provider", "the money or the quota is used up")
@pytest.mark.row("provider", "too many requests")
@pytest.mark.row("provider", "the key may not do this")
@pytest.mark.row("provider", "there is no such path")
@pytest.mark.row("provider", "it has too much to do")
@pytest.mark.row("provider", "it fails itself")
@pytest.mark.row("provider", "the body is not JSON, or empty")
@pytest.mark.parametrize(("status", "body", "says", "key", "code"), ANSWERS)
def test_an_answer_means_one_thing(looking, answering, status, body, says, key, code):
    fields = looking.seen("provider", answering(status, body)).fields

    assert (fields["says"], fields["key"], fields.get("code")) == (says, key, code)
    assert fields["status"] == status


@pytest.mark.row("provider", "the setting that holds the key is empty")
def test_without_a_key_it_asks_without_one(looking, answering, http_server, known_secrets, tmp_path):
    looking.secrets = known_secrets()
    target = answering(401, error("missing_key"))
    (tmp_path / ".env").write_text("AI_KEY=\n")
    target = Target(target.name, target.kind, target.attributes, env_file=str(tmp_path / ".env"))

    fields = looking.seen("provider", target).fields

    assert (fields["key"], fields["says"], fields["status"]) == ("unset", "unauthorised", 401)
    assert "authorization" not in http_server.asked[0][2]


@pytest.mark.row("provider", "the target declares no key")
def test_an_api_without_a_key(looking, answering, known_secrets):
    looking.secrets = known_secrets()
    target = answering(200, [])
    attributes = {name: value for name, value in target.attributes.items() if name != "key"}

    fields = looking.seen("provider", Target("ai", "provider", attributes)).fields

    assert (fields["key"], fields["says"]) == ("none", "ok")


@pytest.mark.row("provider", "the key is not set here and nothing says where else")
def test_a_key_that_the_service_may_have_is_not_called_unset(looking, answering, http_server, known_secrets):
    looking.secrets = known_secrets()

    reason = looking.unseen("provider", answering(200, MODELS))

    assert "AI_KEY is not set here" in reason
    assert "add env_file" in reason
    assert http_server.asked == []


@pytest.mark.row("provider", "the file that may hold the key cannot be read")
def test_an_env_file_that_is_gone_says_nothing_about_the_key(looking, answering, known_secrets):
    looking.secrets = known_secrets()
    target = answering(200, MODELS)

    reason = looking.unseen("provider", Target("ai", "provider", target.attributes, env_file="/nowhere/.env"))

    assert reason == "cannot read /nowhere/.env, which may hold the key: No such file or directory"


@pytest.mark.row("provider", "the list lacks the model")
@pytest.mark.parametrize(
    "listed", [MODELS, {"models": [{"name": "models/gpt-4o"}]}, [{"model_id": "gpt-4o"}], {"models": ["gpt-4o"]}]
)
def test_a_model_is_on_the_list_or_not(looking, answering, listed):
    target = answering(200, listed)

    assert looking.seen("provider", target, model="gpt-4o").fields["is_offered"] is True
    assert looking.seen("provider", target, model="gpt-3").fields["is_offered"] is False
    assert "is_offered" not in looking.seen("provider", target).fields


@pytest.mark.row("provider", "the answer is no list of models")
def test_no_list_has_no_model(looking, answering):
    assert "is_offered" not in looking.seen("provider", answering(200, {"ok": True}), model="gpt-4o").fields


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (
            {
                "x_ratelimit_limit_requests": "500", "x_ratelimit_remaining_requests": "3",
                "x_ratelimit_limit_tokens": "30000", "x_ratelimit_remaining_tokens": "29000", "retry_after": "7",
            },
            {"requests_limit": 500, "requests_left": 3, "tokens_limit": 30000, "tokens_left": 29000, "retry_after": 7},
        ),
        (
            {"anthropic_ratelimit_requests_limit": "50", "anthropic_ratelimit_requests_remaining": "0"},
            {"requests_limit": 50, "requests_left": 0},
        ),
        ({"ratelimit_remaining": "a lot", "retry_after": "soon"}, {}),
    ],
)  # fmt: skip
def test_limits_stand_in_the_headers(looking, answering, headers, fields):
    found = looking.seen("provider", answering(200, MODELS, **headers)).fields

    names = ("requests_limit", "requests_left", "tokens_limit", "tokens_left", "retry_after")
    assert {name: found[name] for name in names if name in found} == fields


def test_its_clock_and_ours_are_compared(looking, raw_server):
    now = datetime(2024, 5, 1, 12, tzinfo=UTC)
    date = format_datetime(now - timedelta(minutes=5), usegmt=True).encode()

    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nDate: " + date + b"\r\nContent-Length: 2\r\n\r\n[]")

    target = at(f"http://127.0.0.1:{raw_server(answer)}")

    assert looking.seen("provider", target, moment=Moment(now)).fields["skew"] == 300


@pytest.mark.parametrize(
    ("shape", "header", "value"),
    [
        ("Authorization: Token", "authorization", f"Token {KEY}"),
        ("authorization:", "authorization", KEY),
        ("x-api-key", "x-api-key", KEY),
    ],
)
def test_the_key_stands_in_the_header_that_the_provider_wants(looking, http_server, shape, header, value):
    looking.seen("provider", at(http_server.url, key_header=shape))

    assert http_server.asked[0][2][header] == value


def test_a_key_that_comes_back_is_not_kept(looking, answering):
    outcome = looking.seen("provider", answering(401, error(f"bad_{KEY}", message=KEY)))

    assert outcome.fields["code"] == "bad_[redacted]"
    assert KEY not in repr(outcome)


@pytest.mark.usefixtures("short_wait")
@pytest.mark.row("provider", "it accepts and says nothing in time")
def test_it_says_nothing(looking, raw_server):
    fields = looking.seen("provider", at(f"http://127.0.0.1:{raw_server(lambda connection: None)}")).fields

    assert (fields["answer"], fields["says"], fields["key"], fields["status"]) == ("silent", "nothing", "untold", 0)


@pytest.mark.row("provider", "it stops in the middle of the body")
def test_it_stops_in_the_middle(looking, raw_server):
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        connection.close()

    fields = looking.seen("provider", at(f"http://127.0.0.1:{raw_server(answer)}")).fields

    assert (fields["answer"], fields["says"], fields["status"]) == ("cut", "nothing", 200)


@pytest.mark.row("provider", "nothing listens")
def test_nobody_is_there(looking, closed_port):
    fields = looking.seen("provider", at(f"http://127.0.0.1:{closed_port}")).fields

    assert (fields["connect"], fields["says"], fields["key"]) == ("refused", "nothing", "untold")


@pytest.mark.row("provider", "the name does not resolve")
def test_the_name_does_not_resolve(looking):
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    looking.place = LocalPlace(nobody)

    fields = looking.seen("provider", at("http://api.example.invalid")).fields

    assert (fields["connect"], fields["says"]) == ("dns", "nothing")


@pytest.mark.row("provider", "nothing says which path is free")
def test_without_a_free_path_nothing_is_asked(looking, http_server):
    reason = looking.unseen("provider", Target("ai", "provider", {"url": http_server.url}))

    assert reason == "ai has no probe in the system file"
    assert http_server.asked == []


@pytest.mark.row("provider", "the key cannot stand in a header")
@pytest.mark.parametrize(
    ("key", "shape"),
    [("two\nlines", ""), (" padded ", ""), ("ключ", ""), (KEY, "no header at all: x"), (KEY, "a\r\nb")],
)
def test_a_key_or_header_that_cannot_be_sent_is_our_trouble(looking, http_server, known_secrets, key, shape):
    looking.secrets = known_secrets({("ai", "key"): key})

    reason = looking.unseen("provider", at(http_server.url, key_header=shape))

    assert "header" in reason
    assert key not in reason
    assert http_server.asked == []
