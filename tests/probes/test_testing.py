"""The stand-ins behave as what they stand in for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crashcart.model.system import Target
from crashcart.ports import Connected, Handshake, Resolved, SpaceInfo
from crashcart.probes.registry import specs
from crashcart.testing import NOON, FakeClock, FakePlace, answered, example_catalogue


def test_the_clock_moves_only_when_told():
    clock = FakeClock()

    before = clock.now(), clock.monotonic()
    clock.jump(90)

    assert before == (NOON, 0.0)
    assert (clock.now(), clock.monotonic()) == (NOON + timedelta(seconds=90), 90.0)


def test_looks_see_what_is_in_the_tables(looking):
    place = FakePlace(
        files={"/app/.env": b"MODE=dev"}, answers={("GET", "http://api:80/health"): answered(503, b'{"ok": false}')}
    )
    place.connects["api", 80] = Connected("timeout", 3.0)
    looking.place = place
    target = Target("api", "http", {"url": "http://api:80"}, env_file="/app/.env")

    assert looking.seen("env", target, name="MODE").fields["value"] == "dev"
    assert looking.seen("http", target, method="GET", path="/health", at_="ok").fields["value"] == "false"
    assert looking.seen("tcp", target).fields["connect"] == "timeout"
    assert place.asked == ["GET http://api:80/health", "connect api:80"]


def test_what_is_in_no_table_is_not_there():
    place = FakePlace(files={"/secret": b"x"}, forbidden={"/secret"})

    with pytest.raises(FileNotFoundError):
        place.read("/none", 1)
    with pytest.raises(PermissionError):
        place.read("/secret", 1)
    with pytest.raises(ProcessLookupError):
        place.environ(1)
    assert place.stat("/secret").size_bytes == 1


def test_the_example_catalogue_has_everything_that_exists_and_more():
    catalogue = example_catalogue()

    assert set(catalogue.kinds) == {*specs(), "redis"}
    assert catalogue.actions["redis"].verb("set") is not None
    assert catalogue.targets["redis"].derived == ("host", "port")


def test_what_else_can_be_put_into_a_place_is_seen(looking):
    full = SpaceInfo(100, 100, 0, 0, 0, False, "/data")
    place = FakePlace(files={"/data/app.db": b"x"}, spaces={"/data": full}, unwritable={"/data/app.db"})
    place.names["api"] = Resolved("ok", ("10.0.0.1",), 0.01)
    place.handshakes["api", 443] = Handshake("expired", None, None, (), "", "", 0.1)
    looking.place = place
    target = Target("api", "http", {"url": "https://api", "path": "/data/app.db"})

    assert looking.seen("disk", target).fields["used"] == 100.0
    assert looking.seen("file", target).fields["is_folder_writable"] is True
    assert looking.seen("dns", target).fields["addresses"] == "10.0.0.1"
    assert looking.seen("tls", target).fields["answer"] == "expired"
    assert looking.seen("sqlite", target, "integrity").fields["answer"] == "foreign"
    assert place.asked == ["resolve api", "handshake api:443"]
