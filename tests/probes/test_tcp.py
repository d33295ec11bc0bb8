"""`tcp`, against real sockets."""

from __future__ import annotations

import resource
import socket
from collections.abc import Callable

import pytest

from crashcart.model.system import Target
from crashcart.probes.place import LocalPlace


def at(port: int, host: str = "127.0.0.1") -> Target:
    return Target("db", "tcp", {"url": f"tcp://{host}:{port}"})


@pytest.mark.row("tcp", "something listens")
def test_a_listener_is_ok(looking, raw_server):
    port = raw_server(lambda connection: None)

    seen = looking.seen("tcp", at(port))

    assert seen.fields["connect"] == "ok"
    assert 0 <= seen.fields["took"] < 3


@pytest.mark.row("tcp", "nothing listens")
def test_a_closed_port_refuses(looking, closed_port):
    assert looking.seen("tcp", at(closed_port)).fields["connect"] == "refused"


@pytest.mark.row("tcp", "the queue of the listener is full")
def test_a_full_queue_is_a_timeout(looking, full_port, monkeypatch):
    monkeypatch.setattr("crashcart.probes.tcp.look.TIMEOUT_S", 0.2)

    assert looking.seen("tcp", at(full_port)).fields["connect"] == "timeout"


@pytest.mark.row("tcp", "the name does not resolve")
def test_a_name_that_does_not_exist_is_dns(looking):
    def no_such_name(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    looking.place = LocalPlace(no_such_name)

    assert looking.seen("tcp", at(5432, "db.internal")).fields["connect"] == "dns"


@pytest.mark.row("tcp", "the resolver does not answer")
def test_a_resolver_that_hangs_is_dns_too(looking, hanging_resolver, monkeypatch):
    monkeypatch.setattr("crashcart.probes.tcp.look.TIMEOUT_S", 0.05)
    looking.place = LocalPlace(hanging_resolver)

    seen = looking.seen("tcp", at(5432, "db.internal"))

    assert seen.fields["connect"] == "dns"
    assert seen.fields["took"] < 2


def test_a_name_that_no_name_can_be_is_dns(looking):
    assert looking.seen("tcp", at(5432, "a" * 70 + ".example")).fields["connect"] == "dns"


@pytest.mark.row("tcp", "no way leads to the address")
def test_an_address_without_a_route_is_unreachable(looking):
    # No TCP leads to a multicast address, so nothing leaves this machine.
    assert looking.seen("tcp", at(80, "224.0.0.1")).fields["connect"] == "unreachable"


def test_the_address_that_accepts_speaks_for_the_name(looking, raw_server):
    looking.place = LocalPlace(lambda host, port: ["127.0.0.2", "127.0.0.1"])
    port = raw_server(lambda connection: None)

    assert looking.seen("tcp", at(port, "db.internal")).fields["connect"] == "ok"


def test_another_port_can_be_asked_for(looking, raw_server, closed_port):
    port = raw_server(lambda connection: None)

    assert looking.seen("tcp", at(closed_port), port=f"{port}").fields["connect"] == "ok"
    assert looking.seen("tcp", at(closed_port), port=f"{port}.0").fields["connect"] == "ok"


def test_host_and_port_do_instead_of_a_url(looking, closed_port):
    target = Target("db", "tcp", {"host": "127.0.0.1", "port": str(closed_port)})

    assert looking.seen("tcp", target).fields["connect"] == "refused"


@pytest.mark.parametrize(
    ("url", "port"),
    [("redis://cache/0", 6379), ("postgresql+psycopg://u:p@db/x", 5432), ("https://x.example", 443), ("db:7", 7)],
)
def test_the_port_comes_from_the_url_or_its_scheme(url: str, port: int):
    from crashcart.probes.address import Address, parse_url

    address = parse_url(url)

    assert isinstance(address, Address)
    assert address.port == port


@pytest.mark.row("tcp", "neither url nor host is known")
def test_without_an_address_nothing_is_seen(looking):
    target = Target("db", "tcp", {}, {"url": "DATABASE_URL is not set"})

    assert looking.unseen("tcp", target) == "url of db is not known: DATABASE_URL is not set"


@pytest.mark.row("tcp", "nothing says which port")
@pytest.mark.parametrize("port", [None, "0", "70000", "1.5", "x"])
def test_without_a_port_nothing_is_seen(looking, port):
    args = {} if port is None else {"port": port}

    assert looking.unseen("tcp", Target("db", "tcp", {"url": "odd://127.0.0.1"}), **args).startswith("no port")


@pytest.mark.row("tcp", "we have no file descriptor left")
def test_our_own_shortage_is_not_the_targets_fault(looking, closed_port, monkeypatch):
    opened: Callable[..., socket.socket] = socket.socket

    def without_descriptors(*args: int) -> socket.socket:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
        try:
            return opened(*args)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    monkeypatch.setattr("crashcart.probes.dial.socket.socket", without_descriptors)

    assert "Too many open files" in looking.unseen("tcp", at(closed_port))


def test_a_stuck_resolver_does_not_hold_up_the_end_of_the_program():
    import subprocess
    import sys

    script = """
import asyncio, threading
from crashcart.probes.place import LocalPlace
place = LocalPlace(lambda host, port: threading.Event().wait())
print(asyncio.run(place.connect("db.internal", 1, timeout_s=0.05)).state)
"""

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=False)

    assert (ran.stdout, ran.stderr) == ("dns\n", "")
