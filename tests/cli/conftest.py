"""A small broken shop on real files and a real port, and the command line as a user runs it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from fix_shop import site  # noqa: F401 (a fixture for all who fix)
from tests.loopback import Server

GUIDE = """\
---
guide: shop
for: http
severity: high
---
# shop

**Healthy**
- it answers `http {self} GET /health => status = 200`

## Orders fail {#orders-fail}

**Symptoms**
- always: the log names each order that failed `log {self} "order <order> failed"`

### Cause: the warehouse refuses us {#warehouse-refuses} (common)

**Evidence**
- always: the warehouse says no `log {self} "warehouse said 403"`

**Fix**
1. By hand: ask the warehouse for a new pass.

### Cause: the warehouse is slow {#warehouse-slow} (common)

**Evidence**
- always: we give up waiting `log {self} "warehouse timed out"`

**Fix**
1. By hand: wait.
"""


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Shop:
    """A folder with a system file, a guide and a log; `run` is the command line in it."""

    folder: Path
    url: str

    def run(self, *args: str, timeout_s: float = 60.0) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "crashcart", *args], cwd=self.folder, env=self.environ(), capture_output=True,
            text=True, timeout=timeout_s, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    def start(self, *args: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "crashcart", *args], cwd=self.folder, env=self.environ(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def environ(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG", "COVERAGE_PROCESS_START")}
        return {**kept, "XDG_STATE_HOME": str(self.folder / "state"), "HOME": str(self.folder)}

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def log(self, *lines: str) -> None:
        from datetime import UTC, datetime

        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with (self.folder / "shop.log").open("a", encoding="utf-8") as file:
            file.writelines(f"{now} {line}\n" for line in lines)


def system_file(url: str, *, more: str = "") -> str:
    return f"""\
[system]
name = "shop"
environment = "test"
guides = ["shop.md"]

[targets.shop]
kind = "http"
url = "{url}"
logs = ["shop.log"]
{more}"""


class _Health(BaseHTTPRequestHandler):
    body = b'{"status": "ok"}'

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: test output is for tests."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop that answers, with an empty log."""
    server = Server(("127.0.0.1", 0), _Health)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    made = Shop(tmp_path, f"http://127.0.0.1:{server.server_port}")
    made.write("shop.md", GUIDE)
    made.write("crashcart.toml", system_file(made.url))
    made.log("INFO started")
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


Interrupt = Callable[[subprocess.Popen[str]], None]


@pytest.fixture
def interrupt() -> Interrupt:
    """What Ctrl-C does."""

    def send(process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGINT)

    return send


@pytest.fixture
def run(shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """The command line in the shop's folder, in this process: a tenth of the time of a new one."""
    from crashcart.cli import main

    def run_here(*args: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["crashcart", *args])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        return Ran(int(end.value.code or 0), told.out, told.err)

    monkeypatch.chdir(shop.folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(shop.folder / "state"))
    monkeypatch.setenv("HOME", str(shop.folder))
    return run_here
