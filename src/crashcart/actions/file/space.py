"""Space by deleting. Deleted is deleted: moving files elsewhere on the same disk would free nothing."""

from __future__ import annotations

import json
import os
import stat
import time

from crashcart.actions.blocking import Job
from crashcart.actions.files import Refused
from crashcart.model.touch import Happened, Prepared

_SHOWN = 20
_MOST = 100_000


class Free:
    """Deletes the listed files, each only if it is the one that was listed."""

    def prepare(self, job: Job) -> Prepared:
        patterns = job.target.touch.get("may_delete", ())
        if not patterns:
            raise Refused(f"nothing may be deleted: no `may_delete` in [targets.{job.target.name}.touch]")
        youngest = time.time() - float(job.touch.arg("age", "0"))
        found = {path: info for pattern in patterns for path in job.place.glob(pattern) if (info := _plain(path))}
        chosen = {path: info for path, info in sorted(found.items()) if info.st_mtime <= youngest}
        if len(chosen) > _MOST:
            raise Refused(f"{len(chosen)} files match: too many to be meant")
        total = sum(info.st_size for info in chosen.values())
        lines = [f"- {path} ({info.st_size} bytes)" for path, info in list(chosen.items())[:_SHOWN]]
        more = [f"- and {len(chosen) - _SHOWN} more"] if len(chosen) > _SHOWN else []
        listed = json.dumps({path: _identity(info) for path, info in chosen.items()}).encode()
        kept = {"listed": job.vault.keep(listed), "files": str(len(chosen)), "bytes": str(total)}
        return Prepared((*lines, *more, f"+ {total} bytes free") if chosen else (), kept, bool(chosen))

    def touch(self, job: Job) -> str:
        deleted, changed = 0, 0
        for path, identity in _listed(job).items():
            info = _plain(path)
            if info is None:
                continue
            if _identity(info) != identity:
                changed += 1
                continue
            os.unlink(path)
            deleted += 1
        if changed and not deleted:
            raise Refused(f"{changed} files were written since the plan was made, and are left: plan again")
        left = f"; {changed} were written since the plan was made, and are left" if changed else ""
        return f"{deleted} files were deleted{left}"

    def happened(self, job: Job) -> Happened:
        left = [
            path for path, identity in _listed(job).items() if (info := _plain(path)) and _identity(info) == identity
        ]
        return Happened.NO if left else Happened.YES

    def undo(self, job: Job) -> str:
        raise Refused("what is deleted cannot be brought back")


def _listed(job: Job) -> dict[str, str]:
    kept = job.vault.kept(job.kept["listed"])
    if kept is None:
        raise Refused("the list of the files is not kept any more: plan again")
    return {str(path): str(identity) for path, identity in json.loads(kept).items()}


def _plain(path: str) -> os.stat_result | None:
    """Return what is known of an ordinary file that is where its name says: no link on the way leads elsewhere."""
    try:
        info = os.lstat(path)
    except OSError:
        return None
    folder = os.path.dirname(path)
    return info if stat.S_ISREG(info.st_mode) and os.path.realpath(folder) == folder else None


def _identity(info: os.stat_result) -> str:
    return f"{info.st_dev}:{info.st_ino} {info.st_size} {info.st_mtime_ns}"
