"""Checkpoint and vacuum: the same rows in fewer bytes."""

from __future__ import annotations

import os

from crashcart.actions.blocking import Job
from crashcart.actions.files import Refused
from crashcart.actions.sqlite.file import number, opened, path_of
from crashcart.model.touch import Happened, Prepared

_NOTHING = "nothing needs to be put back: the rows are the same"
_HEAD_BYTES = 100
_MODE_AT = 18  # of the header: 2 means write-ahead log
_WAL = 2


class Checkpoint:
    """Empties the write-ahead log into the file."""

    def prepare(self, job: Job) -> Prepared:
        path = path_of(job)
        head = job.place.head(path, _HEAD_BYTES)
        if len(head) < _HEAD_BYTES or head[_MODE_AT] != _WAL:
            raise Refused(f"{path} has no write-ahead log: it is not in WAL mode")
        size = _log_bytes(path)
        return Prepared((f"- {path}-wal has {size} bytes", "+ it has none"), {"bytes": str(size)}, size > 0)

    def touch(self, job: Job) -> str:
        if not _log_bytes(path_of(job)):
            return "the log is empty already"
        with opened(job) as database:
            is_busy, _, _ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if is_busy:
            raise OSError("somebody reads or writes and holds the log: it could not be emptied")
        return "the log was brought into the file and is empty"

    def happened(self, job: Job) -> Happened:
        return Happened.NO if _log_bytes(path_of(job)) else Happened.YES

    def undo(self, job: Job) -> str:
        return _NOTHING


class Vacuum:
    """Writes the file anew without its free pages."""

    def prepare(self, job: Job) -> Prepared:
        path = path_of(job)
        free, total = number(job, "PRAGMA freelist_count"), number(job, "PRAGMA page_count")
        page_bytes = number(job, "PRAGMA page_size")
        wanted = 2 * (total - free) * page_bytes  # a copy, and its way through the log or the journal
        if (room := job.place.space(path).free_bytes) < wanted:
            raise Refused(f"writing {path} anew needs up to {wanted} bytes on its disk, and {room} are free")
        diff = (f"- {path} has {total * page_bytes} bytes", f"+ about {(total - free) * page_bytes} bytes")
        return Prepared(diff if free else (), {"free": str(free)}, free > 0)

    def touch(self, job: Job) -> str:
        if not number(job, "PRAGMA freelist_count"):
            return "the file has no free pages already"
        with opened(job) as database:
            database.execute("VACUUM")
        return "the file was written anew"

    def happened(self, job: Job) -> Happened:
        return Happened.NO if number(job, "PRAGMA freelist_count") else Happened.YES

    def undo(self, job: Job) -> str:
        return _NOTHING


def _log_bytes(path: str) -> int:
    try:
        return os.stat(f"{path}-wal").st_size
    except FileNotFoundError:
        return 0
