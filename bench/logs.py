"""The whole of `crashcart logs`, on one core and on two, beside wc, ripgrep and lnav. Run: python -m bench.logs

The file is made here (a service's log with stamps, levels, durations and tracebacks), or is one of yours: `--file`.
Times are of the whole command, its start included, from the page cache; the best of a few runs, for other work on the
machine only ever adds. The peers do less each: wc counts lines, ripgrep finds one text, lnav loads and indexes (the
first 100 MB: it takes minutes over the whole).
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from crashcart.logs.loops.library import SWITCH

MADE_LINES = 200_000
PREFIX_BYTES = 100_000_000
RUNS = 5
TRACEBACK = (
    "Traceback (most recent call last):\n"
    '  File "/srv/shop/pay.py", line 41, in charge\n    answer = client.post(url)\n'
    '  File "/usr/lib/python3.11/site-packages/httpx/_client.py", line 1144, in post\n    raise ReadTimeout(request)\n'
    "httpx.ReadTimeout: timed out\n"
)
MESSAGES = (
    "INFO shop.views: order {n} paid in {m}ms by user {n} from 10.0.{b}.{b}",
    "INFO shop.cache: warmed {n} entries of catalogue, {n} bytes, hit rate {b}.{b} %",
    "DEBUG shop.db: SELECT name, price FROM items WHERE id = {n} returned {b} rows in {m}ms",
    "INFO shop.http: GET /items/{n}?page={b} 200 {n} bytes request_time=0.{m}",
    "WARNING shop.pool: {b} of 256 connections in use, {b} callers waiting",
    "INFO shop.mail: sent receipt for order {n} to customer {n}",
    "DEBUG shop.auth: session {n} renewed for user {n}, valid for {n} s",
    "INFO shop.queue: job {n} of type reindex done after {b} tries",
)


def made() -> Iterator[str]:
    """Yield records by the millisecond."""
    chance = random.Random(5)
    for at in range(MADE_LINES):
        second, millisecond = divmod(at * 7, 1000)
        stamp = f"2026-03-04T{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}.{millisecond:03}Z"
        text = chance.choice(MESSAGES).format(
            n=chance.randrange(10**7), m=f"{chance.randrange(1, 900):03}", b=chance.randrange(256)
        )
        yield f"{stamp} {text}\n"
        if chance.random() < 0.002:
            yield f"{stamp} ERROR shop.pay: payment {chance.randrange(10**7)} failed\n{TRACEBACK}"


def write(path: Path, limit_bytes: int) -> None:
    """Fill a file; each round of lines is of another day."""
    text = "".join(made())
    with path.open("w") as file:
        size = 0
        for day in range(1, 32):
            size += file.write(text.replace("2026-03-04T", f"2026-03-{day:02}T"))
            if size >= limit_bytes:
                return


def write_gz(path: Path, packed: Path) -> None:
    """Compress a file, in bounded memory."""
    with path.open("rb") as plain, gzip.open(packed, "wb", 6) as file:
        shutil.copyfileobj(plain, file, 1 << 20)


def timed(command: Sequence[str], *, cores: int, runs: int = 3, **environment: str) -> float:
    """Return the shortest wall time in seconds."""

    def pinned() -> None:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])

    best = float("inf")
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            preexec_fn=pinned,
            env={**os.environ, **environment},
        )
        best = min(best, time.perf_counter() - began)
    return best


def row(name: str, seconds: float, size_bytes: int, note: str = "") -> None:
    """Print one row."""
    print(f"  {name:<34}{seconds:>8.2f} s {size_bytes / 1e6 / seconds:>9,.0f} MB/s  {note}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time the pass over logs, beside its peers.")
    parser.add_argument("--mb", type=int, default=600)
    parser.add_argument("--file", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.file or Path(folder) / "made.log"
        if asked.file is None:
            write(path, asked.mb * 1_000_000)
        size = path.stat().st_size
        print(f"  {path.name}, {size / 1e6:,.0f} MB, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        ours = [sys.executable, "-m", "crashcart", "logs", "--json"]
        for cores in (1, 2):
            taken = timed([*ours, str(path)], cores=cores, runs=RUNS)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            row(f"crashcart logs, {cores} core{'s'[: cores - 1]}", taken, size, f"largest process {peak:,.0f} MB")
        row("the same, its loops in Python", timed([*ours, str(path)], cores=2, runs=RUNS, **{SWITCH: "plain"}), size)
        packed = Path(folder) / "made.log.gz"
        write_gz(path, packed)
        row("the same, from .gz, 2 cores", timed([*ours, str(packed)], cores=2, runs=RUNS), size, "of plain text")
        row("wc -l", timed(["wc", "-l", str(path)], cores=1), size)
        prefix = Path(folder) / "prefix.log"
        with path.open("rb") as file:
            prefix.write_bytes(file.read(PREFIX_BYTES))
        for peer, command, of in (
            ("ripgrep -c ERROR", ["rg", "-c", "--no-mmap", "ERROR"], path),
            ("lnav -n -c ':quit', 100 MB", ["lnav", "-n", "-c", ":quit"], prefix),
        ):
            if shutil.which(command[0]):
                row(peer, timed([*command, str(of)], cores=1, runs=1), of.stat().st_size)
            else:
                print(f"  {peer:<34} not installed")


if __name__ == "__main__":
    main()
