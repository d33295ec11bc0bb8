"""A shop whose orders fail, a receiver of reports, and `crashcart hook` between them, as processes and sockets."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

SECRET = "0123456789abcdef-secret"
WAIT_S = 90.0  # for what comes in a second or two
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


class Town(ThreadingHTTPServer):
    """The shop's health page, and the place where reports arrive."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.posts: queue.Queue[dict[str, str]] = queue.Queue()
        self.status = 200

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def report(self) -> dict[str, str]:
        return self.posts.get(timeout=WAIT_S)


class _Door(BaseHTTPRequestHandler):
    server: Town

    def do_GET(self) -> None:
        self._answer(200)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(self.server.status)
        self.server.posts.put(body)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: test output is for tests."""


@dataclass
class Hook:
    """A running receiver."""

    process: subprocess.Popen[str]
    url: str
    told: list[str] = field(default_factory=list)

    def wait_for(self, text: str) -> str:
        """Return the first line on standard error that has the text."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.told.append(line)
            if text in line:
                return line
        raise AssertionError(f"it ended without {text!r}:\n{''.join(self.told)}")

    def end(self) -> tuple[str, str, int]:
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=WAIT_S)
        return out, err, self.process.returncode

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=WAIT_S)


Start = Callable[..., Hook]


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    server = Town()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def shop(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The system file of a shop whose orders fail."""
    folder = tmp_path_factory.mktemp("shop")
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    (folder / "shop.log").write_text(f"{now} ERROR order 17 failed\n{now} ERROR warehouse said 403\n")
    (folder / "shop.md").write_text(GUIDE)
    path = folder / "crashcart.toml"
    path.write_text(
        f'[system]\nname = "shop"\nguides = ["shop.md"]\n\n[targets.shop]\nkind = "http"\nurl = "http://{town.address}"\nlogs = ["shop.log"]\n'
    )
    return path


@pytest.fixture(scope="module")
def start(shop: Path) -> Iterator[Start]:
    """Start `crashcart hook` on a free port; whatever still runs at the end is ended."""
    hooks: list[Hook] = []

    def begin(*args: str, system: Path = shop, file_kb: str = "unlimited") -> Hook:
        environ = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG")}
        environ |= {"XDG_STATE_HOME": str(system.parent / "state"), "HOME": str(system.parent), "HOOK_SECRET": SECRET}
        process = subprocess.Popen(
            ["bash", "-c", 'ulimit -f "$0"; exec "$@"', file_kb, sys.executable, "-m", "crashcart", "hook", "--system", str(system),
             "--port", "0", *args],
            env=environ, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        hook = Hook(process, "")
        hooks.append(hook)
        found = re.search(r"url=(\S+)/alerts", hook.wait_for("event=listening"))
        assert found
        hook.url = found[1]
        return hook

    yield begin
    for hook in hooks:
        if hook.process.poll() is None:
            hook.kill()


@pytest.fixture
def payload() -> Callable[..., bytes]:
    """One alert, as Alertmanager sends it."""

    def make(
        fingerprint: str, *, status: str = "firing", summary: str = "orders fail", key: str = "g", **labels: str
    ) -> bytes:
        alert = {
            "status": status, "labels": {"alertname": "OrdersFail", **labels}, "annotations": {"summary": summary},
            "startsAt": datetime.now(UTC).isoformat(), "fingerprint": fingerprint,
        }  # fmt: skip
        return json.dumps({"version": "4", "groupKey": key, "alerts": [alert]}).encode()

    return make
