"""Stages with a real PostgreSQL: one server a process, one database a stage."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from stages import Stage, State, staged, touch_of, until

from crashcart.model.system import Target
from crashcart.model.touch import TouchState

if TYPE_CHECKING:
    from psycopg import Connection

DONE = (TouchState.DONE, TouchState.DONE)
NOBODY = 65534


@cache
def server() -> str:
    """Start a server of our own, and return its url without a database. Skips where there is none."""
    pytest.importorskip("psycopg")
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), *map(Path, os.get_exec_path())]
    programs = ("initdb", "postgres", "pg_isready")
    bin_ = next((place for place in places if all((place / program).exists() for program in programs)), None)
    if bin_ is None:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    user = NOBODY if os.geteuid() == 0 else None  # it will not run as root
    if user:
        os.chown(folder, user, user)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    data = folder / "data"
    words = ["-U", "ann", "--auth=trust", "--no-sync", "-D", str(data)]
    subprocess.run([bin_ / "initdb", *words], user=user, cwd=folder, check=True, capture_output=True)
    settings = [
        f"port={port}",
        "listen_addresses=127.0.0.1",
        f"unix_socket_directories={folder}",
        "fsync=off",
        "autovacuum=off",
    ]
    argv = [bin_ / "postgres", "-D", str(data), *(word for one in settings for word in ("-c", one))]
    process = subprocess.Popen(argv, user=user, cwd=folder, stderr=subprocess.DEVNULL)

    def stop() -> None:
        process.send_signal(2)  # fast shutdown
        process.wait(timeout=30)
        shutil.rmtree(folder)

    atexit.register(stop)
    url = f"postgresql://ann@127.0.0.1:{port}"
    until(lambda: subprocess.run([bin_ / "pg_isready", "-q", "-d", f"{url}/postgres"], check=False).returncode == 0)
    return url


def _connect(url: str, *, autocommit: bool = True) -> Connection:
    import psycopg

    return psycopg.connect(url, autocommit=autocommit)


def _database() -> str:
    """Make a database with a table, and return its url."""
    name = f"stage_{os.urandom(4).hex()}"
    with _connect(f"{server()}/postgres") as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    with _connect(f"{server()}/{name}") as connection:
        connection.execute("CREATE TABLE jobs (id int, status text, made_at text)")
        connection.execute("INSERT INTO jobs SELECT n, 'queued', 'now' FROM generate_series(1, 500) n")
    return f"{server()}/{name}"


def _run(url: str, *statements: str) -> list[tuple[object, ...]]:
    with _connect(url) as connection:
        found = [connection.execute(statement.encode()) for statement in statements]
        return found[-1].fetchall() if found[-1].description else []


def _target(url: str) -> Target:
    return Target("db", "postgres", {"url": url.replace("postgresql:", "postgresql+psycopg:")})


@staged("postgres-end-idle")
def _end_idle(folder: Path) -> Iterator[Stage]:
    import psycopg

    url = _database()
    idle = _connect(url, autocommit=False)
    idle.execute("SELECT count(*) FROM jobs")
    pid = idle.info.backend_pid

    def state() -> State:
        return {"idle": len(_run(url, f"SELECT 1 FROM pg_stat_activity WHERE pid = {pid} AND state LIKE 'idle in%'"))}

    def disturb() -> None:
        idle.rollback()  # it goes on by itself

    touch = touch_of("postgres", "end-idle", age="0")
    try:
        yield Stage(touch, _target(url), state, disturb, if_disturbed=DONE)
    finally:
        try:
            idle.close()
        except psycopg.Error:
            assert idle.broken


@staged("postgres-index")
def _index(folder: Path) -> Iterator[Stage]:
    url = _database()

    def state() -> State:
        return {"indexes": str(_run(url, "SELECT indexdef FROM pg_indexes WHERE tablename = 'jobs' ORDER BY 1"))}

    def disturb() -> None:
        if "CREATE INDEX" in str(state()["indexes"]):
            name = "ix_jobs_status_made_at_crashcart"
            _run(url, f"DROP INDEX {name}", f"CREATE INDEX {name} ON jobs (made_at)")
        else:
            _run(url, "ALTER TABLE jobs RENAME TO tasks")

    yield Stage(touch_of("postgres", "index", table="jobs", columns="status, made_at"), _target(url), state, disturb)


@staged("postgres-analyze")
def _analyze(folder: Path) -> Iterator[Stage]:
    url = _database()

    def state() -> State:
        counted = _run(url, "SELECT analyze_count FROM pg_stat_user_tables WHERE relname = 'jobs'")
        return {"rows": str(_run(url, "SELECT count(*) FROM jobs")), "counted": int(str(counted[0][0]))}

    def disturb() -> None:
        _run(url, "ANALYZE jobs")

    touch = touch_of("postgres", "analyze", table="jobs")
    yield Stage(touch, _target(url), state, disturb, passing=("counted",), if_disturbed=DONE)
