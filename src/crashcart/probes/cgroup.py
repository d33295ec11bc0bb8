"""What Linux grants a process through its control groups, versions 1 and 2; see cgroups(7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crashcart.ports import Files

_ROOT = "/sys/fs/cgroup"
_BYTES = 64 * 1024
_UNLIMITED = 1 << 60  # version 1 has no word for "unlimited", only a number near 2**63


@dataclass(frozen=True, slots=True)
class MemoryGroup:
    """The memory of the group: the tightest limit up to the root; None when it is not told."""

    limit_bytes: int | None = None
    used_bytes: int | None = None
    oom_kills: int | None = None


@dataclass(frozen=True, slots=True)
class CpuGroup:
    """How many cores the group may use, and for how long it has been held back; None when it is not told."""

    cores: float | None = None
    throttled_s: float | None = None


def memory_group(files: Files, pid: int) -> MemoryGroup:
    """Return what the memory group of a process allows. Knows nothing where there are no groups."""
    folders = list(_folders(files, pid, "memory"))
    limits = [_first_number(files, folder, "memory.max", "memory.limit_in_bytes") for folder in folders]
    real = [limit for limit in limits if limit is not None and limit < _UNLIMITED]
    if not folders:
        return MemoryGroup()
    events = [read_text(files, f"{folders[0]}/{name}") for name in ("memory.events", "memory.oom_control")]
    return MemoryGroup(
        min(real, default=None),
        _first_number(files, folders[0], "memory.current", "memory.usage_in_bytes"),
        _keyed("\n".join(events).splitlines(), "oom_kill"),
    )


def cpu_group(files: Files, pid: int) -> CpuGroup:
    """Return what the processor group of a process allows."""
    folders = list(_folders(files, pid, "cpu"))
    quotas = [quota for quota in (_quota(files, folder) for folder in folders) if quota is not None]
    held = [held for held in (_held_s(files, folder) for folder in folders) if held is not None]
    # A group above may hold back as well; the one that did so longest is the one that hurts.
    return CpuGroup(min(quotas, default=None), max(held, default=None))


def _folders(files: Files, pid: int, controller: str) -> Iterator[str]:
    """Yield the folder of a process's group and those above it."""
    lines = read_text(files, f"/proc/{pid}/cgroup").splitlines()
    parts = [line.split(":", 2) for line in lines if line.count(":") >= 2]
    own = next(((_ROOT + "/" + controller, path) for _, names, path in parts if controller in names.split(",")), None)
    unified = next((path for number, names, path in parts if number == "0" and not names), None)
    if own is None and unified is None:
        return
    base, path = own or (_ROOT, unified or "/")
    # Out of a container's own groups the path begins with "..": then only what is mounted here can be read.
    steps = [] if ".." in path.split("/") else [step for step in path.split("/") if step]
    for length in range(len(steps), -1, -1):
        yield "/".join([base, *steps[:length]])


def _quota(files: Files, folder: str) -> float | None:
    words = read_text(files, f"{folder}/cpu.max").split()
    if len(words) == 2 and words[0].isdecimal():
        return int(words[0]) / int(words[1])
    quota = _number(files, f"{folder}/cpu.cfs_quota_us")
    period = _number(files, f"{folder}/cpu.cfs_period_us")
    return quota / period if quota and quota > 0 and period else None


def _held_s(files: Files, folder: str) -> float | None:
    lines = read_text(files, f"{folder}/cpu.stat").splitlines()
    held_us, held_ns = _keyed(lines, "throttled_usec"), _keyed(lines, "throttled_time")
    return held_us / 1e6 if held_us is not None else held_ns / 1e9 if held_ns is not None else None


def _first_number(files: Files, folder: str, *names: str) -> int | None:
    return next((found for found in (_number(files, f"{folder}/{name}") for name in names) if found is not None), None)


def _keyed(lines: Sequence[str], key: str) -> int | None:
    return next((_int(line.split()[1]) for line in lines if line.split()[:1] == [key] and len(line.split()) == 2), None)


def _number(files: Files, path: str) -> int | None:
    return _int(read_text(files, path))


def _int(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:  # "max", or nothing
        return None


def read_text(files: Files, path: str) -> str:
    """Return a small file of the system; "" where this machine does not have it, or keeps it from us."""
    try:
        return files.read(path, _BYTES).decode("ascii", "replace").strip()
    except OSError:
        return ""
