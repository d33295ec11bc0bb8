"""The process supervisor: its configuration, its start, and its XML-RPC face on a Unix socket."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crashcart_lab import processes
from crashcart_lab.errors import LabError

# A minute: XML-RPC calls that stop a program return when it has ended.
CALL_TIMEOUT_S = 60.0
# How every program of the lab is started.
PYTHON = (sys.executable, "-m")


@dataclass(frozen=True, slots=True)
class Program:
    """One supervised program. Programs of lower priority start earlier and stop later."""

    name: str
    argv: Sequence[str]
    folder: Path
    priority: int
    env: Mapping[str, str] = field(default_factory=dict)  # beside what it inherits


def configuration(programs: Sequence[Program], *, folder: Path, socket_path: Path) -> str:
    """Return the text of supervisord's configuration file; *folder* takes its log and pid."""
    head = f"""\
[unix_http_server]
file = {socket_path}
chmod = 0700

[supervisord]
logfile = {folder}/supervisord.log
pidfile = {folder}/supervisord.pid
childlogdir = {folder}
nodaemon = false
silent = true

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl = unix://{socket_path}
"""
    return head.replace("%", "%%") + "".join(_section(program) for program in programs)


def _section(program: Program) -> str:
    # supervisord reads % as the start of an expression, and quotes as a shell does.
    command = " ".join(f'"{word}"' for word in program.argv).replace("%", "%%")
    folder = str(program.folder).replace("%", "%%")
    env = ",".join(f'{name}="{value}"' for name, value in program.env.items()).replace("%", "%%")
    return f"""
[program:{program.name}]
command = {command}
directory = {folder}
environment = {env}
priority = {program.priority}
startsecs = 1
startretries = 3
stopwaitsecs = 5
killasgroup = true
stdout_logfile = {folder}/{program.name}.out
stdout_logfile_maxbytes = 0
redirect_stderr = true
"""


def clean_environment() -> dict[str, str]:
    """Return what programs of the lab inherit: nothing of the caller's keys, proxies or settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}


def launch(config: Path) -> None:
    """Start supervisord as a daemon; it starts the programs itself."""
    argv = [*PYTHON, processes.SUPERVISORD, "-c", str(config)]
    done = subprocess.run(
        argv,
        check=False,
        cwd=config.parent,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=CALL_TIMEOUT_S,
    )
    if done.returncode != 0:
        raise LabError(
            f"supervisord did not start (exit {done.returncode}): {done.stderr.strip() or done.stdout.strip()}",
            hint=f"read {config} and supervisord.log beside it",
        )


ALREADY_STARTED = 60  # supervisord's code for it


@dataclass(frozen=True, slots=True)
class Status:
    """What supervisord says of one program: its state in supervisord's words, and its pid, if any."""

    name: str
    state: str
    pid: int | None


@dataclass(frozen=True, slots=True)
class Supervisor:
    """The running supervisord behind one socket."""

    socket_path: Path

    def answers(self) -> bool:
        try:
            self._call("supervisor.getState")
        except LabError:
            return False
        return True

    def pid(self) -> int:
        return int(self._call("supervisor.getPID"))

    def start(self, name: str) -> None:
        """Start a program, unless supervisord is about to start it again by itself; returns before it is ready."""
        self._call("supervisor.startProcess", name, False, fine=ALREADY_STARTED)

    def stop(self, name: str) -> None:
        """Stop a program; returns when its process has ended."""
        self._call("supervisor.stopProcess", name, True)

    def status(self) -> list[Status]:
        found: list[Mapping[str, Any]] = self._call("supervisor.getAllProcessInfo")
        return [Status(str(one["name"]), str(one["statename"]), int(one["pid"]) or None) for one in found]

    def shutdown(self) -> None:
        """Ask supervisord to stop all programs and itself; returns at once."""
        self._call("supervisor.shutdown")

    def _call(self, method: str, *arguments: str | bool, fine: int | None = None) -> Any:
        proxy = xmlrpc.client.ServerProxy("http://localhost/RPC2", transport=_Transport(self.socket_path))
        try:
            with proxy:
                return getattr(proxy, method)(*arguments)
        except xmlrpc.client.Fault as err:
            if err.faultCode == fine:
                return None
            words = " ".join(map(str, (method, *arguments)))
            raise LabError(f"supervisord refused {words}: {err.faultString}", hint="crashcart-lab status") from err
        except (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError) as err:
            raise LabError(
                f"supervisord does not answer on {self.socket_path}: {err}",
                hint="crashcart-lab down ends what is left; then crashcart-lab up",
            ) from err


# What xmlrpc.client calls a host: its name, or its name with headers. Ours is always the socket.
_Host = tuple[str, dict[str, str]] | str


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=CALL_TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class _Transport(xmlrpc.client.Transport):
    """XML-RPC over a Unix socket, which the standard library does not offer."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: _Host) -> http.client.HTTPConnection:
        connection = _Connection(self._path)
        # Where the base class looks for what it is to close.
        self._connection = host, connection
        return connection
