"""`tls`, against real servers with real certificates."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from crashcart.model.system import Target
from crashcart.probes.handshake import _validity
from crashcart.probes.place import LocalPlace

Serve = Callable[[ssl.SSLContext], int]
DAY = timedelta(days=1)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Return an issuer that this machine trusts."""
    found = trustme.CA(organization_name="Trusty")
    found.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return found


@pytest.fixture
def serve(raw_server) -> Iterator[Serve]:
    def run(context: ssl.SSLContext) -> int:
        def shake(connection: socket.socket) -> None:
            with suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
                secure.recv(1)

        return int(raw_server(shake))

    return run


def with_certificate(leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


def at(port: int, host: str = "localhost") -> Target:
    return Target("provider", "provider", {"url": f"https://{host}:{port}/v1"})


@pytest.fixture(autouse=True)
def here(looking) -> None:
    looking.place = LocalPlace(lambda host, port: ["127.0.0.1"])


@pytest.mark.row("tls", "all is well")
def test_a_good_certificate_is_ok(looking, authority, serve):
    leaf = authority.issue_cert("localhost", "api.internal", not_after=datetime.now(UTC) + 9 * DAY)

    fields = looking.seen("tls", at(serve(with_certificate(leaf)))).fields

    assert fields["answer"] == "ok"
    assert fields["names"] == "localhost, api.internal"
    assert "Trusty" in fields["issuer"]
    assert fields["version"] == "TLSv1.3"
    assert fields["left"] == pytest.approx(9 * 86400, abs=60)
    assert fields["age"] > 0
    assert 0 <= fields["took"] < 3


def test_an_address_may_have_a_certificate(looking, authority, serve):
    port = serve(with_certificate(authority.issue_cert("127.0.0.1")))

    assert looking.seen("tls", at(port, "127.0.0.1")).fields["answer"] == "ok"


@pytest.mark.row("tls", "the certificate has expired")
def test_an_expired_certificate_is_told(looking, authority, serve):
    leaf = authority.issue_cert("localhost", not_before=datetime.now(UTC) - 9 * DAY, not_after=datetime.now(UTC) - DAY)

    fields = looking.seen("tls", at(serve(with_certificate(leaf)))).fields

    assert fields["answer"] == "expired"
    assert fields["left"] == pytest.approx(-86400, abs=60)
    assert fields["age"] == pytest.approx(9 * 86400, abs=60)


@pytest.mark.row("tls", "it is not valid yet")
def test_a_certificate_of_tomorrow_is_told(looking, authority, serve):
    leaf = authority.issue_cert("localhost", not_before=datetime.now(UTC) + DAY, not_after=datetime.now(UTC) + 9 * DAY)

    fields = looking.seen("tls", at(serve(with_certificate(leaf)))).fields

    assert fields["answer"] == "early"
    assert fields["age"] < 0


@pytest.mark.row("tls", "it has signed itself")
def test_a_certificate_that_signed_itself_is_told(looking, authority, serve, tmp_path):
    other = trustme.CA()
    other.private_key_pem.write_to_path(tmp_path / "own.key")
    other.cert_pem.write_to_path(tmp_path / "own.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "own.pem", tmp_path / "own.key")

    fields = looking.seen("tls", at(serve(context))).fields

    assert fields["answer"] == "self_signed"
    assert fields["left"] > 0
    assert "names" not in fields


@pytest.mark.row("tls", "its issuer is not known here")
def test_an_unknown_issuer_is_not_trusted(looking, authority, serve):
    fields = looking.seen("tls", at(serve(with_certificate(trustme.CA().issue_cert("localhost"))))).fields

    assert fields["answer"] == "untrusted"
    assert fields["left"] > 0


@pytest.mark.row("tls", "it is for another name")
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_certificate_for_another_name_is_told_with_its_names(looking, authority, serve, host):
    port = serve(with_certificate(authority.issue_cert("api.internal")))

    fields = looking.seen("tls", at(port, host)).fields

    assert (fields["answer"], fields["names"]) == ("mismatch", "api.internal")
    assert fields["left"] > 0


@pytest.mark.row("tls", "it does not speak TLS")
def test_plain_http_is_plain(looking, http_server):
    assert looking.seen("tls", at(int(http_server.url.rpartition(":")[2]))).fields["answer"] == "plain"


@pytest.mark.row("tls", "there is no version in common")
def test_without_a_common_cipher_it_failed(looking, authority, serve):
    context = with_certificate(authority.issue_cert("localhost"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("PSK")

    assert looking.seen("tls", at(serve(context))).fields["answer"] == "failed"


@pytest.mark.row("tls", "it closes the connection during the handshake")
def test_a_server_that_hangs_up_closed(looking, raw_server):
    def hang_up(connection: socket.socket) -> None:
        connection.recv(10)
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()

    assert looking.seen("tls", at(raw_server(hang_up))).fields["answer"] == "closed"


@pytest.mark.row("tls", "it says nothing")
def test_a_server_that_says_nothing_is_silent(looking, raw_server, monkeypatch):
    monkeypatch.setattr("crashcart.probes.tls.look.TIMEOUT_S", 0.2)

    assert looking.seen("tls", at(raw_server(lambda connection: None))).fields["answer"] == "silent"


@pytest.mark.row("tls", "nothing listens")
def test_a_closed_port_refuses(looking, closed_port):
    assert looking.seen("tls", at(closed_port)).fields["answer"] == "refused"


@pytest.mark.row("tls", "the name does not resolve")
def test_a_name_that_does_not_exist_is_dns(looking):
    looking.place = LocalPlace(lambda host, port: [])

    assert looking.seen("tls", at(443)).fields["answer"] == "dns"


def test_the_address_that_accepts_speaks_for_the_name(looking, authority, serve):
    port = serve(with_certificate(authority.issue_cert("localhost")))
    looking.place = LocalPlace(lambda host, port: ["127.0.0.2", "127.0.0.1"])

    assert looking.seen("tls", at(port)).fields["answer"] == "ok"


@pytest.mark.row("tls", "the address is not known")
def test_without_an_address_nothing_is_seen(looking):
    assert looking.unseen("tls", Target("w", "worker")) == "w has no url in the system file"


@pytest.mark.row("tls", "nothing says which port")
def test_without_a_port_nothing_is_seen(looking):
    assert looking.unseen("tls", Target("db", "tcp", {"url": "odd://127.0.0.1"})).startswith("no port")


@pytest.mark.row("tls", "we have no file descriptor left")
def test_our_own_shortage_is_not_the_targets_fault(looking, closed_port, monkeypatch):
    def none_left(*args: object) -> socket.socket:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("crashcart.probes.handshake._connected", none_left)

    assert "Too many open files" in looking.unseen("tls", at(closed_port))


@pytest.mark.parametrize("der", [b"", b"\x30", b"\x30\x03\x02\x01\x00", b"\xff" * 100, b"\x30\x82\xff\xff" * 5])
def test_what_is_no_certificate_has_no_dates(der):
    assert _validity(der) == (None, None)


def test_dates_beyond_2049_are_read():
    leaf = trustme.CA().issue_cert("x", not_after=datetime(2077, 1, 2, 3, 4, 5, tzinfo=UTC))

    der = ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())

    assert _validity(der)[1] == datetime(2077, 1, 2, 3, 4, 5, tzinfo=UTC)
