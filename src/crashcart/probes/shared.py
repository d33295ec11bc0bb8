"""The local machine for many looks at once: those that ask who runs, or who holds a file, share one answer."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, Generic, TypeVar

from crashcart.ports import ProcessInfo
from crashcart.probes.place import LocalPlace

# One answer takes 0.2 ms a process, and of a hundred looks eighty would ask in the same moment. Looks that stay and
# watch sample no more often than this.
FRESH_S: Final = 0.25

Identity = tuple[int, int]  # device and inode
T = TypeVar("T")


class _Shared(Generic[T]):
    """The last answer, handed out while it is fresh; who asks while it is being made waits for it."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._guard = threading.Lock()
        self._made_at = float("-inf")
        self._answer: T | None = None

    def get(self) -> T:
        with self._guard:
            if self._answer is None or time.monotonic() - self._made_at > FRESH_S:
                self._answer = self._make()
                self._made_at = time.monotonic()
            return self._answer


class SharedPlace(LocalPlace):
    """A LocalPlace whose knowledge of processes is up to FRESH_S old when it is handed out."""

    def __init__(self) -> None:
        super().__init__()
        self._running: _Shared[Sequence[ProcessInfo]] = _Shared(super().processes)
        self._opened: _Shared[tuple[Mapping[Identity, frozenset[int]], bool]] = _Shared(_opened)

    def processes(self) -> Sequence[ProcessInfo]:
        """Return all processes that can be seen, by pid."""
        return self._running.get()

    def holders(self, path: str) -> Sequence[ProcessInfo]:
        """Return the processes that have the file open, under whatever name."""
        wanted = os.stat(path)
        opened, is_hidden = self._opened.get()
        pids = opened.get((wanted.st_dev, wanted.st_ino), frozenset())
        found = [process for process in self.processes() if process.pid in pids]
        if is_hidden and not found:
            raise PermissionError(errno.EACCES, "the files of other users' processes are hidden from us", path)
        return found


def _opened() -> tuple[Mapping[Identity, frozenset[int]], bool]:
    """Return who has which file open, and whether somebody's files are hidden from us."""
    import psutil

    found: dict[Identity, set[int]] = {}
    is_hidden = False
    for process in psutil.process_iter():
        try:
            files = process.open_files()
        except psutil.NoSuchProcess:
            continue
        except psutil.AccessDenied:
            is_hidden = True
            continue
        for file in files:
            with suppress(OSError):  # deleted since, or out of our sight: then it is not the file at any path of ours
                info = os.stat(file.path)
                found.setdefault((info.st_dev, info.st_ino), set()).add(process.pid)
    return {identity: frozenset(pids) for identity, pids in found.items()}, is_hidden
