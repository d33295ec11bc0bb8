"""Where processes stand: their folder, their parent, the files they have open, and whom they talk to."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from crashcart.ports import OpenFile, Surroundings

if TYPE_CHECKING:
    import psutil

    from crashcart.ports import Endpoint


def surroundings(pids: Sequence[int]) -> Mapping[int, Surroundings]:
    """Return what is known of each process that still runs; what the system would not tell is left empty."""
    import psutil

    listens, peers = _connections()
    found: dict[int, Surroundings] = {}
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            found[pid] = Surroundings(
                folder=_folder(process),
                parent=process.ppid(),
                opened=_opened(process),
                listens=tuple(sorted(listens.get(pid, ()))),
                peers=tuple(sorted(peers.get(pid, ()))),
            )
    return found


def _folder(process: psutil.Process) -> str:
    import psutil

    try:
        return process.cwd()
    except (psutil.AccessDenied, psutil.ZombieProcess):
        return ""


def _opened(process: psutil.Process) -> tuple[OpenFile, ...]:
    """Return the regular files; where the system tells no mode (macOS), each counts as read only."""
    import psutil

    try:
        files = process.open_files()
    except (psutil.AccessDenied, psutil.ZombieProcess):
        return ()
    found = (OpenFile(file.path, file.fd, getattr(file, "mode", "r") != "r") for file in files)
    return tuple(
        sorted((file for file in found if os.path.isabs(file.path)), key=lambda file: (file.path, file.descriptor))
    )


def _connections() -> tuple[Mapping[int, set[Endpoint]], Mapping[int, set[Endpoint]]]:
    """Return by process where it listens, and the other ends of the connections that it has opened itself."""
    import psutil

    try:
        seen = psutil.net_connections("tcp")
    except psutil.AccessDenied:  # macOS, unless root
        return {}, {}
    listens: dict[int, set[Endpoint]] = {}
    peers: dict[int, set[Endpoint]] = {}
    served = {_end(entry.laddr)[1] for entry in seen if entry.status == psutil.CONN_LISTEN}
    for entry in seen:
        own, other = _end(entry.laddr), _end(entry.raddr)
        if entry.pid is None:
            continue
        if entry.status == psutil.CONN_LISTEN:
            listens.setdefault(entry.pid, set()).add(own)
        # A connection whose own end is a port that somebody listens on was accepted, not opened.
        elif entry.status == psutil.CONN_ESTABLISHED and other[1] and own[1] not in served:
            peers.setdefault(entry.pid, set()).add(other)
    return listens, peers


def _end(address: object) -> Endpoint:
    # An end that is not there is an empty tuple in place of one with names.
    return str(getattr(address, "ip", "")), int(getattr(address, "port", 0))
