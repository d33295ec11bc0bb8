"""A stream that is larger than memory: what one process keeps of it, gigabyte by gigabyte. Run: python -m bench.logs_stream

Ten gigabytes of records are drawn (numbers, users and durations change with every block) and written to `crashcart logs -`,
as `zcat` or `kubectl logs` would. Its resident memory is read from /proc while it works; it must not grow with what came.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time

import psutil
from bench.logs import made

BLOCK_BYTES = 4 << 20
DIGITS = b"0123456789"


def block() -> bytes:
    """Return about BLOCK_BYTES of whole records."""
    text = "".join(made()).encode()
    return text[: text.rindex(b"\n2026-", 0, BLOCK_BYTES) + 1]


def stream(gigabytes: int) -> tuple[list[float], float]:
    """Return the resident memory in MB after each gigabyte, and the seconds that all of it took."""
    chance = random.Random(3)
    first = block()
    memory: list[float] = []
    began = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "crashcart", "logs", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as child:
        assert child.stdin is not None
        watched = psutil.Process(child.pid)
        for _ in range(gigabytes):
            sent = 0
            while sent < 1_000_000_000:
                # Other digits in one half of each block; its stamps become nonsense with them, which is as it may come.
                digits = bytes(chance.sample(DIGITS, 10))
                changed = first.translate(bytes.maketrans(DIGITS, digits))
                sent += child.stdin.write(first[: BLOCK_BYTES // 2] + changed[BLOCK_BYTES // 2 :])
            memory.append(watched.memory_info().rss / 1e6)
        child.stdin.close()
        if child.wait() > 1:
            raise SystemExit(f"crashcart logs ended with {child.returncode}")
    return memory, time.monotonic() - began


def main() -> None:
    """Print the memory by gigabyte."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--gigabytes", type=int, default=10)
    options = asked.parse_args()
    print(f"  load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    memory, took_s = stream(options.gigabytes)
    for at, megabytes in enumerate(memory, 1):
        print(f"  after {at:>2} GB {megabytes:>6,.0f} MB resident")
    print(f"  {options.gigabytes / took_s * 1000:,.0f} MB/s, drawing included")


if __name__ == "__main__":
    main()
