"""Who may write a file, and how much room there is, told without trying."""

from __future__ import annotations

import os
import stat

from crashcart.ports import SpaceInfo


def owner_name(uid: int) -> str:
    """Return the name of a user, or the number when nobody has it."""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def may_write(path: str, user: str) -> bool:
    """Say whether permissions and mount let that user write a file, or make files in a folder."""
    info = os.stat(path)
    if os.statvfs(path).f_flag & os.ST_RDONLY:
        return False
    uid, groups = _ids(user)
    if uid == os.geteuid():
        # The kernel knows more than the mode: access lists, and files that are sealed against root itself.
        return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
    if uid == 0:
        return True
    if uid == info.st_uid:
        wanted = stat.S_IWUSR | (stat.S_IXUSR if stat.S_ISDIR(info.st_mode) else 0)
    elif info.st_gid in groups:
        wanted = stat.S_IWGRP | (stat.S_IXGRP if stat.S_ISDIR(info.st_mode) else 0)
    else:
        wanted = stat.S_IWOTH | (stat.S_IXOTH if stat.S_ISDIR(info.st_mode) else 0)
    return info.st_mode & wanted == wanted


def space(path: str) -> SpaceInfo:
    """Return the file system that a path lies on."""
    info = os.statvfs(path)
    return SpaceInfo(
        size_bytes=info.f_blocks * info.f_frsize,
        used_bytes=(info.f_blocks - info.f_bfree) * info.f_frsize,
        free_bytes=info.f_bavail * info.f_frsize,
        inodes=info.f_files,
        free_inodes=info.f_favail,
        is_read_only=bool(info.f_flag & os.ST_RDONLY),
        mount=_mount(path),
    )


def _mount(path: str) -> str:
    path = os.path.realpath(path)
    while not os.path.ismount(path):
        path = os.path.dirname(path)
    return path


def _ids(user: str) -> tuple[int, frozenset[int]]:
    """Return the number of a user and its groups; of one without a name, none."""
    import pwd

    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        return (int(user) if user.isdecimal() else -1), frozenset()
    return entry.pw_uid, frozenset(os.getgrouplist(user, entry.pw_gid))
