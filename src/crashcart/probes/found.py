"""Which processes are the target's: by pid file, by command line, or by the port they listen on."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from crashcart.model.observation import Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, ProcessInfo
from crashcart.probes.address import address_of
from crashcart.probes.pool import FILES

_PID_BYTES = 64
_CONNECT_S = 1.0


async def find(place: Place, target: Target) -> Sequence[ProcessInfo] | Unseen:
    """Return the target's processes, or why that cannot be told. Never our own or its parents."""
    try:
        running = await FILES.run(place.processes)
    except OSError as error:
        return Unseen(f"processes cannot be listed here: {error.strerror or error}")
    return await find_among(place, target, running)


async def find_among(place: Place, target: Target, running: Sequence[ProcessInfo]) -> Sequence[ProcessInfo] | Unseen:
    """Return those of the running processes that are the target's, or why that cannot be told."""
    others = [process for process in running if not process.is_ours]
    if target.pid_file:
        pid = await FILES.run(lambda: _read_pid(place, target.pid_file))
        if pid is not None or not target.command:
            return pid if isinstance(pid, Unseen) else _with_pid(others, pid, target.command)
    if target.command:
        return [process for process in others if _matches(process, target.command)]
    return await _listeners(place, target, others)


def alive(processes: Sequence[ProcessInfo]) -> Sequence[ProcessInfo]:
    """Return those that still do something: a zombie is over, whatever its parent thinks."""
    return [process for process in processes if process.status not in ("zombie", "dead")]


def _read_pid(place: Place, path: str) -> int | Unseen | None:
    """Return the process id in a file. None when there is no such file: a service that ends removes it."""
    try:
        text = place.read(path, _PID_BYTES).decode("ascii", "replace").strip()
    except FileNotFoundError:
        return None
    except PermissionError:
        return Unseen(f"not permitted to read the pid file {path}")
    except OSError as error:
        return Unseen(f"cannot read the pid file {path}: {error.strerror or error}")
    first = text.split("\n")[0].strip()
    return int(first) if first.isdecimal() else Unseen(f"the pid file {path} holds no process id")


def _with_pid(processes: Sequence[ProcessInfo], pid: int | None, command: str) -> Sequence[ProcessInfo]:
    # The id in a file that was left behind may belong to somebody else by now; a zombie has no command line to compare.
    return [
        process
        for process in processes
        if process.pid == pid and (not command or process.status == "zombie" or _matches(process, command))
    ]


def _matches(process: ProcessInfo, command: str) -> bool:
    line = " ".join(process.command)
    return all(word in line for word in _words(command))


def _words(command: str) -> Sequence[str]:
    try:
        return shlex.split(command)
    except ValueError:  # an odd quote: then it is meant as it stands
        return command.split()


async def _listeners(place: Place, target: Target, others: Sequence[ProcessInfo]) -> Sequence[ProcessInfo] | Unseen:
    address = address_of(target)
    if isinstance(address, Unseen):
        return Unseen(f"nothing says which process is {target.name}: {address.reason}; add command or pid_file")
    if not address.is_here or address.port is None:
        return Unseen(f"{target.name} is not on this machine by its url; add command or pid_file if it is")
    port = address.port
    found = [process for process in others if port in process.ports]
    if found:
        return found
    # Whose port it is may be hidden from us. If somebody answers there, "no process" would be a lie.
    try:
        connected = await place.connect(address.host, port, timeout_s=_CONNECT_S)
    except OSError as error:
        return Unseen(f"could not open a connection from here: {error.strerror or error}")
    if connected.state == "ok":
        return Unseen(f"not permitted to see which process listens on port {port}; add command or pid_file")
    return []
