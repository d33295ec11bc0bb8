"""A shop that can be fixed: a real server that reads a real settings file, with a guide that says how."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
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

### Cause: the limit is too small {#limit-small} (common)

**Evidence**
- always: we are told so `log {self} "limit reached"`
- always: orders are refused `http {self} GET /orders => status = 500`

**Fix**
1. Let more orders in: `config set {self} LIMIT = 9`
   - only if it answers at all: `tcp {self} => ok`

**Verify**
- orders go through `http {self} GET /orders => status = 200 within 5 s`
"""
HARMFUL = GUIDE.replace("LIMIT = 9", "LIMIT = 13")  # the server falls over at 13
USELESS = GUIDE.replace("LIMIT = 9", "LIMIT = 5")


@dataclass
class Site:
    """A shop on disk and on a port; its server reads the settings file at each request."""

    folder: Path
    url: str = ""
    ran: list[str] = field(default_factory=list)

    def limit(self) -> str:
        found = re.search(r"^LIMIT=(.*)$", (self.folder / "shop.env").read_text(encoding="utf-8"), re.MULTILINE)
        return found.group(1) if found else ""

    def run(self, *args: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "crashcart", *args], cwd=self.folder, env=self.environ(), capture_output=True,
            text=True, timeout=60, check=False, input=given,
        )  # fmt: skip

    def environ(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "USER": "ann",
            "LOGNAME": "ann",
        }

    def write(
        self,
        *,
        guide: str = GUIDE,
        more: str = "\n[touching]\nsettle_s = 0.5\n",
        env: str = "NAME=shop\nLIMIT=1  # orders\n",
    ) -> None:
        (self.folder / "shop.md").write_text(guide, encoding="utf-8")
        (self.folder / "shop.env").write_text(env, encoding="utf-8")
        (self.folder / "crashcart.toml").write_text(
            '[system]\nname = "shop"\nenvironment = "production"\nguides = ["shop.md"]\n\n'
            f'[targets.shop]\nkind = "http"\nurl = "{self.url}"\nlogs = ["shop.log"]\nenv_file = "shop.env"\n{more}',
            encoding="utf-8",
        )

    def hash_of_plan(self) -> str:
        found = re.search(r"--approve (\w+)", self.run("fix", "--plan", "--no-input").stdout)
        assert found
        return found.group(1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            limit = made.limit().split("#")[0].strip() or "0"
            is_down = limit == "13" or (self.path == "/orders" and limit != "9")
            self.send_response(500 if is_down else 200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    made.write()
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
    (tmp_path / "shop.log").write_text(
        f"{stamp} ERROR order 7 failed\n{stamp} ERROR limit reached\n" * 3, encoding="utf-8"
    )
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
