"""A whole copy in the place of the database; what was there stays beside it until somebody removes it.

The three files of a database (itself, its log, the log's index) belong together. The order of the moves is such that
at every moment the old file and its log are both there under one pair of names, whenever we are killed.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from fnmatch import fnmatch
from urllib.parse import quote

from crashcart.actions.blocking import Job
from crashcart.actions.files import Refused
from crashcart.actions.sqlite.file import path_of
from crashcart.model.observation import Unseen
from crashcart.model.touch import Happened, Prepared
from crashcart.probes.address import attribute
from crashcart.probes.plain import plain
from crashcart.redact import Scrubber

_SHARED = (0x40000002, 510)  # SHARED_FIRST and SHARED_SIZE of SQLite's os.h: every reader has its lock there

_COMMAND_CHARS = 120
_MAGIC = b"SQLite format 3\0"
_TRIED = 5  # of the newest copies: each is read whole


class Restore:
    """Puts a copy there, and the replaced file back."""

    def prepare(self, job: Job) -> Prepared:
        path, copy = path_of(job), _copy_of(job)
        unseen = _free(job, path)
        info = os.stat(copy)
        if (room := job.place.space(path).free_bytes) < info.st_size:
            raise Refused(f"the copy needs {info.st_size} bytes on the disk of {path}, and {room} are free")
        diff = (f"- {path} as it is: it stays as {_aside(job, path)}", f"+ {copy}, {info.st_size} bytes", *unseen)
        return Prepared(diff, {"copy": copy, "copy_at": str(info.st_mtime_ns), "was": _identity(path)})

    def touch(self, job: Job) -> str:
        path, copy = path_of(job), job.kept["copy"]
        if self.happened(job) is Happened.YES:
            return f"{path} is that copy already"
        _free(job, path)
        if str(os.stat(copy).st_mtime_ns) != job.kept["copy_at"] or _identity(path) != job.kept["was"]:
            raise Refused(f"{path} or the copy is not as when the plan was made: plan again")
        fresh = f"{path}.crashcart-new"
        _copied(copy, fresh, like=path)
        job.vault.note(job.touch.key, _inode(fresh))
        _exchange(path, fresh, _aside(job, path))
        return f"{path} is the copy {copy}; the old one is {_aside(job, path)}"

    def happened(self, job: Job) -> Happened:
        path = path_of(job)
        with suppress(FileNotFoundError):
            return Happened.YES if job.vault.noted(job.touch.key) == _inode(path) else Happened.NO
        return Happened.NO

    def undo(self, job: Job) -> str:
        path = path_of(job)
        aside = _aside(job, path)
        if not os.path.exists(aside) or _inode(aside) == _inode(path):
            _move_log(aside, path)
            with suppress(FileNotFoundError):
                os.unlink(aside)
            return f"{path} is as it was"
        _free(job, path)
        if self.happened(job) is not Happened.YES:
            raise Refused(f"{path} was replaced by somebody else since: by hand, then; the old one is {aside}")
        _exchange(path, aside, f"{path}.crashcart-restored", is_back=True)
        return f"{path} is the old file again; the copy that stood there is {path}.crashcart-restored"


def _copy_of(job: Job) -> str:
    pattern = attribute(job.target, "backups")
    if isinstance(pattern, Unseen):
        raise Refused(pattern.reason)
    asked = job.touch.arg("copy")
    if asked and not fnmatch(asked, pattern) and os.path.dirname(asked) != pattern:
        raise Refused(f"{asked} is none of {pattern}")
    places = pattern if "*" in pattern or not os.path.isdir(pattern) else f"{pattern}/*"
    found = [asked] if asked else [path for path in job.place.glob(places) if _is_database(path)]
    newest = sorted(found, key=lambda path: (os.stat(path).st_mtime_ns, path), reverse=True)[:_TRIED]
    said = ""
    for path in newest:
        if not (said := _wrong_with(path)):
            return path
    raise Refused(f"no copy is whole: {newest[0]}: {said}" if newest else f"there is no copy: {places}")


def _is_database(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def _free(job: Job, path: str) -> tuple[str, ...]:
    """Refuse while somebody has the file open: a process would go on with the old one. Return what cannot be seen."""
    try:
        holders = [process for process in job.place.holders(path) if not process.is_ours]
        unseen: tuple[str, ...] = ()
    except PermissionError:
        holders, unseen = [], ("whether a process of another user has it open cannot be seen",)
    if holders:
        command = plain(Scrubber(()).text(" ".join(holders[0].command)))[:_COMMAND_CHARS]
        raise Refused(f"process {holders[0].pid} has {path} open: stop it first ({command})")
    if lock := job.place.lock_on(path, *_SHARED, is_write=True):
        raise Refused(f"process {lock.pid or 'of another user'} has a lock on {path}: stop the service first")
    return unseen


def _wrong_with(copy: str) -> str:
    try:
        with closing(sqlite3.connect(f"file:{quote(copy)}?mode=ro&immutable=1", uri=True)) as database:
            said = str(database.execute("PRAGMA integrity_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)
    return "" if said == "ok" else said


def _copied(copy: str, fresh: str, *, like: str) -> None:
    info = os.stat(like)
    try:
        with open(copy, "rb") as source, open(fresh, "wb") as target:
            os.fchmod(target.fileno(), info.st_mode & 0o7777)
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        if os.stat(fresh).st_uid != info.st_uid or os.stat(fresh).st_gid != info.st_gid:
            os.chown(fresh, info.st_uid, info.st_gid)
        if said := _wrong_with(fresh):
            raise OSError(f"what was copied is not whole: {said}")
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(fresh)
        raise


def _exchange(path: str, fresh: str, aside: str, *, is_back: bool = False) -> None:
    """Put `fresh` at `path`, and what was there, with its log, to `aside`."""
    if not os.path.exists(aside):
        os.link(path, aside)
    _move_log(path, aside)
    os.replace(fresh, path)
    if is_back:
        _move_log(fresh, path)


def _move_log(path: str, other: str) -> None:
    with suppress(FileNotFoundError):
        os.replace(f"{path}-wal", f"{other}-wal")
    # The index of the log is made anew from the log by whoever opens it first.
    with suppress(FileNotFoundError):
        os.unlink(f"{path}-shm")


def _aside(job: Job, path: str) -> str:
    import hashlib

    return f"{path}.crashcart-{hashlib.sha256(job.touch.key.encode()).hexdigest()[:8]}"


def _inode(path: str) -> str:
    info = os.stat(path)
    return f"{info.st_dev}:{info.st_ino}"


def _identity(path: str) -> str:
    info = os.stat(path)
    return f"{_inode(path)} {info.st_size} {info.st_mtime_ns}"
