"""Open descriptors and their limits."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, ProcessInfo, Secrets
from crashcart.probes.cgroup import read_text
from crashcart.probes.found import alive, find
from crashcart.probes.pool import FILES
from crashcart.redact import Scrubber

_SOFT = re.compile(r"^Max open files\s+(?P<soft>\d+)\s", re.MULTILINE)


class FdsLook:
    """Counts what is open; the soft limit is the one that hurts."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        if look.look == "machine":
            return await FILES.run(self._machine)
        found = await find(self._place, target)
        if isinstance(found, Unseen):
            return found
        running = alive(found)
        if any(process.fds is None for process in running):
            return Unseen(f"not permitted to see what {target.name} has open: run as its user or as root")
        return Seen(await FILES.run(lambda: self._own(running)))

    def _own(self, processes: Sequence[ProcessInfo]) -> dict[str, Scalar]:
        fields: dict[str, Scalar] = {"processes": len(processes)}
        if not processes:
            return fields
        counts = [(process.fds or 0, self._limit(process.pid)) for process in processes]
        opened, limit = max(counts, key=lambda count: (count[0] / count[1] if count[1] else 0.0, count[0]))
        fields |= {"open": opened, "all": sum(count for count, _ in counts)}
        if limit:
            fields |= {"limit": limit, "left": max(0, limit - opened), "used": 100 * opened / limit}
        return fields

    def _limit(self, pid: int) -> int | None:
        match = _SOFT.search(read_text(self._place, f"/proc/{pid}/limits"))
        return int(match["soft"]) if match else None

    def _machine(self) -> Outcome:
        # Allocated, allocated and free (0 since Linux 2.6), most: see proc_sys_fs(5).
        words = read_text(self._place, "/proc/sys/fs/file-nr").split()
        if len(words) != 3 or not all(word.isdecimal() for word in words):
            return Unseen("this system does not tell how many files are open on it")
        opened, limit = int(words[0]) - int(words[1]), int(words[2])
        return Seen({"open": opened, "limit": limit, "used": 100 * opened / limit if limit else 0.0})
