"""Where a stranger lives: its folder, its own environment, its ports, and the processes started for it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from crashcart_lab import ports
from crashcart_lab.errors import LabError
from crashcart_lab.processes import Process, end, find, is_alive
from crashcart_lab.waiting import until

NOBODY = 65534  # PostgreSQL refuses to run as root


class Bed:
    """One stranger's place. `project` is the folder that its team would have; `parts` holds what is beside it.

    What must outlive one command (ports, processes) is kept in `bed.json`.
    """

    def __init__(self, root: Path, name: str) -> None:
        self.name = name
        self.root = root / name
        self.project = self.root / name
        self.parts = self.root / "parts"
        self.venv = self.root / "venv"
        self._file = self.root / "bed.json"
        kept = json.loads(self._file.read_text()) if self._file.exists() else {"ports": {}, "processes": {}}
        self._ports: dict[str, int] = kept["ports"]
        self._processes: dict[str, list[int]] = kept["processes"]

    # -- installing

    def make(self, packages: Sequence[str]) -> None:
        """Make the folders, and install the packages into an environment of their own."""
        for folder in (self.project, self.parts):
            folder.mkdir(parents=True, exist_ok=True)
        if not (self.venv / "installed").exists():
            subprocess.run([sys.executable, "-m", "venv", str(self.venv)], check=True)
            self.run([self.bin("pip"), "install", "-q", "--disable-pip-version-check", *packages])
            (self.venv / "installed").write_text("\n".join(packages))

    def bin(self, name: str) -> str:
        """Return the path of a program of the environment."""
        return str(self.venv / "bin" / name)

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None, folder: Path | None = None) -> str:
        """Run a command to its end and return what it wrote."""
        done = subprocess.run(
            list(argv), cwd=folder or self.project, env=self.environ(env), capture_output=True, text=True, timeout=600
        )
        if done.returncode:
            raise LabError(f"{argv[0]} ended with {done.returncode}", hint=(done.stderr or done.stdout)[-600:])
        return done.stdout

    def environ(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return an environment that holds nothing of ours."""
        kept = {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ}
        path = f"{self.venv / 'bin'}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        return {"PATH": path, "HOME": str(self.parts), **kept, **(more or {})}

    # -- ports and processes

    def port(self, name: str) -> int:
        """Return the port of that name, the same one every time."""
        if name not in self._ports:
            self._ports[name] = ports.free(1)[0]
            self.keep()
        return self._ports[name]

    def start(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        folder: Path | None = None,
        log: Path | None = None,
        user: int | None = None,
    ) -> None:
        """Start a process that outlives us, with its output in a log file; one that runs already is left alone."""
        if self.is_running(name):
            return
        path = log or self.project / f"{name}.log"
        with path.open("ab") as output:
            started = subprocess.Popen(
                list(argv), cwd=folder or self.project, env=self.environ(env), stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True, user=user, group=user,
            )  # fmt: skip
        # It outlives this object on purpose; without a code, Popen would complain of a child left alone.
        started.returncode = 0
        found = find(started.pid)
        if found is None:
            raise LabError(f"{argv[0]} ended as soon as it was started", hint=f"read {path}")
        self._processes[name] = [found.pid, found.started]
        self.keep()

    def await_port(self, name: str, *, timeout_s: float = 60.0) -> None:
        """Wait until somebody listens on the port of that name."""
        port = self.port(name)
        until(lambda: ports.is_open(port), timeout_s=timeout_s, what=f"{name} on port {port}", hint="read its log")

    def process(self, name: str) -> Process:
        """Return the process of that name."""
        pid, started = self._processes[name]
        return Process(pid, started)

    def is_running(self, name: str) -> bool:
        """Whether the process of that name lives."""
        return name in self._processes and is_alive(self.process(name))

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to a process and to those that it has started."""
        for pid in self.family(name):
            os.kill(pid, number)

    def family(self, name: str) -> tuple[int, ...]:
        """Return the pids of a process and of all below it, the eldest first."""
        found = [self.process(name).pid] if self.is_running(name) else []
        for pid in found:
            found += _children(pid)
        return tuple(found)

    def stop(self, name: str) -> None:
        """End a process and all below it."""
        if self.is_running(name):
            below = [process for pid in self.family(name)[1:] if (process := find(pid)) is not None]
            for process in (self.process(name), *below):
                if is_alive(process):
                    os.kill(process.pid, signal.SIGCONT)
            end(self.process(name))
            for process in below:
                end(process)
        self._processes.pop(name, None)
        self.keep()

    def stop_all(self) -> None:
        """End everything that was started here, the youngest first."""
        for name in reversed(list(self._processes)):
            self.stop(name)

    def keep(self) -> None:
        """Write down ports and processes."""
        self.root.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps({"ports": self._ports, "processes": self._processes}))

    # -- parts that many strangers need

    def start_postgres(self, database: str) -> str:
        """Start PostgreSQL with one empty database, and return its url."""
        data, port = self.parts / "postgres", self.port("postgres")
        programs = _postgres_programs()
        if not data.exists():
            data.mkdir(parents=True)
            _open_way(data)
            os.chown(data, NOBODY, NOBODY)
            self._as_nobody([f"{programs}/initdb", "-D", str(data), "-U", "app", "--auth=trust", "--no-sync"])
        log = self.parts / "postgres.log"
        log.touch()
        os.chown(log, NOBODY, NOBODY)
        argv = [f"{programs}/postgres", "-D", str(data), "-p", str(port), "-h", ports.HOST, "-k", str(data)]
        self.start("postgres", argv, folder=data, log=log, user=NOBODY)
        self.await_port("postgres")
        base = ["-h", ports.HOST, "-p", str(port), "-U", "app"]
        until(lambda: _is_ok([f"{programs}/pg_isready", *base]), timeout_s=20, what="PostgreSQL", hint=f"read {log}")
        if not _is_ok(["psql", *base, "-d", database, "-c", "select 1"]):
            subprocess.run([f"{programs}/createdb", *base, database], check=True)
        return f"postgresql://app@{ports.HOST}:{port}/{database}"

    def psql(self, statement: str, database: str) -> str:
        """Run one statement in PostgreSQL."""
        return self.run(
            ["psql", "-h", ports.HOST, "-p", str(self.port("postgres")), "-U", "app", "-d", database, "-Atc", statement]
        )

    def start_redis(self) -> str:
        """Start Redis, and return its url."""
        folder = self.parts / "redis"
        folder.mkdir(exist_ok=True)
        port = self.port("redis")
        argv = [_program("redis-server"), "--port", str(port), "--bind", ports.HOST, "--save", "", "--dir", str(folder)]
        self.start("redis", argv, folder=folder, log=self.parts / "redis.log")
        self.await_port("redis")
        return f"redis://{ports.HOST}:{port}/0"

    def start_nginx(self, upstream_port: int) -> None:
        """Start nginx in front of a port, with settings in the project folder."""
        port, logs = self.port("nginx"), self.project / "logs"
        logs.mkdir(exist_ok=True)
        conf = self.project / "nginx.conf"
        conf.write_text(_NGINX.format(port=port, upstream=upstream_port, logs=logs, parts=self.parts, host=ports.HOST))
        self.start(
            "nginx", [_program("nginx"), "-c", str(conf), "-e", str(logs / "error.log")], log=self.parts / "nginx.out"
        )
        self.await_port("nginx")

    def _as_nobody(self, argv: Sequence[str]) -> None:
        subprocess.run(list(argv), check=True, user=NOBODY, group=NOBODY, capture_output=True, cwd="/")


_NGINX = """daemon off;
user root;
worker_processes 1;
pid {parts}/nginx.pid;
error_log {logs}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log {logs}/access.log;
    client_body_temp_path {parts}/body;
    proxy_temp_path {parts}/proxy;
    fastcgi_temp_path {parts}/fastcgi;
    uwsgi_temp_path {parts}/uwsgi;
    scgi_temp_path {parts}/scgi;
    upstream backend {{ server {host}:{upstream}; }}
    server {{
        listen {host}:{port};
        location / {{
            proxy_pass http://backend;
            proxy_read_timeout 10s;
            proxy_set_header Host $host;
        }}
    }}
}}
"""


def missing() -> str:
    """Return which of the needed programs of the machine are not there; empty when all are."""
    names = [name for name in ("nginx", "redis-server", "psql") if shutil.which(name) is None]
    return ", ".join(names)


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(word) for task in tasks for word in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        return []


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise LabError(f"{name} is not installed", hint=f"apt-get install {name}")
    return found


def _postgres_programs() -> str:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        raise LabError("PostgreSQL is not installed", hint="apt-get install postgresql")
    return str(found[-1].parent)


def _open_way(path: Path) -> None:
    """Let other users pass through the folders above, as far as they are ours."""
    for folder in path.parents:
        if folder.stat().st_uid == os.getuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o011)


def _is_ok(argv: Sequence[str]) -> bool:
    return subprocess.run(list(argv), capture_output=True).returncode == 0
