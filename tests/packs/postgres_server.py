"""A real PostgreSQL of our own: settings, access list and state as a test wants them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from psycopg import Connection

HOST = "127.0.0.1"
ADMIN = "ann"
TRUST = f"host all all {HOST}/32 trust\nlocal all all trust\n"
_NOBODY = 65534  # it will not run as root
_WAIT = threading.Event()


def is_there() -> bool:
    """Say whether a server can be started here."""
    return _programs() is not None and find_spec("psycopg") is not None


def programs() -> Path:
    """Return the folder of its programs. Skips where there is none."""
    pytest.importorskip("psycopg")
    found = _programs()
    if found is None:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    return found


def _programs() -> Path | None:
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), *map(Path, os.get_exec_path())]
    wanted = ("initdb", "postgres", "pg_isready")
    return next((place for place in places if all((place / program).exists() for program in wanted)), None)


def until(claim: Callable[[], bool], what: str, *, timeout_s: float = 30.0) -> None:
    """Return when the claim holds."""
    end = time.monotonic() + timeout_s
    while not claim():
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout_s:g} s: {what}")
        _WAIT.wait(0.02)


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def is_open(port: int) -> bool:
    """Say whether somebody listens on a port."""
    with socket.socket() as connection:
        return connection.connect_ex((HOST, port)) == 0


class Server:
    """One cluster; `settings` hold from the next start."""

    def __init__(self) -> None:
        self._bin = programs()
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        self._user = _NOBODY if os.geteuid() == 0 else None
        self._own(self.folder)
        self.data = self.folder / "data"
        self.port = free_port()
        self.settings: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-U", ADMIN, "--auth=trust", "--no-sync", "-D", str(self.data))

    @property
    def log(self) -> Path:
        """Where it writes what it says."""
        return self.folder / "postgres.log"

    def url(self, database: str = "shop", *, user: str = ADMIN, password: str = "") -> str:
        """Return the url of a database."""
        word = f":{password}" if password else ""
        return f"postgresql://{user}{word}@{HOST}:{self.port}/{database}"

    # -- up and down

    def start(self, *, port: int | None = None, is_ready: bool = True) -> None:
        """Start it; by default wait until it takes connections."""
        fixed = {
            "port": str(port or self.port), "listen_addresses": HOST, "unix_socket_directories": str(self.folder),
            "fsync": "off", "autovacuum": "off", "max_connections": "20", "shared_buffers": "16MB",
        }  # fmt: skip
        words = [word for name, value in {**fixed, **self.settings}.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._own(self.log)
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self.data, *words], user=self._user, group=self._user,
                cwd=self.folder, stderr=log, stdout=log, env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            )  # fmt: skip
        if is_ready:
            until(lambda: self._is_up(port or self.port), f"PostgreSQL on port {port or self.port}: {self.log}")

    def stop(self) -> None:
        """Stop it at once, whatever its state."""
        if self._process is None:
            return
        self.signal(signal.SIGCONT)
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=15)
        self._process = None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it and to the processes that it has started."""
        import psutil

        assert self._process is not None
        family = psutil.Process(self._process.pid)
        for one in (family, *family.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):  # a session of it that has just ended
                one.send_signal(number)

    def drop(self) -> None:
        """Stop it and leave nothing."""
        self.stop()
        shutil.rmtree(self.folder)

    # -- what it holds

    def run(self, *statements: str, database: str = "shop") -> list[tuple[object, ...]]:
        """Run statements as its administrator, and return the rows of the last one."""
        with self.connect(database=database) as connection:
            found = [connection.execute(statement.encode()) for statement in statements]
            return found[-1].fetchall() if found and found[-1].description else []

    def connect(
        self, *, database: str = "shop", user: str = ADMIN, name: str = "psql", password: str = ""
    ) -> Connection:
        """Open a session that runs statement by statement."""
        import psycopg

        url = self.url(database, user=user, password=password)
        return psycopg.connect(url, autocommit=True, application_name=name, connect_timeout=5)

    def access(self, text: str) -> None:
        """Replace its access list; it reads it at once when it runs."""
        (self.data / "pg_hba.conf").write_text(text)
        if self._process is not None:
            self.run("SELECT pg_reload_conf()", database="postgres")

    def put(self, name: str, text: str = "") -> None:
        """Put a file into its folder, as one of its own."""
        (self.data / name).write_text(text)
        self._own(self.data / name)

    def waiting(self, text: str, *, state: str = "active", is_locked: bool = True) -> None:
        """Wait until a session with that text in its statement waits for a lock, or is in that state."""
        claim = f"state LIKE '{state}%'" + (" AND wait_event_type = 'Lock'" if is_locked else "")
        sql = f"SELECT 1 FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND {claim} AND query LIKE '%{text}%'"
        until(lambda: bool(self.run(sql)), f"a session {state}: {text}")

    def _is_up(self, port: int) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()[-2000:]
        words = ["-q", "-h", HOST, "-p", str(port), "-U", ADMIN, "-d", "postgres"]
        return subprocess.run([self._bin / "pg_isready", *words], check=False).returncode == 0

    def _run(self, program: str, *words: str) -> None:
        argv = [self._bin / program, *words]
        subprocess.run(argv, user=self._user, group=self._user, cwd=self.folder, check=True, capture_output=True)

    def _own(self, path: Path) -> None:
        if self._user is not None:
            os.chown(path, self._user, self._user)


@contextmanager
def running() -> Iterator[Server]:
    """Yield a server that runs, with an empty database `shop`."""
    server = Server()
    try:
        server.start()
        server.run("CREATE DATABASE shop", database="postgres")
        yield server
    finally:
        server.drop()


@contextmanager
def doing(connection: Connection, statement: str) -> Iterator[None]:
    """Have a session run a statement that does not end, in a thread; it is ended with the block."""
    import psycopg

    def run() -> None:
        try:
            connection.execute(statement.encode())
        except psycopg.Error:
            ended.set()

    ended = threading.Event()
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        connection.cancel_safe(timeout=5.0)
        thread.join(10)
