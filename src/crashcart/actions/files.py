"""One file, replaced in one move: whoever reads it sees all of the old content or all of the new."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

_LARGEST_BYTES = 4 << 20


class Refused(Exception):
    """It cannot be done as things are, and nothing was touched; the message is the sentence for the person."""


@dataclass(frozen=True, slots=True)
class Content:
    """A regular file as it is, links followed."""

    path: Path
    data: bytes
    info: os.stat_result


def because(error: OSError) -> str:
    """Return what went wrong as the system says it, with the file."""
    return f"{(error.strerror or str(error)).lower()}{f': {error.filename}' if error.filename else ''}"


def read(path: str) -> Content:
    """Return the content of a regular file.

    Raises:
        Refused: it is not there, no ordinary file of one name, too large, or may not be read.
    """
    try:
        real = Path(path).resolve(strict=True)
        judge_link(path, real)
        descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            info = os.fstat(descriptor)
            if not stat.S_ISREG(info.st_mode):
                raise Refused(f"{real} is no ordinary file")
            data = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise Refused(because(error)) from error
    if len(data) > _LARGEST_BYTES:
        raise Refused(f"{real} is larger than {_LARGEST_BYTES >> 20} MiB")
    if info.st_nlink > 1:
        raise Refused(f"{real} has {info.st_nlink} names (hard links); replacing it would part them")
    return Content(real, data, info)


def judge_link(path: str, real: str | Path) -> None:
    """Refuse a link of a stranger: it could lead us, with our rights, to a file that its owner may not write.

    The rule is the kernel's own for sticky folders: the link must be ours, root's, or of the file's owner.
    """
    link = os.lstat(path)
    if stat.S_ISLNK(link.st_mode) and link.st_uid not in (0, os.geteuid(), os.stat(real).st_uid):
        raise Refused(f"{path} is a link of another user")


def replace(was: Content, data: bytes) -> None:
    """Put new content in the place of the old: same folder, mode, owner and extended attributes.

    Raises:
        Refused: the file is not as it `was` any more.
        OSError: it could not be done; then the old file stands, whole.
    """
    fresh = was.path.with_name(f".{was.path.name}.crashcart-new")
    fresh.unlink(missing_ok=True)  # of an earlier attempt that was killed
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "wb", buffering=0) as file:
            _like(was, file.fileno())
            _write_all(file.fileno(), data)
            os.fsync(file.fileno())
        if read(str(was.path)).data != was.data:
            raise Refused(f"{was.path} was changed by somebody else in this very moment")
        fresh.replace(was.path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    _sync_folder(was.path.parent)


def _like(was: Content, descriptor: int) -> None:
    own = os.fstat(descriptor)
    if (own.st_uid, own.st_gid) != (was.info.st_uid, was.info.st_gid):
        os.fchown(descriptor, was.info.st_uid, was.info.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(was.info.st_mode))
    if hasattr(os, "listxattr"):  # Linux alone
        for name in os.listxattr(was.path):
            os.setxattr(descriptor, name, os.getxattr(was.path, name))


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
