"""The locks of a SQLite file and the state of its log, from bytes that SQLite keeps for that (os.h, wal.c)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from crashcart.ports import FileLock, Place

_PENDING, _RESERVED = 0x40000000, 0x40000001
_SHARED = (0x40000002, 510)
_WAL_WRITE = 120  # of the -shm file: the first of eight lock bytes; the fourth begins those of readers
_WAL_READ = 123
_READERS = 5
_HEADER_BYTES = 136
_WAL_FORMAT = 2


@dataclass(frozen=True, slots=True)
class Held:
    """A write lock: its level, the process if we may know it, and what changes with every commit."""

    level: str
    lock: FileLock | None = None
    commits: bytes = b""

    def is_as(self, first: Held) -> bool:
        """Say whether this is still the transaction that was first seen, and not the next one of a busy writer."""
        return self.lock is not None and first.lock is not None and (self.lock.pid, self.commits) == (
            first.lock.pid, first.commits
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Log:
    """The write-ahead log: pages written, pages of them in the database, and the old states that readers hold."""

    pages: int
    pending: int
    pins: Mapping[tuple[int, int], FileLock]  # (reader's slot, its state) -> lock


def held(place: Place, path: str) -> Held:
    """Return the write lock as it is at this moment."""
    kept_out = place.lock_on(path, *_SHARED, is_write=False) or place.lock_on(path, _PENDING, 1, is_write=False)
    if kept_out:
        return Held("exclusive", kept_out, _commits(place, path))
    writing = place.lock_on(path, _RESERVED, 1, is_write=False) or _on_index(place, path, _WAL_WRITE, is_write=False)
    return Held("writing", writing, _commits(place, path)) if writing else Held("free")


def _commits(place: Place, path: str) -> bytes:
    """Return what a commit changes, and a transaction that goes on does not."""
    header = place.head(path, 28)
    counter = header[24:]  # the file change counter
    try:
        return counter + place.head(f"{path}-shm", 48)
    except FileNotFoundError:
        if not _is_wal(header):
            return counter
    # The last user is just leaving, or one keeps the index to itself: the log comes into the file when it is done.
    return counter + place.stat(path).modified_at.isoformat().encode()


def log_of(place: Place, path: str) -> Log | None:
    """Return the state of the log, None when there is no index of it."""
    try:
        index = place.head(f"{path}-shm", _HEADER_BYTES)
    except FileNotFoundError:
        return None
    if len(index) < _HEADER_BYTES:
        return None
    (pages,) = struct.unpack_from("=I", index, 16)
    written, *states = struct.unpack_from("=6I", index, 96)
    pending = max(0, pages - written)
    pins: dict[tuple[int, int], FileLock] = {}
    for slot, state in enumerate(states) if pending else ():
        # Slot 0 is for those who read the database alone, as it was before the log.
        is_old = slot == 0 or state < pages
        found = _on_index(place, path, _WAL_READ + slot, is_write=True) if is_old else None
        if found:
            pins[slot, state] = found
    return Log(pages, pending, pins)


def has_log(place: Place, path: str) -> bool:
    """Say whether the database is one with a write-ahead log."""
    return _is_wal(place.head(path, 20))


def size_of(place: Place, path: str) -> int:
    """Return the size of a file, 0 when there is none."""
    try:
        return place.stat(path).size_bytes
    except FileNotFoundError:
        return 0


def _on_index(place: Place, path: str, start: int, *, is_write: bool) -> FileLock | None:
    try:
        return place.lock_on(f"{path}-shm", start, 1, is_write=is_write)
    except FileNotFoundError:
        return None


def _is_wal(header: bytes) -> bool:
    return len(header) > 19 and header[19] == _WAL_FORMAT
