"""Names for the processes that run jobs, so that a later one can tell which of them are gone."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable

import psutil


def own_name() -> str:
    """Return this process's name: host, pid and, because pids are used again, when it began."""
    return f"{socket.gethostname()}/{os.getpid()}/{psutil.Process().create_time():.2f}"


def gone(names: Iterable[str]) -> list[str]:
    """Return those that were processes of this machine and are no more; of other machines we cannot tell."""
    return [name for name in names if _is_gone(name)]


def _is_gone(name: str) -> bool:
    host, _, rest = name.rpartition("/")[0].rpartition("/")
    if host != socket.gethostname():
        return False
    try:
        process = psutil.Process(int(rest))
        # Nobody reaps a zombie's work: it has ended, whatever its entry says.
        return f"{process.create_time():.2f}" != name.rpartition("/")[2] or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
