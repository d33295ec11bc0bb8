"""A look into a long log: indexed, and read record by record, in the same run. Run: python -m bench.log_looks [--mb 60]

The log is what a busy service writes in 14 minutes. The peer is our own reader of short logs, which gives the same
answers (tests/probes/test_log_indexed.py). Each runs in a process of its own, so that memory can be told apart.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crashcart.probes.log import tail
from crashcart.probes.log.asked import Wanted
from crashcart.probes.log.patterns import Pattern
from crashcart.probes.log.records import LEVELS, UNKNOWN
from crashcart.probes.place import LocalPlace

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
WRITTEN_S = 840.0
LINE_BYTES = 100
QUESTIONS = (
    ("a text that is not there", "QueuePool limit of size", UNKNOWN),
    ("a text with a hole, seldom", "job <id> failed", UNKNOWN),
    ("a text in every fourth line", "status=404", UNKNOWN),
    ("a level", None, LEVELS.index("error")),
)


def write(path: Path, megabytes: int) -> None:
    """Write the log."""
    chance = random.Random(7)
    lines = megabytes * 1_000_000 // LINE_BYTES
    with path.open("w", encoding="utf-8") as file:
        for number in range(lines):
            at = NOW - timedelta(seconds=WRITTEN_S * (lines - number) / lines)
            front = f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d}"
            if chance.random() < 0.001:
                file.write(
                    f"{front} ERROR app.jobs job {chance.randrange(10**6)} failed: the provider did not answer\n"
                )
                continue
            what = f"GET /jobs/{chance.randrange(10**6)} status={chance.choice([200, 200, 201, 404])}"
            file.write(
                f"{front} INFO app.http {what} took {chance.random():.3f}s client=10.0.0.{chance.randrange(255)}\n"
            )
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))


def look(path: Path, *, is_indexed: bool) -> None:
    """Read the log, ask each question, and print what that took of the processor."""
    tail.LONG_BYTES = 0 if is_indexed else 1 << 40
    began = time.process_time()
    reading = tail.read_since(LocalPlace(), str(path), start_s=NOW.timestamp() - 900, zone=None)
    print(f"  {'read':<30} {time.process_time() - began:8.3f} s")
    for name, text, level in QUESTIONS:
        pattern = Pattern.of(text) if text else None
        asked = Wanted(pattern, level, NOW.timestamp() - 900, NOW.timestamp(), None, 0.0, NOW.timestamp())
        began = time.process_time()
        found = sum(1 for _ in reading.chosen(asked))
        print(
            f"  {name:<30} {time.process_time() - began:8.3f} s, {found} of {reading.dated(asked.start_s, asked.end_s)}"
        )
    print(f"  {'memory at most':<30} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB")


def main() -> None:
    """Print both."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--mb", type=int, default=60)
    asked.add_argument("--only", choices=["indexed", "read"])
    asked.add_argument("--log", type=Path)
    given = asked.parse_args()
    if given.only:
        look(given.log, is_indexed=given.only == "indexed")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "app.log"
        write(path, given.mb)
        for name in ("indexed", "read"):
            print(f"{name}, {path.stat().st_size / 1e6:.0f} MB", flush=True)
            subprocess.run([sys.executable, "-m", "bench.log_looks", "--only", name, "--log", str(path)], check=True)


if __name__ == "__main__":
    main()
