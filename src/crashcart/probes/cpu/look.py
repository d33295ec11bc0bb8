"""Processor time of the target and of the machine: two readings, half a second apart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, Secrets
from crashcart.probes.cgroup import CpuGroup, cpu_group, read_text
from crashcart.probes.found import alive, find
from crashcart.probes.pool import FILES
from crashcart.probes.pressure import pressure
from crashcart.redact import Scrubber

WINDOW_S = 0.5  # the kernel counts in ticks of 10 ms: shorter, and one tick is several percent


@dataclass(frozen=True, slots=True)
class _Thread:
    used_s: float
    waited_s: float
    wants_core: bool  # it has one, or waits for one
    pauses: str  # how often it gave up its core by itself; empty when that is hidden


@dataclass(frozen=True, slots=True)
class _Reading:
    at_s: float
    used_s: Mapping[int, float]  # by pid; those that have ended are not there
    threads: Mapping[str, _Thread]  # by path
    group: CpuGroup


class CpuLook:
    """Reads counters twice."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look for half a second."""
        if look.look == "machine":
            return await self._machine()
        found = await find(self._place, target)
        if isinstance(found, Unseen):
            return found
        pids = [process.pid for process in alive(found)]
        try:
            before = await FILES.run(lambda: self._read(pids))
            await asyncio.sleep(WINDOW_S if pids else 0)
            after = await FILES.run(lambda: self._read(pids))
        except PermissionError:
            return Unseen(f"not permitted to see the processor time of {target.name}: run as its user or as root")
        return Seen(_fields(before, after, cores=(await FILES.run(self._place.machine)).cores))

    def _read(self, pids: Sequence[int]) -> _Reading:
        used_s: dict[int, float] = {}
        threads: dict[str, _Thread] = {}
        for pid in pids:
            try:
                used_s[pid] = self._place.cpu_s(pid)
            except ProcessLookupError:
                continue
            for path in self._place.glob(f"/proc/{pid}/task/*/schedstat"):
                # On the core, waiting for one, and how often: see sched-stats in the kernel's documentation.
                words = read_text(self._place, path).split()
                if len(words) == 3 and words[0].isdecimal() and words[1].isdecimal():
                    status = read_text(self._place, path.removesuffix("schedstat") + "status")
                    # The name stands in front, and its line ends in it are escaped.
                    wants_core = "\nState:\tR" in status
                    pauses = status.partition("\nvoluntary_ctxt_switches:\t")[2].partition("\n")[0]
                    threads[path] = _Thread(int(words[0]) / 1e9, int(words[1]) / 1e9, wants_core, pauses)
        group = cpu_group(self._place, pids[0]) if pids else CpuGroup()
        return _Reading(time.monotonic(), used_s, threads, group)

    async def _machine(self) -> Outcome:
        before = await FILES.run(self._place.machine)
        await asyncio.sleep(WINDOW_S)
        after = await FILES.run(self._place.machine)
        busy_s, idle_s = after.busy_s - before.busy_s, after.idle_s - before.idle_s
        fields: dict[str, Scalar] = {"load": after.load_1min / after.cores, "cores": after.cores}
        if busy_s + idle_s > 0:
            fields["used"] = max(0.0, 100 * busy_s / (busy_s + idle_s))
        waited = await FILES.run(lambda: pressure(self._place, "cpu"))
        return Seen(fields if waited is None else fields | {"pressure": waited})


def _fields(before: _Reading, after: _Reading, *, cores: int) -> dict[str, Scalar]:
    window_s = max(after.at_s - before.at_s, 1e-3)
    used = [100 * (after.used_s[pid] - before.used_s[pid]) / window_s for pid in after.used_s if pid in before.used_s]
    fields: dict[str, Scalar] = {
        "processes": len(used),
        "used": sum(used),
        "busiest": max(used, default=0.0),
        "cores": min(after.group.cores or cores, cores),
    }
    stayed = [(before.threads[path], thread) for path, thread in after.threads.items() if path in before.threads]
    if stayed:
        fields["waited"] = 100 * sum(_waited_s(*pair, window_s) for pair in stayed) / window_s
    if before.group.throttled_s is not None and after.group.throttled_s is not None:
        fields["throttled"] = 100 * (after.group.throttled_s - before.group.throttled_s) / window_s
    return fields


def _waited_s(before: _Thread, after: _Thread, window_s: float) -> float:
    """Return how long a thread waited for a core, at most the time it had none.

    The kernel counts waiting when it ends: it tells nothing of a thread that still waits, and then too much at once.
    But whoever wanted a core at both readings, and gave none up, wanted one all the time.
    """
    without_core_s = max(0.0, window_s - (after.used_s - before.used_s))
    if before.wants_core and after.wants_core and before.pauses == after.pauses:
        return without_core_s
    return min(after.waited_s - before.waited_s, without_core_s)
