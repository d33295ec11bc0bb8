"""A guard of the machine's memory: kills a program that has more than it may, as the kernel does inside a container."""

from __future__ import annotations

import os
import re
import signal
import threading
from pathlib import Path

import click

LOOK_S = 0.1


@click.command()
@click.option("--folder", type=click.Path(path_type=Path, exists=True), required=True, help="Where the program runs.")
@click.option("--command", required=True, help="How its command line ends.")
@click.option("--limit-mb", type=int, required=True)
def main(folder: Path, command: str, limit_mb: int) -> None:
    """Watch until a signal ends this process."""
    print(f"{command} in {folder} may have {limit_mb} MB", flush=True)
    rest = threading.Event()
    while not rest.wait(LOOK_S):
        for pid in _processes(folder, command):
            if (used_mb := _used_mb(pid)) > limit_mb:
                print(f"process {pid} has {used_mb} MB: killed", flush=True)
                os.kill(pid, signal.SIGKILL)


def _processes(folder: Path, command: str) -> list[int]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if _is_meant(pid, folder, command)]


def _is_meant(pid: int, folder: Path, command: str) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        return " ".join(words).strip().endswith(command) and Path(os.readlink(f"/proc/{pid}/cwd")) == folder
    except OSError:  # gone meanwhile, or another user's
        return False


def _used_mb(pid: int) -> int:
    try:
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
    except OSError:  # gone meanwhile
        return 0
    return int(found[1]) // 1024 if found else 0


if __name__ == "__main__":
    main()
