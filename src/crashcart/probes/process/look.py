"""The target's processes, and the holders of its file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, ProcessInfo, Secrets
from crashcart.probes.address import attribute
from crashcart.probes.found import find
from crashcart.probes.plain import plain
from crashcart.probes.pool import FILES
from crashcart.redact import Scrubber

# The most troubling first: that is the one to show when several processes differ.
_TROUBLE = ("zombie", "dead", "stopped", "disk", "running", "sleeping", "idle")
_SHOWN = 8
_SHOWN_CHARS = 300


class ProcessLook:
    """Sees processes as the system's own tools do."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place
        self._scrubber = scrubber

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        if look.look == "holders":
            return await self._holders(target)
        found = await find(self._place, target)
        return found if isinstance(found, Unseen) else Seen(_fields(found, moment.now))

    async def _holders(self, target: Target) -> Outcome:
        path = attribute(target, "path")
        if isinstance(path, Unseen):
            return path
        try:
            holders = await FILES.run(lambda: self._place.holders(path))
        except FileNotFoundError:
            return Unseen(f"no such file: {path}")
        except PermissionError:
            return Unseen(f"not permitted to see who has {path} open: run as its user or as root")
        except OSError as error:
            return Unseen(f"cannot tell who has {path} open: {error.strerror or error}")
        others = [process for process in holders if not process.is_ours]
        lines = [self._line(process) for process in others[:_SHOWN]]
        return Seen({"is_held": bool(others), "count": len(others), "commands": "\n".join(lines)})

    def _line(self, process: ProcessInfo) -> str:
        # Arguments are joined by a space first: `--password`, `hunter2` is a secret only together.
        command = plain(self._scrubber.text(" ".join(process.command).replace("\n", " ")))
        return command[:_SHOWN_CHARS]


def _fields(found: Sequence[ProcessInfo], now: datetime) -> dict[str, Scalar]:
    alive = [process for process in found if process.status not in ("zombie", "dead")]
    status = min((process.status for process in found), key=_trouble, default="dead")
    fields: dict[str, Scalar] = {"is_present": bool(alive), "count": len(alive), "status": status}
    pids = {process.pid for process in alive}
    fields["families"] = sum(process.parent not in pids for process in alive)
    if alive:
        youngest = max(process.started_at for process in alive)
        fields["age"] = max(0.0, (now - youngest).total_seconds())
    # A sum with a part missing would be too small; then there is none.
    for name, values in (
        ("memory", [process.rss_bytes for process in alive]),
        ("threads", [process.threads for process in alive]),
        ("fds", [process.fds for process in alive]),
    ):
        known = [value for value in values if value is not None]
        if known and len(known) == len(values):
            fields[name] = sum(known)
    return fields


def _trouble(status: str) -> int:
    return _TROUBLE.index(status) if status in _TROUBLE else len(_TROUBLE)
