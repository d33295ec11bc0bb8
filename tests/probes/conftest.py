"""Real servers, real processes and a way to look at them."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from tests.loopback import Server

from crashcart.model.observation import Look, Moment, Outcome, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Looker, Place
from crashcart.probes.place import LocalPlace
from crashcart.probes.registry import load
from crashcart.redact import Scrubber


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "row(kind, situation): proves one row of a kind's Seen/Unseen table")


@dataclass
class KnownSecrets:
    """Secrets of targets, by (target, attribute)."""

    values: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def value(self, target: str, attribute: str) -> str | None:
        return self.values.get((target, attribute))


@dataclass
class Looking:
    """Takes looks; change the attributes before the first one."""

    place: Place = field(default_factory=LocalPlace)
    scrubber: Scrubber = field(default_factory=lambda: Scrubber([]))
    secrets: KnownSecrets = field(default_factory=KnownSecrets)
    lookers: dict[str, Looker] = field(default_factory=dict)

    def outcome(
        self, kind: str, target: Target, look: str = "", *, moment: Moment | None = None, over_s: float | None = None,
        since_onset_s: float | None = None, **args: str,
    ) -> Outcome:  # fmt: skip
        if kind not in self.lookers:
            self.lookers[kind] = load(kind, self.place, self.scrubber, self.secrets)
        given = tuple((name.rstrip("_"), value) for name, value in args.items())
        bound = Look(kind, target.name, look, given, over_s=over_s, since_onset_s=since_onset_s)
        return asyncio.run(self.lookers[kind].take(bound, target, moment or Moment(datetime.now(UTC))))

    def seen(self, kind: str, target: Target, look: str = "", **args: object) -> Seen:
        outcome = self.outcome(kind, target, look, **args)  # type: ignore[arg-type]
        assert isinstance(outcome, Seen), outcome
        return outcome

    def unseen(self, kind: str, target: Target, look: str = "", **args: object) -> str:
        outcome = self.outcome(kind, target, look, **args)  # type: ignore[arg-type]
        assert isinstance(outcome, Unseen), outcome
        return outcome.reason


@pytest.fixture
def looking() -> Looking:
    return Looking()


@pytest.fixture
def known_secrets() -> type[KnownSecrets]:
    return KnownSecrets


# --- servers ---------------------------------------------------------------------------------------------------------


@dataclass
class Page:
    """What the HTTP server answers, and what it was asked."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    by_path: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def http_server() -> Iterator[Page]:
    page = Page()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page.asked.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}))
            status, headers, body = page.by_path.get(self.path, (page.status, page.headers, page.body))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_OPTIONS = do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

        def log_message(self, *args: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    page.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield page
    server.shutdown()
    server.server_close()


@pytest.fixture
def raw_server() -> Iterator[Callable[[Callable[[socket.socket], None]], int]]:
    """Return a function that serves connections with raw bytes and returns the port. Connections stay open till the end."""
    listeners: list[socket.socket] = []
    kept: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve(answer: Callable[[socket.socket], None]) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return  # closed: the test is over
                kept.append(connection)
                with suppress(OSError):  # the client has gone: it waits for nobody
                    answer(connection)

        threads.append(threading.Thread(target=accept, daemon=True))
        threads[-1].start()
        return int(listener.getsockname()[1])

    yield serve
    while True:
        for opened in (*listeners, *kept):
            # shutdown wakes a thread that waits in accept; close alone does not. Some are closed by the test already.
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(0.05)  # it may hold a connection that was accepted just now: shut down in the next round
        if not any(thread.is_alive() for thread in threads):
            break
    for opened in (*listeners, *kept):
        opened.close()


@pytest.fixture
def closed_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def full_port() -> Iterator[int]:
    """Yield a port whose listener accepts nothing any more: its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            waiting.append(client)
        yield int(listener.getsockname()[1])
        for client in waiting:
            client.close()


@pytest.fixture
def hanging_resolver() -> Iterator[Callable[[str, int], list[str]]]:
    over = threading.Event()

    def hang(host: str, port: int) -> list[str]:
        over.wait()
        return []

    yield hang
    over.set()


# --- processes -------------------------------------------------------------------------------------------------------


@pytest.fixture
def word() -> str:
    """Return a word that stands in no command line yet."""
    return f"crashcart-test-{uuid.uuid4().hex}"


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Return a function that starts a process which waits for its input, with words in its command line."""
    started: list[subprocess.Popen[bytes]] = []

    def run(*words: str, env: Mapping[str, str] | None = None, code: str = "read line") -> subprocess.Popen[bytes]:
        environ = {"PATH": os.environ["PATH"], **(env or {})}
        process = subprocess.Popen(
            ["sh", "-c", f"echo ready; {code}", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


# The rights are dropped when everything is imported: the interpreter itself may be out of the reach of others.
_AS_NOBODY = """
import asyncio, json, os, sys
import anyio._backends._asyncio, crashcart.probes.database, crashcart.probes.supervisord, encodings.ascii, encodings.idna, httpcore, psutil
from datetime import UTC, datetime
from crashcart.model.observation import Look, Moment, Unseen
from crashcart.model.system import Target
from crashcart.probes.place import LocalPlace
from crashcart.probes.registry import load
from crashcart.redact import Scrubber

class NoSecrets:
    def value(self, target, attribute):
        return None

kind, target, look, args = json.loads(sys.argv[1])
target["logs"] = tuple(target.get("logs", ()))
looker = load(kind, LocalPlace(), Scrubber([]), NoSecrets())
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
bound = Look(kind, target["name"], look, tuple(map(tuple, args)))
outcome = asyncio.run(looker.take(bound, Target(**target), Moment(datetime.now(UTC))))
print(json.dumps([isinstance(outcome, Unseen), outcome.reason if isinstance(outcome, Unseen) else dict(outcome.fields)]))
"""


@pytest.fixture
def as_nobody() -> Callable[..., str]:
    """Return a function that takes a look without rights, and returns why it saw nothing."""

    def unseen(kind: str, target: Mapping[str, object], look: str = "", **args: str) -> str:
        asked = json.dumps([kind, dict(target), look, list(args.items())])
        if os.geteuid() and kind != "log":
            pytest.skip("needs root to look as somebody else")
        ran = subprocess.run(
            [sys.executable, "-c", _AS_NOBODY, asked], capture_output=True, text=True, cwd="/", check=False
        )
        assert ran.returncode == 0, ran.stderr
        is_unseen, said = json.loads(ran.stdout)
        assert is_unseen, said
        return str(said)

    return unseen


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """Return a folder that everybody may enter."""
    ours = Path(tempfile.gettempdir()).resolve()
    for folder in (tmp_path, *tmp_path.parents):
        if folder.is_relative_to(ours) and folder != ours:
            folder.chmod(0o755)
    return tmp_path
