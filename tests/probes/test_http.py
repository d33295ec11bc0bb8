"""`http`, against real servers."""

from __future__ import annotations

import errno
import json
import shutil
import socket
import ssl
import struct
import subprocess
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from crashcart.model.observation import Moment
from crashcart.model.system import Target
from crashcart.probes.place import LocalPlace


def at(url: str) -> Target:
    return Target("api", "http", {"url": url})


def on(port: int, scheme: str = "http") -> Target:
    return at(f"{scheme}://127.0.0.1:{port}")


@pytest.fixture
def short_wait(monkeypatch):
    """Be impatient where nothing comes; elsewhere a busy machine may take its time."""
    monkeypatch.setattr("crashcart.probes.web.TIMEOUT_S", 0.5)


def ask(connection: socket.socket) -> None:
    """Read the request, so that closing does not reset what was answered."""
    connection.recv(65536)


@pytest.mark.row("http", "it answers, with whatever status")
@pytest.mark.parametrize("status", [200, 204, 401, 404, 429, 500, 503])
def test_any_status_is_an_answer(looking, http_server, status):
    http_server.status, http_server.body = status, b"" if status == 204 else b'{"a": 1}'

    fields = looking.seen("http", at(http_server.url), method="GET", path="/health").fields

    assert (fields["connect"], fields["answer"], fields["status"]) == ("ok", "complete", status)
    assert fields["type"] == "application/json"
    assert fields["length"] == len(http_server.body)
    assert http_server.asked[0][:2] == ("GET", "/health")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_the_method_is_the_one_that_was_asked_for(looking, http_server, method):
    fields = looking.seen("http", at(http_server.url), method=method, path="/").fields

    assert fields["answer"] == "complete"
    assert http_server.asked[0][0] == method


@pytest.mark.parametrize("method", ["POST", "DELETE", "get", ""])
def test_no_other_method_is_ever_sent(looking, http_server, method):
    assert "change nothing" in looking.unseen("http", at(http_server.url), method=method, path="/")
    assert http_server.asked == []


@pytest.mark.parametrize(
    ("base", "path", "asked"),
    [
        ("", "/health", "/health"),
        ("/v1", "/models", "/v1/models"),
        ("/v1/", "/models?limit=1", "/v1/models?limit=1"),
        ("", "health", "/health"),
        ("", "@evil.example/", "/@evil.example/"),
        ("", "//evil.example/x", "/evil.example/x"),
        ("", "http://evil.example/", "/http://evil.example/"),
    ],
)
def test_the_path_stands_behind_the_url_and_cannot_leave_the_host(looking, http_server, base, path, asked):
    looking.seen("http", at(http_server.url + base), method="GET", path=path)

    assert [path for _, path, _ in http_server.asked] == [asked]


@pytest.mark.row("http", "nothing listens")
def test_a_closed_port_refuses(looking, closed_port):
    fields = looking.seen("http", on(closed_port), method="GET", path="/").fields

    assert (fields["connect"], fields["answer"], fields["status"]) == ("refused", "unreached", 0)
    assert "body" not in fields


@pytest.mark.row("http", "it closes the connection before it answers")
@pytest.mark.parametrize("is_rude", [False, True])
def test_a_server_that_hangs_up_resets(looking, raw_server, is_rude):
    def hang_up(connection: socket.socket) -> None:
        ask(connection)
        if is_rude:  # linger 0: RST instead of FIN
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    fields = looking.seen("http", on(raw_server(hang_up)), method="GET", path="/").fields

    assert (fields["connect"], fields["answer"]) == ("reset", "unreached")


@pytest.mark.usefixtures("short_wait")
@pytest.mark.row("http", "the connection is not accepted in time")
def test_a_full_queue_is_a_timeout(looking, full_port):
    fields = looking.seen("http", on(full_port), method="GET", path="/").fields

    assert (fields["connect"], fields["answer"]) == ("timeout", "unreached")


@pytest.mark.row("http", "the name does not resolve")
def test_a_name_that_does_not_exist_is_dns(looking):
    def no_such_name(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    looking.place = LocalPlace(no_such_name)

    assert looking.seen("http", at("http://api.internal"), method="GET", path="/").fields["connect"] == "dns"


@pytest.mark.row("http", "the resolver does not answer")
def test_a_resolver_that_hangs_is_dns_and_not_silence(looking, hanging_resolver, monkeypatch):
    monkeypatch.setattr("crashcart.probes.web.TIMEOUT_S", 0.05)
    looking.place = LocalPlace(hanging_resolver)

    fields = looking.seen("http", at("http://api.internal"), method="GET", path="/").fields

    assert (fields["connect"], fields["answer"]) == ("dns", "unreached")


@pytest.mark.row("http", "no way leads to the address")
def test_an_address_without_a_route_is_unreachable(looking):
    assert looking.seen("http", at("http://224.0.0.1"), method="GET", path="/").fields["connect"] == "unreachable"


def test_a_name_keeps_its_host_header_whatever_its_address(looking, http_server):
    port = int(http_server.url.rsplit(":", 1)[1])
    looking.place = LocalPlace(lambda host, port: ["127.0.0.2", "127.0.0.1"])

    fields = looking.seen("http", at(f"http://api.internal:{port}"), method="GET", path="/").fields

    assert fields["status"] == 200
    assert http_server.asked[0][2]["host"] == f"api.internal:{port}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2",
         "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


@pytest.mark.row("http", "the certificate is not trusted")
def test_a_certificate_that_nobody_signed_is_tls(looking, raw_server, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def shake(connection: socket.socket) -> None:
        with suppress(ssl.SSLError):  # the client refuses, as it should
            context.wrap_socket(connection, server_side=True)

    fields = looking.seen("http", on(raw_server(shake), "https"), method="GET", path="/").fields

    assert (fields["connect"], fields["answer"]) == ("tls", "unreached")


@pytest.mark.usefixtures("short_wait")
@pytest.mark.row("http", "it speaks no TLS, or the handshake hangs")
def test_a_server_without_tls_is_tls(looking, http_server, raw_server):
    plain = looking.seen("http", at(http_server.url.replace("http:", "https:")), method="GET", path="/").fields
    hanging = looking.seen("http", on(raw_server(lambda connection: None), "https"), method="GET", path="/").fields

    assert plain["connect"] == hanging["connect"] == "tls"


@pytest.mark.row("http", "it speaks something else than HTTP")
def test_another_protocol_is_protocol(looking, raw_server):
    def greet(connection: socket.socket) -> None:
        ask(connection)
        connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")

    assert looking.seen("http", on(raw_server(greet)), method="GET", path="/").fields["connect"] == "protocol"


@pytest.mark.usefixtures("short_wait")
@pytest.mark.row("http", "it accepts and says nothing in time")
def test_silence_is_not_a_timeout(looking, raw_server):
    fields = looking.seen("http", on(raw_server(lambda connection: None)), method="GET", path="/").fields

    assert (fields["connect"], fields["answer"], fields["status"]) == ("ok", "silent", 0)
    assert 0.4 < fields["took"] < 3


@pytest.mark.usefixtures("short_wait")
def test_half_a_head_is_silence_too(looking, raw_server):
    port = raw_server(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-"))

    assert looking.seen("http", on(port), method="GET", path="/").fields["answer"] == "silent"


@pytest.mark.usefixtures("short_wait")
@pytest.mark.row("http", "it stops in the middle of the body")
@pytest.mark.parametrize("is_closed", [True, False])
def test_a_body_that_breaks_off_is_cut(looking, raw_server, is_closed):
    def stop(connection: socket.socket) -> None:
        ask(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        if is_closed:
            connection.close()

    fields = looking.seen("http", on(raw_server(stop)), method="GET", path="/").fields

    assert (fields["connect"], fields["answer"], fields["status"], fields["body"]) == ("ok", "cut", 200, "half")


@pytest.mark.row("http", "it redirects to another host")
@pytest.mark.parametrize("location", ["http://127.0.0.2:1/x", "https://127.0.0.1/x", "//evil.example/"])
def test_a_redirect_to_another_host_is_not_followed(looking, http_server, location):
    http_server.by_path["/"] = (302, {"Location": location}, b"")

    assert looking.seen("http", at(http_server.url), method="GET", path="/").fields["status"] == 302
    assert len(http_server.asked) == 1


def test_a_redirect_on_the_same_server_is_followed_three_times(looking, http_server, known_secrets):
    looking.secrets = known_secrets({("api", "key"): "a-key-of-ours"})
    for hop in range(5):
        http_server.by_path[f"/{hop}"] = (307, {"Location": f"/{hop + 1}"}, b"")

    fields = looking.seen("http", at(http_server.url), method="GET", path="/0").fields

    assert fields["status"] == 307
    assert [path for _, path, _ in http_server.asked] == ["/0", "/1", "/2", "/3"]


def test_the_key_is_presented_and_never_shown(looking, http_server, known_secrets):
    key = "k-0123456789abcdef"
    looking.secrets = known_secrets({("api", "key"): key})
    http_server.status, http_server.body = 401, json.dumps({"error": f"Incorrect API key provided: {key}"}).encode()

    seen = looking.seen("http", at(http_server.url), method="GET", path="/", at_="error")

    assert http_server.asked[0][2]["authorization"] == f"Bearer {key}"
    assert key not in repr(seen)
    assert seen.fields["value"] == "Incorrect API key provided: [redacted]"


def test_without_a_key_nothing_is_presented(looking, http_server):
    looking.seen("http", at(http_server.url), method="GET", path="/")

    assert "authorization" not in http_server.asked[0][2]


@pytest.mark.row("http", "the key cannot stand in a header")
@pytest.mark.parametrize("key", ["abcdef123456\n", " abcdef123456", "schlüssel-123"])
def test_a_key_with_a_line_break_is_named_as_the_trouble(looking, http_server, known_secrets, key):
    looking.secrets = known_secrets({("api", "key"): key})

    reason = looking.unseen("http", at(http_server.url), method="GET", path="/")

    assert "characters that no header may carry" in reason
    assert key.strip() not in reason


BODY = {"status": "ok", "count": 3, "took": 0.5, "ready": False, "none": None, "checks": {"db": {"healthy": True}},
        "items": [{"id": "a"}, {"id": "b"}], "api_key": "abcdefgh12345", "control": "a\u001b[31mb\u009bc"}  # fmt: skip


@pytest.mark.parametrize(
    ("place", "value"),
    [("status", "ok"), ("count", 3), ("took", 0.5), ("ready", "false"), ("checks.db.healthy", "true"),
     ("items.1.id", "b"), ("control", "a[31mbc")],
)  # fmt: skip
def test_a_value_is_found_at_its_place(looking, http_server, place, value):
    http_server.body = json.dumps(BODY).encode()

    assert looking.seen("http", at(http_server.url), method="GET", path="/", at_=place).fields["value"] == value


@pytest.mark.row("http", "the body is no JSON, or has nothing at that place")
@pytest.mark.parametrize(
    "body", [json.dumps(BODY).encode(), b"<html>", b"", b"[" * 5000, b'{"nope": NaN}', b"\xff\xfe"]
)
@pytest.mark.parametrize("place", ["nope", "none", "checks", "items.7.id", "items.x", "api_key", "count.x", ""])
def test_a_value_that_is_not_there_is_no_field(looking, http_server, body, place):
    http_server.body = body

    assert "value" not in looking.seen("http", at(http_server.url), method="GET", path="/", at_=place).fields


def test_a_body_is_cut_and_cannot_act(looking, http_server):
    http_server.headers = {"Content-Type": "text/plain; charset=utf-8"}
    http_server.body = b"\x1b]0;title\x07line\r\n\ttab" + b"x" * 3_000_000

    fields = looking.seen("http", at(http_server.url), method="GET", path="/").fields

    assert fields["body"].startswith("]0;titleline\n\ttabx")
    assert len(fields["body"]) == 64 * 1024
    assert fields["length"] == len(http_server.body)
    assert fields["answer"] == "complete"


@pytest.mark.parametrize("charset", ["latin-1", "no-such-charset", '"'])
def test_any_charset_is_read(looking, http_server, charset):
    http_server.headers, http_server.body = {"Content-Type": f"text/plain; charset={charset}"}, b"caf\xe9"

    assert looking.seen("http", at(http_server.url), method="GET", path="/").fields["body"].startswith("caf")


NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [("20", 20.0), ("0.5", 0.5), (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
     (format_datetime(NOW - timedelta(seconds=90)), 0.0), ("soon", None), ("-1", None), ("nan", None)],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(looking, http_server, header, wait_s):
    http_server.status, http_server.headers = 429, {"Retry-After": header}

    seen = looking.seen("http", at(http_server.url), method="GET", path="/", moment=Moment(NOW))

    assert seen.fields.get("retry_after") == wait_s


def test_the_proxy_of_our_shell_is_not_used(looking, http_server, closed_port, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{closed_port}")

    assert looking.seen("http", at(http_server.url), method="GET", path="/").fields["status"] == 200


@pytest.mark.row("http", "the url is not known")
def test_without_a_url_nothing_is_seen(looking):
    target = Target("api", "http", {}, {"url": "BASE_URL is not set"})

    assert looking.unseen("http", target, method="GET", path="/") == "url of api is not known: BASE_URL is not set"


@pytest.mark.row("http", "the url is not one of HTTP")
@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1", "127.0.0.1:80", "http://[::1", "http://", "http://a:b:c", "http://a:99999"]
)
def test_what_is_no_http_url_is_not_asked(looking, url):
    assert "not an http url" in looking.unseen("http", at(url), method="GET", path="/")


@pytest.mark.row("http", "we have no file descriptor left")
def test_our_own_shortage_is_not_the_targets_fault(looking, closed_port, monkeypatch):
    async def without_descriptors(*args: object, **kwargs: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    looking.seen("http", on(closed_port), method="GET", path="/")  # everything is imported
    monkeypatch.setattr("asyncio.base_events.BaseEventLoop.create_connection", without_descriptors)

    assert "Too many open files" in looking.unseen("http", on(closed_port), method="GET", path="/")
