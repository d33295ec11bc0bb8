"""One file, from outside."""

from __future__ import annotations

import os.path
from collections.abc import Sequence
from datetime import datetime

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import FileInfo, Place, ProcessInfo, Secrets
from crashcart.probes.found import find
from crashcart.probes.paths import path_of
from crashcart.probes.pool import FILES
from crashcart.redact import Scrubber

_ANY_WRITE = 0o222


class FileLook:
    """Asks for a file's properties; never opens it."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        path = path_of(look, target)
        if isinstance(path, Unseen):
            return path
        try:
            found = await FILES.run(lambda: self._newest(path))
            if found is None:
                return Seen({"is_present": False, **({"count": 0} if "*" in path else {})})
            newest, info, count = found
            user = await self._user(target, newest, info)
            rights = await FILES.run(lambda: self._rights(newest, info, user))
        except PermissionError:
            return Unseen(f"not permitted to look at {path}: run as its user or as root")
        except OSError as error:
            return Unseen(f"cannot look at {path}: {error.strerror or error}")
        return Seen({**_fields(info, moment.now), **({"count": count} if "*" in path else {}), **rights})

    def _newest(self, path: str) -> tuple[str, FileInfo, int] | None:
        found: list[tuple[datetime, str, FileInfo]] = []
        for name in self._place.glob(path) if "*" in path else (path,):
            try:
                info = self._place.stat(name)
            except (FileNotFoundError, NotADirectoryError):  # also one that went away since it was listed
                continue
            found.append((info.modified_at, name, info))
        if not found:
            return None
        _, name, info = max(found, key=lambda one: one[:2])
        return name, info, len(found)

    async def _user(self, target: Target, path: str, info: FileInfo) -> str:
        users: list[str] = []
        if target.command or target.pid_file or target.attributes.get("url"):
            running = await find(self._place, target)
            users = [] if isinstance(running, Unseen) else _users(running)
        if not users:
            try:
                users = _users(await FILES.run(lambda: self._place.holders(path)))
            except PermissionError:  # those of other users are hidden: then the owner has to do
                users = []
        return users[0] if users else info.owner

    def _rights(self, path: str, info: FileInfo, user: str) -> dict[str, Scalar]:
        folder = os.path.dirname(path) or "/"
        rights: dict[str, Scalar] = {
            "is_read_only": not info.mode & _ANY_WRITE or self._place.space(path).is_read_only,
        }
        if user:
            rights["user"] = user
            rights["is_writable"] = self._place.may_write(path, user)
            rights["is_folder_writable"] = self._place.may_write(folder, user)
        return rights


def _users(processes: Sequence[ProcessInfo]) -> list[str]:
    return sorted({process.user for process in processes if process.user})


def _fields(info: FileInfo, now: datetime) -> dict[str, Scalar]:
    return {
        "is_present": True,
        "size": info.size_bytes,
        "age": max(0.0, (now - info.modified_at).total_seconds()),
        "type": "file" if info.is_file else "folder" if info.is_folder else "other",
        "mode": f"{info.mode:04o}",
        "owner": info.owner,
    }
