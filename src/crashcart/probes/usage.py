"""What processes and the machine use, as the kernel counts it."""

from __future__ import annotations

import errno
import math

from crashcart.ports import Machine


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has used. Raises PermissionError or ProcessLookupError."""
    import psutil

    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.AccessDenied as error:
        raise PermissionError(errno.EACCES, "processor time not permitted", str(pid)) from error
    except psutil.NoSuchProcess as error:
        raise ProcessLookupError(errno.ESRCH, "no such process", str(pid)) from error
    return float(times.user + times.system)


def machine() -> Machine:
    """Return memory, load and processor time of the machine."""
    import psutil

    memory, swap, times = psutil.virtual_memory(), psutil.swap_memory(), psutil.cpu_times()
    # Waiting for a disk is idle time for whoever wants the processor; guests are counted within user and nice.
    idle_s = times.idle + getattr(times, "iowait", 0.0)
    guests_s = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    return Machine(
        memory_bytes=memory.total,
        available_bytes=memory.available,
        swap_bytes=swap.total,
        swap_used_bytes=swap.used,
        cores=psutil.cpu_count() or 1,
        load_1min=psutil.getloadavg()[0],
        busy_s=math.fsum(times) - idle_s - guests_s,
        idle_s=idle_s,
    )
