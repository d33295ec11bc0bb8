"""The machine we stand on, behind the port `Place`."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from glob import glob as expand
from typing import TYPE_CHECKING

from crashcart.ports import (
    Answer,
    Connected,
    FileInfo,
    FileLock,
    Handshake,
    Machine,
    ProcessInfo,
    Resolved,
    Rows,
    SpaceInfo,
    Supervised,
    Surroundings,
)
from crashcart.probes import usage
from crashcart.probes.dial import Resolve, connect, look_up, system_resolve
from crashcart.probes.listening import listening
from crashcart.probes.permit import may_write, owner_name, space
from crashcart.probes.request import Request, Requester

if TYPE_CHECKING:
    import psutil

    from crashcart.probes.handshake import Handshaker

# What psutil calls them, where it differs from one of our words.
_STATUS = {
    "disk-sleep": "disk",
    "tracing-stop": "stopped",
    "wake-kill": "running",
    "waking": "running",
    "locked": "sleeping",
    "waiting": "sleeping",
    "suspended": "sleeping",
    "parked": "idle",
}


class LocalPlace:
    """Files, processes and network of this machine. Reads only; opens no file for writing."""

    def __init__(self, resolve: Resolve = system_resolve) -> None:
        self._resolve = resolve
        self._requester = Requester(resolve)
        self._handshaker: Handshaker | None = None

    def read(self, path: str, limit: int, *, offset: int = 0) -> bytes:
        """Return at most `limit` bytes. Refuses pipes and devices: reading those takes something away."""
        # Without O_NONBLOCK, opening a pipe that nobody writes to would never return.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        with open(descriptor, "rb", buffering=0) as file:
            info = os.fstat(descriptor)
            if not stat.S_ISREG(info.st_mode):
                raise OSError(errno.EINVAL, "not a regular file", path)
            file.seek(max(0, info.st_size + offset) if offset < 0 else offset)
            return b"".join(_chunks(file.fileno(), limit))

    def stat(self, path: str) -> FileInfo:
        """Return what is known about the file, links followed."""
        info = os.stat(path)
        modified_at = datetime.fromtimestamp(info.st_mtime, UTC)
        return FileInfo(
            info.st_size,
            modified_at,
            (info.st_dev, info.st_ino),
            stat.S_ISREG(info.st_mode),
            stat.S_IMODE(info.st_mode),
            stat.S_ISDIR(info.st_mode),
            owner_name(info.st_uid),
        )

    def glob(self, pattern: str) -> Sequence[str]:
        """Return the paths that match, sorted."""
        return sorted(expand(pattern))

    def space(self, path: str) -> SpaceInfo:
        """Return the file system that the path lies on."""
        return space(path)

    def may_write(self, path: str, user: str) -> bool:
        """Say whether permissions and mount let that user write there."""
        return may_write(path, user)

    def query(self, path: str, sql: str, values: Sequence[str], *, timeout_s: float) -> Rows:
        """Run one reading statement on a SQLite file."""
        from crashcart.probes import database

        return database.query(path, sql, values, timeout_s=timeout_s)

    def lock_on(self, path: str, start: int, length: int, *, is_write: bool) -> FileLock | None:
        """Return a lock of another process on these bytes; takes none."""
        from crashcart.probes import database

        return database.lock_on(path, start, length, is_write=is_write)

    def head(self, path: str, limit: int) -> bytes:
        """Return the first bytes of a database, or of a file beside it."""
        from crashcart.probes import database

        return database.head(path, limit)

    def processes(self) -> Sequence[ProcessInfo]:
        """Return all processes that can be seen, by pid."""
        import psutil

        running = list(psutil.process_iter())
        ports = listening(process.pid for process in running)
        ours = _ours()
        found = (_describe(process, ports, ours) for process in running)
        return sorted((info for info in found if info is not None), key=lambda info: info.pid)

    def process(self, pid: int) -> ProcessInfo | None:
        """Return one process, its ports left out; None when there is none."""
        import psutil

        try:
            return _describe(psutil.Process(pid), {}, _ours())
        except psutil.NoSuchProcess:
            return None

    def cpu_s(self, pid: int) -> float:
        """Return the processor time that a process has used."""
        return usage.cpu_s(pid)

    def machine(self) -> Machine:
        """Return memory, load and processor time of the machine."""
        return usage.machine()

    def environ(self, pid: int) -> Mapping[str, str]:
        """Return the environment a process was started with."""
        import psutil

        try:
            return psutil.Process(pid).environ()
        except psutil.AccessDenied as error:
            raise PermissionError(errno.EACCES, "environment not permitted", str(pid)) from error
        except psutil.NoSuchProcess as error:
            raise ProcessLookupError(errno.ESRCH, "no such process", str(pid)) from error

    def surroundings(self, pids: Sequence[int]) -> Mapping[int, Surroundings]:
        """Return where those processes stand; one that has ended meanwhile is left out."""
        from crashcart.probes.surroundings import surroundings

        return surroundings(pids)

    def holders(self, path: str) -> Sequence[ProcessInfo]:
        """Return the processes that have the file open, under whatever name; their ports are left out."""
        import psutil

        wanted = os.stat(path)
        ours = _ours()
        found: list[ProcessInfo] = []
        is_hidden = False
        for process in psutil.process_iter():
            holds = _holds(process, path, (wanted.st_dev, wanted.st_ino))
            is_hidden = is_hidden or holds is None
            info = _describe(process, {}, ours) if holds else None
            found += [info] if info is not None else []
        if is_hidden and not found:
            raise PermissionError(errno.EACCES, "the files of other users' processes are hidden from us", path)
        return sorted(found, key=lambda info: info.pid)

    async def supervised(self, path: str, *, timeout_s: float) -> Supervised:
        """Ask the supervisord with these settings, or behind this socket, how its programs fare."""
        from crashcart.probes import supervisord

        return await supervisord.ask(path, timeout_s=timeout_s)

    async def connect(self, host: str, port: int, *, timeout_s: float) -> Connected:
        """Open a connection and close it at once; nothing is sent."""
        return await connect(self._resolve, host, port, timeout_s=timeout_s)

    async def resolve(self, host: str, *, timeout_s: float) -> Resolved:
        """Ask the resolver for the addresses of a host."""
        return await look_up(self._resolve, host, timeout_s=timeout_s)

    async def handshake(self, host: str, port: int, *, timeout_s: float) -> Handshake:
        """Shake hands as a TLS client that checks everything, and close."""
        if self._handshaker is None:
            from crashcart.probes.handshake import Handshaker

            self._handshaker = Handshaker(self._resolve)
        return await self._handshaker.shake(host, port, timeout_s=timeout_s)

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], timeout_s: float, limit_bytes: int
    ) -> Answer:
        """Send one GET, HEAD or OPTIONS; redirects are followed on the same host and port only, three at most."""
        return await self._requester.send(Request(method, url, headers, limit_bytes), timeout_s=timeout_s)


def _chunks(descriptor: int, limit: int) -> Iterator[bytes]:
    """Read on until the limit or the end: one call may return less than was asked for."""
    while limit > 0 and (chunk := os.read(descriptor, min(limit, 1 << 20))):
        limit -= len(chunk)
        yield chunk


def _ours() -> frozenset[int]:
    import psutil

    own = psutil.Process()
    return frozenset((own.pid, *(parent.pid for parent in own.parents())))


def _describe(
    process: psutil.Process, ports: Mapping[int, tuple[int, ...]], ours: frozenset[int]
) -> ProcessInfo | None:
    """Return one process, or None when it ended while we looked."""
    import psutil

    names = ["cmdline", "name", "create_time", "status", "username", "memory_info", "num_threads", "num_fds", "ppid"]
    try:
        seen = process.as_dict(names)
    except psutil.NoSuchProcess:
        return None
    memory = seen["memory_info"]
    return ProcessInfo(
        pid=process.pid,
        # A kernel thread and a zombie have no command line; their name is then all there is.
        command=tuple(seen["cmdline"] or [f"[{seen['name']}]"]),
        started_at=datetime.fromtimestamp(seen["create_time"], UTC),
        status=_STATUS.get(seen["status"] or "", seen["status"] or "sleeping"),
        user=seen["username"] or "",
        rss_bytes=memory.rss if memory is not None else None,
        threads=seen["num_threads"],
        fds=seen["num_fds"],
        ports=ports.get(process.pid, ()),
        is_ours=process.pid in ours,
        parent=seen["ppid"],
    )


def _holds(process: psutil.Process, path: str, identity: tuple[int, int]) -> bool | None:
    """Say whether a process has the file open; None when its files are hidden from us."""
    import psutil

    try:
        opened = process.open_files()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return None
    return any(_is_same(entry.path, path, identity) for entry in opened)


def _is_same(opened: str, path: str, identity: tuple[int, int]) -> bool:
    """Compare by inode: the process may have opened it through a link or under another root."""
    if opened == path:
        return True
    try:
        info = os.stat(opened)
    except OSError:  # deleted since, or out of our sight: then it is not the file at our path
        return False
    return (info.st_dev, info.st_ino) == identity
