"""Which system is meant, and what is written of an alert."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crashcart import app, config
from crashcart.errors import UsageError
from crashcart.server.reception import NOWHERE, Reception
from crashcart.server.settings import HookSettings, follow
from crashcart.storage.alerts import Inbox

Payload = Callable[..., bytes]


@pytest.fixture
def reception(tmp_path: Path) -> Iterator[Reception]:
    """A receiver for two systems, the shop and the bank."""
    systems = {}
    for name, port in (("shop", 8001), ("bank", 8002)):
        path = tmp_path / f"{name}.toml"
        path.write_text(
            f'[system]\nname = "{name}"\n[targets.{name}_api]\nkind = "http"\nurl = "http://127.0.0.1:{port}"\nkey = "env:API_KEY"\n'
        )
        systems[name] = config.load(path, app.catalogue(), {"API_KEY": "swordfish-nine"})
    opened = Reception(HookSettings(systems, tmp_path / "alerts.sqlite"), Inbox.open(tmp_path / "alerts.sqlite"))
    yield opened
    opened.close()


def accept(reception: Reception, data: bytes, system: str = "") -> str:
    """Return the system that was given the alert."""

    async def run() -> str:
        await reception.accept(data, system)
        return next(name for name, event in reception.arrived.items() if event.is_set())

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("labels", "path", "system"),
    [
        ({"instance": "localhost:8002"}, "", "bank"),
        ({"job": "shop_api"}, "", "shop"),
        ({"job": "shop_api"}, "bank", "bank"),
        ({"job": "node"}, "", NOWHERE),
    ],
)
def test_labels_or_path_say_which_system_is_meant(
    reception: Reception, payload: Payload, labels: dict[str, str], path: str, system: str
) -> None:
    assert accept(reception, payload("a", **labels), path) == system


def test_nothing_secret_of_an_alert_is_written(reception: Reception, tmp_path: Path, payload: Payload) -> None:
    accept(reception, payload("a", summary="login with swordfish-nine failed, password=hunter22", token="abcd-efgh"))

    written = b"".join(path.read_bytes() for path in tmp_path.glob("alerts.sqlite*"))

    assert b"OrdersFail" in written
    assert not any(secret in written for secret in (b"swordfish-nine", b"hunter22", b"abcd-efgh"))


@pytest.mark.parametrize(
    ("host", "secret"), [("0.0.0.0", ""), ("::", ""), ("shop.example", ""), ("127.0.0.1", "short")]
)
def test_an_open_door_needs_a_secret_that_cannot_be_guessed(tmp_path: Path, host: str, secret: str) -> None:
    with pytest.raises(UsageError):
        HookSettings({}, tmp_path / "x", host=host, secret=secret)


def test_secrets_stand_in_the_environment_or_in_a_file_and_in_no_repr(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("slack://T/B/x\n")
    settings = HookSettings({}, tmp_path / "x", secret="0123456789abcdef", urls=("slack://T/B/x",))

    assert follow("env:A", what="", environ={"A": "v"}) == "v"
    assert follow(f"file:{tmp_path / 'url'}", what="") == "slack://T/B/x"
    assert follow("json://host/path", what="") == "json://host/path"
    assert "0123456789abcdef" not in repr(settings)
    assert "slack" not in repr(settings)
    with pytest.raises(UsageError, match="A is not set"):
        follow("env:A", what="--post", environ={})
