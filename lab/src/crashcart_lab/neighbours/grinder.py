"""A batch that computes in many processes, all on one core, for as long as it is let."""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
from typing import NoReturn

import click

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@click.command()
@click.option("--core", type=int, required=True)
@click.option("--processes", type=int, required=True)
def main(core: int, processes: int) -> None:
    """Compute on CORE until a signal ends this process."""
    for _ in range(processes):
        if os.fork() == 0:
            _compute(core)
    print(f"{processes} processes compute on core {core}", flush=True)
    signal.pause()


def _compute(core: int) -> NoReturn:
    # Whatever ends the batch ends its parts, too.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # A session of its own: the kernel shares a core out to sessions first, and to their processes second.
    os.setsid()
    os.sched_setaffinity(0, {core})
    block = bytes(1_000_000)
    while True:
        block = hashlib.sha256(block).digest() * 31_250


if __name__ == "__main__":
    main()
