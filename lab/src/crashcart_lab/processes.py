"""Processes, named by pid and start time, so that a reused pid is never taken for ours."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crashcart_lab.errors import LabError
from crashcart_lab.waiting import until

PROC = Path("/proc")
SUPERVISORD = "supervisor.supervisord"


@dataclass(frozen=True, slots=True)
class Process:
    """One process of this machine: its pid, and its start in clock ticks since boot."""

    pid: int
    started: int


def find(pid: int) -> Process | None:
    """Return the live process with this pid; a zombie counts as ended."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command stands in parentheses and may itself contain blanks and parentheses.
    fields = stat.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    return Process(pid, int(fields[19]))


def is_alive(process: Process) -> bool:
    return find(process.pid) == process


def children(pid: int) -> list[int]:
    """Return the pids of the processes that this one has started."""
    tasks = (PROC / str(pid) / "task").iterdir()
    return [int(word) for task in tasks for word in (task / "children").read_text().split()]


def spawn(argv: Sequence[str], *, env: Mapping[str, str], log: Path) -> Process:
    """Start a detached process that outlives us; its output goes to *log*."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    pid = os.posix_spawn(
        argv[0],
        list(argv),
        dict(env),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600),
            (os.POSIX_SPAWN_OPEN, 2, str(log), flags, 0o600),
        ],
        setsid=True,
    )
    process = find(pid)
    if process is None:
        raise LabError(f"{argv[0]} ended as soon as it was started", hint=f"read {log}")
    return process


def end(process: Process, *, grace_s: float = 3.0) -> None:
    """End exactly this process: SIGTERM, and SIGKILL when it has not gone within *grace_s*."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not is_alive(process):
            break
        os.kill(process.pid, number)
        try:
            await_end(process, timeout_s=grace_s)
        except LabError:
            if number is signal.SIGKILL:
                raise
    _reap(process.pid)


def await_end(process: Process, *, timeout_s: float) -> None:
    until(
        lambda: not is_alive(process),
        timeout_s=timeout_s,
        what=f"process {process.pid} to end",
        hint=f"look at it: ps -fp {process.pid}",
    )


def leftovers(root: Path) -> list[Process]:
    """Return the lab's own processes of the world at *root*, whoever their parent is by now.

    A process belongs to a world when it runs a module of the lab, supervisord or the queue, and its working
    folder or one of its arguments lies in the world's folder. A supervisord comes first, because
    it would start again what is ended before it.
    """
    found = {process: _words(process.pid) for process in _all()}
    ours = [process for process, words in found.items() if _belongs(process.pid, words, root)]
    return sorted(ours, key=lambda process: SUPERVISORD not in found[process])


def _all() -> Iterator[Process]:
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (process := find(int(entry.name))) is not None:
            yield process


def _words(pid: int) -> list[str]:
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:  # gone meanwhile
        return []


def _belongs(pid: int, words: list[str], root: Path) -> bool:
    # Only `python -m MODULE` and the queue: a test run or an editor that names our files is not ours to end.
    is_module = words[1:2] == ["-m"] and words[2].startswith((SUPERVISORD, "crashcart_lab."))
    if not is_module and not words[0].split(" ")[0].endswith("/valkey-server"):
        return False
    try:
        folder = os.readlink(PROC / str(pid) / "cwd")
    except OSError:  # gone meanwhile, or another user's
        return False
    return any(Path(place).is_relative_to(root) for place in (folder, *words) if place)


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        # Not our child: started by an earlier command, so init reaps it.
        return
