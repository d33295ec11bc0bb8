"""A real target with everything a look can see, and secrets planted wherever text comes from."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crashcart.model.observation import Look, Moment, Outcome
from crashcart.model.system import Target
from crashcart.ports import Looker
from crashcart.probes.place import LocalPlace
from crashcart.probes.registry import load
from crashcart.redact import Scrubber

KNOWN = "Zx9-known-Qw4rT7"  # the scrubber is told of it
SHAPED = "sk-proj-4f9aB2kLm83Xy0"  # nobody told, its shape tells
NAMED = "correct7horse"  # only the name in front of it tells
SECRETS = (KNOWN, SHAPED, NAMED)


@dataclass
class World:
    """The target, what it is made of, and what it was asked."""

    target: Target
    folder: Path
    process: subprocess.Popen[bytes]
    requests: list[str] = field(default_factory=list)

    def value(self, target: str, attribute: str) -> str | None:
        """Be the `Secrets` of this world."""
        return KNOWN if attribute == "key" else None

    def take(self, looks: Sequence[Look], times: int = 1) -> list[Outcome]:
        place, scrubber = LocalPlace(), Scrubber([KNOWN])
        lookers: dict[str, Looker] = {}

        async def all_of_them() -> list[Outcome]:
            outcomes: list[Outcome] = []
            for look in looks:
                if look.kind not in lookers:
                    lookers[look.kind] = load(look.kind, place, scrubber, self)
                for _ in range(times):
                    outcomes.append(await lookers[look.kind].take(look, self.target, Moment(datetime.now(UTC))))
            return outcomes

        return asyncio.run(all_of_them())


def look(kind: str, word: str = "", **args: str) -> Look:
    return Look(kind, "api", word, tuple((name.rstrip("_"), value) for name, value in args.items()))


# Every look of every kind, with arguments that reach every part of its code.
EVERY_LOOK = (
    look("tcp"),
    look("http", method="GET", path="/health", at_="error.message"),
    look("http", method="HEAD", path="/health"),
    look("http", method="OPTIONS", path="/health"),
    look("process"),
    look("process", "holders"),
    look("env", name="API_KEY"),
    look("env", name="PLAIN"),
    look("env", name="DATABASE_URL"),
    look("env", name="API_KEY", in_="process"),
    look("env", name="PLAIN", in_="process"),
    look("log"),
    look("log", text="<before> failed <*> with <key>"),
    look("log", text="Traceback", level="error"),
    look("log", text="password=<password>"),
    look("log", text="job <id> started", follow="job <id> done", follow_s="1"),
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    requests: list[str] = []
    body = {
        "error": {"message": f"key {KNOWN} and {SHAPED} refused, password={NAMED}"},
        "api_key": NAMED,
        "nested": json.dumps({"token": NAMED, "url": f"postgres://app:{NAMED}@db/x"}),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(f"{self.command} {self.path}")
            data = json.dumps(body).encode()
            self.send_response(401)
            self.send_header("Content-Type", f"application/json; token={NAMED}")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_HEAD = do_OPTIONS = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # with the usual 5, a hundred connections in a row wait for each other

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    word = f"crashcart-contract-{uuid.uuid4().hex}"
    _write_files(tmp_path)
    process = _start(tmp_path, word)
    target = Target(
        "api",
        "http",
        {"url": f"http://127.0.0.1:{server.server_port}", "path": str(tmp_path / "app.db")},
        logs=(str(tmp_path / "api.log"),),
        env_file=str(tmp_path / ".env"),
        command=word,
    )
    yield World(target, tmp_path, process, requests)
    process.kill()
    process.communicate()
    server.shutdown()
    server.server_close()


def _write_files(folder: Path) -> None:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = [
        f"{now} ERROR job 1 failed twice with {KNOWN}",
        f"{now} ERROR job 2 failed twice with {SHAPED}",
        f"{now} INFO login password={NAMED} for ann",
        f"{now} ERROR unexpected",
        "Traceback (most recent call last):",
        f'  File "main.py", line 1, in <module> connect("postgres://app:{NAMED}@db/x")',
        f"openai.AuthenticationError: Error code: 401 - {{'message': 'Incorrect API key provided: {SHAPED}'}}",
        json.dumps({"timestamp": now, "level": "ERROR", "message": f"key {KNOWN}", "password": f"{NAMED} and more"}),
        json.dumps({"timestamp": now, "level": "ERROR", "message": json.dumps({"secret": NAMED}), "token": KNOWN}),
        f"{now} INFO job 9 started with Authorization: Bearer {NAMED}{NAMED}",
        f"{now} INFO " + "x" * (64 * 1024 - 50) + KNOWN,
    ]
    (folder / "api.log").write_text("\n".join(lines) + "\n")
    (folder / ".env").write_text(f"API_KEY={NAMED}\nPLAIN={KNOWN}\nDATABASE_URL=postgres://app:{NAMED}@db/x\n")
    (folder / "app.db").write_bytes(b"database")


def _start(folder: Path, word: str) -> subprocess.Popen[bytes]:
    """Start a process with secrets in its command line and environment that holds the database open."""
    code = "import sys; held = open(sys.argv[1]); print('ready', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder / "app.db"), word, "--token", KNOWN, SHAPED, f"--password={NAMED}"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "API_KEY": NAMED, "PLAIN": KNOWN},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


@pytest.fixture
def every_look() -> tuple[Look, ...]:
    return EVERY_LOOK


@pytest.fixture
def secrets() -> tuple[str, ...]:
    return SECRETS
