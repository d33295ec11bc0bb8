"""Which process listens on which port.

psutil knows that too, and takes every connection apart to find out: 75 us each, 1.5 s on a machine with 20,000 of them.
Where Linux says it in a table, only the lines of listeners are looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_LISTEN = "0A"  # TCP_LISTEN in include/net/tcp_states.h
_LOCAL, _STATE, _INODE = 1, 3, 9  # columns of /proc/net/tcp, see proc(5)


def listening(pids: Iterable[int]) -> Mapping[int, tuple[int, ...]]:
    """Return the ports on which each process listens, as far as we may know."""
    if not os.path.exists(_TABLES[0]):
        return _by_psutil()
    port_of = dict(_listeners())
    ports: dict[int, tuple[int, ...]] = {}
    for pid in pids:
        found = sorted({port_of[inode] for inode in _sockets(pid) if inode in port_of})
        if found:
            ports[pid] = tuple(found)
    return ports


def _listeners() -> Iterator[tuple[str, int]]:
    """Yield (inode, port) of every listening socket."""
    for table in _TABLES:
        with suppress(FileNotFoundError), open(table, encoding="ascii") as lines:  # no tcp6 without IPv6
            for line in lines:
                columns = line.split(None, _INODE + 1)
                if len(columns) > _INODE and columns[_STATE] == _LISTEN:
                    yield columns[_INODE], int(columns[_LOCAL].rpartition(":")[2], 16)


def _sockets(pid: int) -> Iterator[str]:
    """Yield the inodes of the sockets of a process; none when it is not ours to see, or has just ended."""
    folder = f"/proc/{pid}/fd"
    try:
        descriptors = os.listdir(folder)
    except OSError:
        return
    for descriptor in descriptors:
        with suppress(OSError):  # closed since it was listed
            link = os.readlink(f"{folder}/{descriptor}")
            if link.startswith("socket:["):
                yield link[len("socket:[") : -1]


def _by_psutil() -> Mapping[int, tuple[int, ...]]:
    import psutil

    ports: dict[int, set[int]] = {}
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:  # macOS, unless root: then nobody's are known
        return {}
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.pid is not None and connection.laddr:
            ports.setdefault(connection.pid, set()).add(connection.laddr.port)
    return {pid: tuple(sorted(numbers)) for pid, numbers in ports.items()}
