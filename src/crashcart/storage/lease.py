"""One lease for each system: whoever holds it may touch. The kernel ends it with its holder, so it is never left over.

The file stands beside the system file, where all who may touch the system meet, whatever their state folders are.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crashcart.errors import LeaseError

FILE_NAME = ".crashcart.lease"
_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lease, or held it last. `run` is "" before a run begins."""

    by: str
    pid: int
    since: str  # ISO 8601
    run: str = ""


def place(system_path: Path) -> Path:
    """Return where the lease of a system lies."""
    return system_path.resolve().parent / FILE_NAME


@contextmanager
def held(path: Path, *, by: str, now: datetime, run: str = "") -> Iterator[Holder | None]:
    """Hold the lease; yield the holder who died with it, None when the last one gave it back.

    Raises:
        LeaseError: somebody holds it, or it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise LeaseError(
            f"the lease cannot be taken: {error}", where=str(path), hint="a user who may write beside the system file"
        ) from error
    try:
        if not _is_locked(descriptor):
            raise _taken(_holder(descriptor), path)
        dead = _holder(descriptor)
        _write(descriptor, {"by": by, "pid": os.getpid(), "since": now.isoformat(timespec="seconds"), "run": run})
        yield dead
        _write(descriptor, {})
    finally:
        os.close(descriptor)


def holder(path: Path) -> Holder | None:
    """Return who holds the lease right now, None when nobody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None  # it was never taken, or is not ours to read
    try:
        return None if _is_locked(descriptor) else _holder(descriptor) or Holder("somebody", 0, "")
    finally:
        os.close(descriptor)


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> Holder | None:
    try:
        told = json.loads(os.pread(descriptor, _LIMIT, 0) or b"{}")
        return Holder(str(told["by"]), int(told["pid"]), str(told["since"]), str(told["run"])) if told else None
    except (ValueError, KeyError, TypeError):
        return Holder("somebody", 0, "")


def _write(descriptor: int, told: dict[str, str | int]) -> None:
    text = json.dumps(told).encode()
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text, 0)
        os.fsync(descriptor)
    except OSError as error:
        raise LeaseError(
            f"the lease cannot be written: {error}", hint="freeing space beside the system file"
        ) from error


def _taken(found: Holder | None, path: Path) -> LeaseError:
    told = f"{found.by} (pid {found.pid}) since {found.since}" if found else "somebody"
    return LeaseError(f"this system is being touched by {told}", where=str(path), hint="waiting, or `crashcart status`")
