"""The file system that a path lies on."""

from __future__ import annotations

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, Secrets, SpaceInfo
from crashcart.probes.paths import path_of
from crashcart.probes.pool import FILES
from crashcart.redact import Scrubber


class DiskLook:
    """Asks how much room there is."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        has_own = "path" in target.attributes or "path" in target.unresolved
        path = path_of(look, target) if look.args or has_own else "/"
        if isinstance(path, Unseen):
            return path
        try:
            space = await FILES.run(lambda: self._nearest(path.partition("*")[0]))
        except PermissionError:
            return Unseen(f"not permitted to look at {path}: run as its user or as root")
        except OSError as error:
            return Unseen(f"cannot look at {path}: {error.strerror or error}")
        return Seen(_fields(space))

    def _nearest(self, path: str) -> SpaceInfo:
        while True:
            try:
                return self._place.space(path or "/")
            except (FileNotFoundError, NotADirectoryError):
                if not path.strip("/"):
                    raise
                path = path.rstrip("/").rpartition("/")[0]


def _fields(space: SpaceInfo) -> dict[str, Scalar]:
    reach = space.used_bytes + space.free_bytes
    return {
        "size": space.size_bytes,
        "free": space.free_bytes,
        "used": 100.0 * space.used_bytes / reach if reach else 100.0,
        "inodes": 100.0 * (1 - space.free_inodes / space.inodes) if space.inodes else 0.0,
        "is_read_only": space.is_read_only,
        "mount": space.mount,
    }
