"""`crashcart init` as a user runs it, on a project folder with a real service."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crashcart import app, config

_SERVICE = """\
import http.server, socketserver, sqlite3, sys
database = sqlite3.connect("shop.sqlite3")
database.execute("select count(*) from orders").fetchone()


class Shop(http.server.BaseHTTPRequestHandler):
    # routes.get("/healthz")
    def do_GET(self):
        self.send_response(200 if self.path in ("/", "/healthz") else 404)
        self.end_headers()


http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Shop).serve_forever()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with a database, an env file and a Procfile."""
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "serve.py").write_text(_SERVICE)
    with sqlite3.connect(shop / "shop.sqlite3") as database:
        database.execute("create table orders (id integer)")
    database.close()
    (shop / ".env").write_text("REDIS_URL=redis://:hunter2hunter2@127.0.0.1:1/0\nAPP_ENV=staging\n")
    return shop


@pytest.fixture
def port(folder: Path) -> Iterator[int]:
    """The service, running; its output goes to a log in the folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    with (folder / "serve.log").open("ab") as log:
        command = [sys.executable, "serve.py", str(number)]
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        _await(number, process)
        yield number
    finally:
        process.kill()
        process.wait()


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + 20
    while time.monotonic() < ends_at and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError("the service did not start")


def _init(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crashcart", "init", str(folder), *more]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CRASHCART_")}
    # No terminal and nothing to read: whoever asks here would wait for ever.
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, env=environ, cwd="/"
    )


def test_it_finds_the_parts_and_writes_a_file_that_loads(folder: Path, port: int):
    done = _init(folder)

    assert (done.returncode, done.stderr) == (0, "")
    loaded = config.load(folder / "crashcart.toml", app.catalogue(), {})
    targets = loaded.system.targets
    assert {name: target.kind for name, target in targets.items()} == {
        "serve": "http",
        "shop": "sqlite",
        "redis": "redis",
    }
    assert targets["serve"].attributes["url"] == f"http://127.0.0.1:{port}"
    assert targets["serve"].attributes["health"] == "/healthz"
    assert targets["serve"].logs == (str(folder / "serve.log"),)
    assert targets["serve"].depends == ("redis", "shop")
    assert loaded.system.environment == "staging"
    assert "hunter2" not in (folder / "crashcart.toml").read_text()


def test_run_again_it_changes_nothing(folder: Path, port: int):
    _init(folder)
    first = (folder / "crashcart.toml").read_bytes()

    _init(folder)

    assert (folder / "crashcart.toml").read_bytes() == first


def test_a_service_that_is_down_is_kept_and_said_to_be_gone(folder: Path, port: int):
    """One runs init again in the middle of trouble: what was known must not be lost by that."""
    _init(folder)
    text = (folder / "crashcart.toml").read_text().replace(str(port), "1")
    (folder / "crashcart.toml").write_text(
        text.replace('"serve.py', '"gone.py').replace("[targets.serve]", "[targets.old]")
    )

    done = _init(folder)

    assert done.returncode == 0
    assert "not found any more, left as it is: old" in done.stdout
    assert "[targets.old]" in (folder / "crashcart.toml").read_text()


def test_an_empty_folder_gets_no_file(tmp_path: Path):
    done = _init(tmp_path)

    assert done.returncode == 1
    assert "no part found" in done.stdout
    assert not (tmp_path / "crashcart.toml").exists()


def test_print_writes_no_file(folder: Path, port: int):
    done = _init(folder, "--print")

    assert "[targets.serve]" in done.stdout
    assert not (folder / "crashcart.toml").exists()


def test_a_file_that_is_no_toml_is_left_as_it_is(folder: Path, port: int):
    (folder / "crashcart.toml").write_text("[targets\n")

    done = _init(folder)

    assert done.returncode == 2
    assert "is no TOML" in done.stderr
    assert (folder / "crashcart.toml").read_text() == "[targets\n"
