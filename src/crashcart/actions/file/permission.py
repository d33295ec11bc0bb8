"""Who may write a file: its permissions, and the mark that stops even root."""

from __future__ import annotations

import fcntl
import os
import stat
import struct
import sys

from crashcart.actions.blocking import Job
from crashcart.actions.file.own import own_file
from crashcart.actions.files import Refused
from crashcart.model.touch import Happened, Prepared

# From linux/fs.h, for a machine whose long has 8 bytes.
_GET_FLAGS, _SET_FLAGS, _IMMUTABLE = 0x80086601, 0x40086602, 0x10


class Mode:
    """Sets the permissions."""

    def prepare(self, job: Job) -> Prepared:
        path, wanted = own_file(job), _wanted(job)
        was = _mode(path)
        return Prepared(
            (f"- {path} {was:04o}", f"+ {path} {wanted:04o}") if was != wanted else (),
            {"path": path, "was": f"{was:04o}"}, was != wanted,
        )  # fmt: skip

    def touch(self, job: Job) -> str:
        return _change(job, _wanted(job), int(job.kept["was"], 8))

    def happened(self, job: Job) -> Happened:
        return Happened.YES if _mode(job.kept["path"]) == _wanted(job) else Happened.NO

    def undo(self, job: Job) -> str:
        return _change(job, int(job.kept["was"], 8), _wanted(job))


class Unlock:
    """Takes the mark away, and puts it back."""

    def prepare(self, job: Job) -> Prepared:
        path = own_file(job)
        is_marked = bool(_flags(path) & _IMMUTABLE)
        diff = (f"- {path} is marked immutable", "+ it is not") if is_marked else ()
        return Prepared(diff, {"path": path, "was": str(is_marked)}, is_marked)

    def touch(self, job: Job) -> str:
        return _mark(job.kept["path"], is_marked=False)

    def happened(self, job: Job) -> Happened:
        return Happened.NO if _flags(job.kept["path"]) & _IMMUTABLE else Happened.YES

    def undo(self, job: Job) -> str:
        return _mark(job.kept["path"], is_marked=job.kept["was"] == "True")


def _wanted(job: Job) -> int:
    try:
        mode = int(job.touch.arg("mode"), 8)
    except ValueError as error:
        raise Refused(f'"{job.touch.arg("mode")}" are no permissions: octal, like "0640"') from error
    if not 0 <= mode <= 0o777 or mode & stat.S_IWOTH:
        raise Refused(f"{mode:04o} would let everybody write, or act as its owner: that is never a repair")
    return mode


def _mode(path: str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def _change(job: Job, wanted: int, expected: int) -> str:
    path = job.kept["path"]
    now = _mode(path)
    if now == wanted:
        return f"{path} has {wanted:04o} already"
    if now != expected:
        raise Refused(f"{path} had {expected:04o} and has {now:04o}: somebody else has changed it")
    os.chmod(path, wanted)
    return f"{path} has {wanted:04o}"


def _flags(path: str) -> int:
    if not sys.platform.startswith("linux"):
        raise Refused("only Linux has this mark")
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return int(struct.unpack("l", fcntl.ioctl(descriptor, _GET_FLAGS, struct.pack("l", 0)))[0])
    except OSError as error:
        raise Refused(f"the file system of {path} has no such mark") from error
    finally:
        os.close(descriptor)


def _mark(path: str, *, is_marked: bool) -> str:
    flags = _flags(path)
    wanted = flags | _IMMUTABLE if is_marked else flags & ~_IMMUTABLE
    if flags == wanted:
        return f"{path} is so already"
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.ioctl(descriptor, _SET_FLAGS, struct.pack("l", wanted))
    finally:
        os.close(descriptor)
    return f"{path} is marked immutable again" if is_marked else f"{path} is not immutable any more"
