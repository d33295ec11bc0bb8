"""`dns`, against the system's resolver and ones that fail in every way."""

from __future__ import annotations

import errno
import socket
import sys

import pytest

from crashcart.model.system import Target
from crashcart.probes.place import LocalPlace


def named(host: str) -> Target:
    return Target("provider", "provider", {"url": f"https://{host}/v1"})


def failing(error: OSError):
    def resolve(host: str, port: int) -> list[str]:
        raise error

    return LocalPlace(resolve)


@pytest.mark.row("dns", "the name resolves")
def test_a_name_of_this_machine_resolves(looking):
    fields = looking.seen("dns", named("localhost")).fields

    assert fields["answer"] == "ok"
    assert "127.0.0.1" in fields["addresses"] or "::1" in fields["addresses"]
    assert fields["count"] >= 1
    assert fields["is_private"] is True
    assert 0 <= fields["took"] < 3


def test_addresses_are_sorted_and_told_from_private_ones(looking):
    looking.place = LocalPlace(lambda host, port: ["93.184.215.14", "10.0.0.7"])

    fields = looking.seen("dns", named("api.example.com")).fields

    assert (fields["addresses"], fields["count"], fields["is_private"]) == ("10.0.0.7, 93.184.215.14", 2, False)


def test_another_name_can_be_asked_for(looking):
    asked: list[str] = []
    looking.place = LocalPlace(lambda host, port: asked.append(host) or ["fe80::1%eth0"])

    fields = looking.seen("dns", named("api.example.com"), name="db.internal").fields

    assert asked == ["db.internal"]
    assert fields["is_private"] is True


@pytest.mark.row("dns", "there is no such name")
@pytest.mark.parametrize("code", [socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)])
def test_a_name_that_does_not_exist_is_unknown(looking, code):
    looking.place = failing(socket.gaierror(code, "Name or service not known"))

    fields = looking.seen("dns", named("nowhere.example")).fields

    assert (fields["answer"], fields["count"]) == ("unknown", 0)
    assert "addresses" not in fields


@pytest.mark.row("dns", "no server of names answers us")
@pytest.mark.parametrize("code", [socket.EAI_AGAIN, socket.EAI_FAIL])
def test_a_resolver_without_servers_fails(looking, code):
    looking.place = failing(socket.gaierror(code, "Temporary failure in name resolution"))

    assert looking.seen("dns", named("api.example.com")).fields["answer"] == "failed"


@pytest.mark.row("dns", "the resolver does not answer in time")
def test_a_resolver_that_hangs_is_a_timeout(looking, hanging_resolver, monkeypatch):
    monkeypatch.setattr("crashcart.probes.dns.look.TIMEOUT_S", 0.05)
    looking.place = LocalPlace(hanging_resolver)

    fields = looking.seen("dns", named("api.example.com")).fields

    assert fields["answer"] == "timeout"
    assert 0.05 <= fields["took"] < 2


@pytest.mark.row("dns", "no name can be written so")
@pytest.mark.parametrize("host", ["a" * 70 + ".example", "a..example"])
def test_what_is_no_name_is_invalid(looking, host):
    assert looking.seen("dns", named(host)).fields["answer"] == "invalid"


@pytest.mark.row("dns", "it is an address and no name")
@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "127.0.0.1"), ("[::1]", "::1")])
def test_an_address_is_its_own_answer(looking, host, address):
    def never(host: str, port: int) -> list[str]:
        pytest.fail("an address was asked for")

    looking.place = LocalPlace(never)

    fields = looking.seen("dns", named(host)).fields

    assert (fields["answer"], fields["addresses"]) == ("ok", address)


@pytest.mark.row("dns", "neither url nor host is known")
def test_without_a_host_nothing_is_seen(looking):
    assert looking.unseen("dns", Target("w", "worker")) == "w has no url in the system file"


@pytest.mark.row("dns", "we have no file descriptor left")
@pytest.mark.skipif(sys.platform != "linux", reason="the resolver says EAI_SYSTEM with an errno on Linux")
@pytest.mark.parametrize(
    "error", [OSError(errno.EMFILE, "Too many open files"), socket.gaierror(socket.EAI_SYSTEM, "Too many open files")]
)
def test_our_own_shortage_is_not_the_names_fault(looking, error):
    looking.place = failing(error)

    assert "Too many open files" in looking.unseen("dns", named("api.example.com"))
