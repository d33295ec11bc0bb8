"""Starting the command line, beside a bare click program: what a newcomer waits before the first word."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 15
BARE = "import click\n@click.command()\ndef main(): pass\nmain(['--help'], standalone_mode=False)"


def median_s(*command: str) -> float:
    """Return the median wall time of a command."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def main() -> None:
    """Print times and their ratio."""
    bare = median_s(sys.executable, "-c", BARE)
    ours = median_s(sys.executable, "-m", "crashcart", "--help")
    lint = median_s(sys.executable, "-m", "crashcart", "guide", "lint", "--shipped")
    print(f"  bare click --help            {bare * 1000:6.0f} ms")
    print(f"  crashcart --help             {ours * 1000:6.0f} ms  ({ours / bare:.2f} x bare)")
    print(f"  crashcart guide lint (packs) {lint * 1000:6.0f} ms  ({lint / bare:.2f} x bare)")


if __name__ == "__main__":
    main()
