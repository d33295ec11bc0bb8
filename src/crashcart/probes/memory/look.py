"""The memory of the target and of the machine."""

from __future__ import annotations

from collections.abc import Sequence

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, ProcessInfo, Secrets
from crashcart.probes.cgroup import MemoryGroup, memory_group
from crashcart.probes.found import alive, find
from crashcart.probes.pool import FILES
from crashcart.probes.pressure import pressure
from crashcart.redact import Scrubber


class MemoryLook:
    """Reads what the kernel keeps anyway."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        if look.look == "machine":
            return Seen(await FILES.run(self._machine))
        found = await find(self._place, target)
        if isinstance(found, Unseen):
            return found
        return Seen(await FILES.run(lambda: self._own(alive(found))))

    def _own(self, processes: Sequence[ProcessInfo]) -> dict[str, Scalar]:
        machine = self._place.machine()
        largest = max(processes, key=lambda process: process.rss_bytes or 0, default=None)
        group = memory_group(self._place, largest.pid) if largest else MemoryGroup()
        fields: dict[str, Scalar] = {
            "processes": len(processes),
            "available": 100 * machine.available_bytes / machine.memory_bytes,
            "total": machine.memory_bytes,
            "limit": min(machine.memory_bytes, group.limit_bytes or machine.memory_bytes),
        }
        sizes = [process.rss_bytes for process in processes if process.rss_bytes is not None]
        # A sum with a part missing would be too small; then there is none.
        if sizes and len(sizes) == len(processes):
            fields |= {"rss": sum(sizes), "largest": max(sizes)}
        if group.used_bytes is not None:
            fields["group"] = group.used_bytes
        if group.oom_kills is not None:
            fields["oom_kills"] = group.oom_kills
        return fields

    def _machine(self) -> dict[str, Scalar]:
        machine = self._place.machine()
        available = 100 * machine.available_bytes / machine.memory_bytes
        fields: dict[str, Scalar] = {
            "available": available,
            "total": machine.memory_bytes,
            "used": 100 - available,
            "swap": machine.swap_used_bytes,
            "swap_total": machine.swap_bytes,
        }
        waited = pressure(self._place, "memory")
        return fields if waited is None else fields | {"pressure": waited}
