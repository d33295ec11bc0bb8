"""Digest beside a bare application of its framework: latency and requests a second, in one run on one machine.

Then fifty clients for two minutes (DIGEST_CLIENTS_S changes that): no answer may be a 5xx, and no log line may say
that the database is locked. The load comes from wrk (Debian's), so that the client is not what is measured.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage import schema
from crashcart_lab.digest.storage.database import Database
from crashcart_lab.digest.storage.jobs import JobStore, Order
from crashcart_lab.digest.storage.summaries import Method, SummaryStore

ROUNDS, ROUND_S, CONNECTIONS = 5, 3, 16
SUMMARIES = 500
CLIENTS = 50
WORDS = ("box", "pigeon", "every", "has", "until", "runs", "out", "of", "the", "loft")
PATHS = ("/", "/stats", "/summaries/42", "/summaries?limit=10", "POST /scrape")
POST = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"url": "http://127.0.0.1:9/", "max_pages": 1}'
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk has seen in one round."""

    per_s: float
    median_ms: float
    p99_ms: float


def main() -> None:
    """Print both tables."""
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.exit("bench: wrk is needed: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = Path(folder) / "ours", Path(folder) / "bare"
        for one in (ours, bare):
            fill(one)
        command = [sys.executable, "-m", "crashcart_lab.digest"]
        peer = [sys.executable, "-m", "uvicorn", "bare_app:app", "--no-access-log", "--log-level", "warning"]
        with served(command, ours) as our_url, served(peer, bare) as bare_url:
            compare(wrk, Path(folder), our_url, bare_url)
        with served(command, ours) as our_url:
            asyncio.run(crowd(our_url, ours / "digest.log", float(os.environ.get("DIGEST_CLIENTS_S", "120"))))


def fill(folder: Path) -> None:
    """Make a database with summaries of an ordinary length."""
    folder.mkdir()
    settings = Settings(database_path=folder / "summaries.db")
    database = Database(settings)
    schema.prepare(database, may_migrate=True)
    jobs, summaries = JobStore(database), SummaryStore(database)
    rng = random.Random(1)
    for number in range(SUMMARIES):
        job = jobs.claim(jobs.add(Order(f"http://docs.example/{number}", 1, 1)).id, "bench")
        assert job
        with database.writing() as db:
            text = " ".join(rng.choices(WORDS, k=120))
            summaries.store(db, job, title=f"Site {number}", summary=text, method=Method.MODEL)
    database.close()


@contextmanager
def served(command: list[str], folder: Path) -> Iterator[str]:
    """Run a server in its folder until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    env = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "DATABASE_PATH": str(folder / "summaries.db"),
        "ALLOWED_NETWORKS": "127.0.0.0/8",
        "RATE_LIMIT_SCRAPE": "",
        "OPENAI_MAX_RETRIES": "0",
        "PYTHONPATH": str(Path(__file__).parent),
    }
    arguments = ["--port", str(port)] if "uvicorn" in command else []
    with (folder / "out").open("w") as out:
        process = subprocess.Popen([*command, *arguments], cwd=folder, env=env, stdout=out, stderr=out)
    try:
        url = f"http://127.0.0.1:{port}"
        await_answer(url)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


def await_answer(url: str) -> None:
    for _ in range(200):
        try:
            httpx.get(url, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    sys.exit(f"bench: nothing answers at {url}")


def compare(wrk: str, folder: Path, our_url: str, bare_url: str) -> None:
    """Measure both in turns, and print medians."""
    script = folder / "post.lua"
    script.write_text(POST)
    print(f"  {'':22}{'bare':>34}{'digest':>34}   digest / bare")
    for path in PATHS:
        ours, bare = [], []
        for _ in range(ROUNDS):
            bare.append(load(wrk, bare_url, path, script))
            ours.append(load(wrk, our_url, path, script))
        ratio = statistics.median(one.per_s / other.per_s for one, other in zip(ours, bare, strict=True))
        print(f"  {path:22}{shown(bare):>34}{shown(ours):>34}   {ratio:.2f}")


def load(wrk: str, url: str, path: str, script: Path) -> Load:
    is_post = path.startswith("POST ")
    extra = ["-s", str(script)] if is_post else []
    address = url + path.removeprefix("POST ")
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{ROUND_S}s", "--latency", *extra, address]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text:
        sys.exit(f"bench: {address} refused some requests:\n{text}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", text)
    assert found, text
    return Load(float(found[1]), quantile(text, "50%"), quantile(text, "99%"))


def quantile(text: str, name: str) -> float:
    found = re.search(rf"{name}\s+([\d.]+)(us|ms|s)", text)
    assert found, text
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def shown(loads: list[Load]) -> str:
    per_s = statistics.median(one.per_s for one in loads)
    median = statistics.median(one.median_ms for one in loads)
    p99 = statistics.median(one.p99_ms for one in loads)
    return f"{per_s:,.0f}/s {median:.1f} ms p99 {p99:.1f}"


async def crowd(url: str, log: Path, seconds: float) -> None:
    """Let fifty clients read and write at once."""
    statuses: Counter[int] = Counter()
    until = time.monotonic() + seconds
    limits = httpx.Limits(max_connections=CLIENTS)
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60.0, limits=limits) as http:
        await asyncio.gather(*(client(http, random.Random(seed), until, statuses) for seed in range(CLIENTS)))
    locked = log.read_text(encoding="utf-8").count("database is locked")
    failed = sum(count for status, count in statuses.items() if status >= 500)
    total = sum(statuses.values())
    print(
        f"  {CLIENTS} clients for {seconds:g} s: {total:,} answers, {failed} of them 5xx, 'database is locked' {locked} times"
    )
    with closing(Database(Settings(database_path=log.parent / "summaries.db"))) as database, database.reading() as db:
        print(f"  integrity afterwards: {db.exec_driver_sql('PRAGMA integrity_check').scalar()}")


async def client(http: httpx.AsyncClient, rng: random.Random, until: float, statuses: Counter[int]) -> None:
    while time.monotonic() < until:
        number = rng.randint(1, SUMMARIES)
        match rng.randrange(5):
            case 0:
                answer = await http.post("/scrape", json={"url": "http://127.0.0.1:9/", "max_pages": 1})
            case 1 | 2:
                answer = await http.put(f"/summaries/{number}/tags", json={"tags": [f"t{number % 7}", "crowd"]})
            case 3:
                answer = await http.get("/summaries", params={"tag": "crowd", "limit": 5})
            case _:
                answer = await http.get(f"/summaries/{number}")
        statuses[answer.status_code] += 1


if __name__ == "__main__":
    main()
