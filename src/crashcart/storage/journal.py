"""The journal of one run: JSON lines, appended, each chained to the one before by SHA-256 and on the disk before we go on.

One plain file for each run, and no database: a transaction of SQLite needs room for its log in the very moment in which
a full disk has none, and a person with `cat` must be able to read on a sick machine what was done to it. Space is
reserved in advance (the file ends in zero bytes until it is closed), so a disk that fills up in the middle of a run does
not stop the run from being written down.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crashcart.errors import JournalError
from crashcart.model.canon import Json, digest

RESERVED_BYTES = 1 << 20  # a run of twenty steps takes a tenth of it
ROOM_BYTES = 1 << 18  # with less than this left no step is begun
MAX_BYTES = 1 << 26
FIRST = "0" * 64
_VERSION = 1
_HINT = "freeing space on this disk, or another folder: XDG_STATE_HOME"


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a journal."""

    number: int
    at: str
    event: Json
    hash: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a journal holds. `problem` says where the chain breaks, "" when it is whole; records before it are good.

    `torn_bytes` were written by a process that died while writing: nothing was done because of them.
    """

    records: tuple[Record, ...]
    size_bytes: int  # of the good records
    torn_bytes: int
    problem: str = ""

    @property
    def head(self) -> str:
        """The hash of the last good record."""
        return self.records[-1].hash if self.records else FIRST

    def differs(self, head: str) -> str:
        """Return why this is not the journal whose head was printed, "" when it is (or goes on from there)."""
        if self.problem:
            return self.problem
        if len(head) < 8:
            return "a head has at least 8 characters"
        if any(record.hash.startswith(head) for record in self.records):
            return ""
        return f"no record has the hash {head[:16]}: records were changed, cut off, or it is another run's"


def read(path: Path) -> Reading:
    """Return what a journal holds, with every hash computed again.

    Raises:
        JournalError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES)
    except OSError as error:
        raise JournalError(f"the journal cannot be read: {error}", where=str(path), hint="`crashcart runs`") from error
    return _read(data)


def _read(data: bytes) -> Reading:
    written, _, rest = data.partition(b"\0")
    if rest.strip(b"\0"):
        return Reading((), 0, 0, "bytes stand behind the end of the journal")
    records: list[Record] = []
    size, last = 0, FIRST
    for line in written.split(b"\n")[:-1]:
        found = _record(line, len(records), last)
        if isinstance(found, str):
            return Reading(tuple(records), size, len(written) - size, found)
        records.append(found)
        last = found.hash
        size += len(line) + 1
    return Reading(tuple(records), size, len(written) - size)


def _record(line: bytes, number: int, last: str) -> Record | str:
    try:
        entry = json.loads(line)
        told = entry.pop("hash")
        is_chained = entry["prev"] == last and entry["n"] == number
        record = Record(number, str(entry["at"]), entry["event"], str(told))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return f"record {number} is no record"
    if told != digest(_text(entry)):
        return f"record {number} was changed: its hash does not fit"
    return record if is_chained else f"record {number} does not follow the one before it"


def _text(entry: Mapping[str, Json]) -> str:
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


class Journal:
    """An open journal. One process at a time writes it: the lease sees to that."""

    def __init__(self, path: Path, descriptor: int, reading: Reading) -> None:
        self.path = path
        self._descriptor = descriptor
        self._end = reading.size_bytes
        self._number = len(reading.records)
        self._reserved = 0
        self.head = reading.head

    @classmethod
    def create(cls, path: Path) -> Journal:
        """Begin a journal, with its space reserved.

        Raises:
            JournalError: the folder cannot be written, the disk is full, or there is such a journal.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise _unwritable(path, error) from error
        journal = cls(path, descriptor, Reading((), 0, 0))
        journal._prepare()
        journal._sync_folder()
        return journal

    @classmethod
    def reopen(cls, path: Path) -> tuple[Journal, Reading]:
        """Go on with a journal. What a dying process left half written is cleared away.

        Raises:
            JournalError: it cannot be read or written, or its chain is broken.
        """
        reading = read(path)
        if reading.problem:
            raise JournalError(
                f"the journal is not as it was written: {reading.problem}", where=str(path),
                hint="`crashcart journal show`, and a person who looks at what was done",
            )  # fmt: skip
        try:
            descriptor = os.open(path, os.O_RDWR)
        except OSError as error:
            raise _unwritable(path, error) from error
        journal = cls(path, descriptor, reading)
        journal._clear(reading.torn_bytes)
        journal._prepare()
        return journal, reading

    def append(self, event: Json, at: datetime) -> str:
        """Write one event and return the new head, once it is on the disk.

        Raises:
            JournalError: it could not be written.
        """
        entry: dict[str, Json] = {
            "v": _VERSION,
            "n": self._number,
            "at": at.isoformat(),
            "prev": self.head,
            "event": event,
        }
        head = digest(_text(entry))
        line = _text({**entry, "hash": head}).encode() + b"\n"
        try:
            self._reserve(self._end + len(line))
            written = os.pwrite(self._descriptor, line, self._end)
            if written != len(line):
                raise OSError(f"only {written} of {len(line)} bytes were written")
            os.fsync(self._descriptor)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        self._end += len(line)
        self._number += 1
        self.head = head
        return head

    def make_room(self) -> None:
        """See to it that a step can be written down to its end, also when the disk fills up in the middle.

        Raises:
            JournalError: there is not enough space.
        """
        try:
            self._reserve(self._end + ROOM_BYTES)
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def close(self, *, is_over: bool) -> None:
        """Close it; when the run is over, give back what was reserved."""
        try:
            if is_over:
                os.ftruncate(self._descriptor, self._end)
        finally:
            os.close(self._descriptor)

    def _prepare(self) -> None:
        try:
            self._reserved = os.fstat(self._descriptor).st_size
            self._reserve(self._end + ROOM_BYTES)
        except OSError as error:
            os.close(self._descriptor)
            raise _unwritable(self.path, error) from error

    def _reserve(self, wanted: int) -> None:
        if wanted <= self._reserved:
            return
        size = -(-wanted // RESERVED_BYTES) * RESERVED_BYTES
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(self._descriptor, self._reserved, size - self._reserved)
        else:
            os.pwrite(self._descriptor, bytes(size - self._reserved), self._reserved)
        os.fsync(self._descriptor)
        self._reserved = size

    def _clear(self, torn_bytes: int) -> None:
        if torn_bytes:
            os.pwrite(self._descriptor, bytes(torn_bytes), self._end)
            os.fsync(self._descriptor)

    def _sync_folder(self) -> None:
        # Without this the file itself may be gone after a power cut, however well its bytes were synced.
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _unwritable(path: Path, error: OSError) -> JournalError:
    return JournalError(f"the journal cannot be written, so nothing is touched: {error}", where=str(path), hint=_HINT)
