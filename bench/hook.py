"""`crashcart hook` under load, and from a real Alertmanager to the report. Run: python bench/hook.py [load] [alertmanager]

Load: a thousand alerts a minute for two minutes (HOOK_LOAD_S changes that), each a request of its own, while it
diagnoses; every second request goes to a bare Starlette application, so both meet the same machine at the same time.
Alertmanager: Debian's prometheus-alertmanager fires for a fault in a world of the lab.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import queue
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import psutil

PER_MIN, LOAD_S, GROUPS = 1000, float(os.environ.get("HOOK_LOAD_S", "120")), 40
FAULTS = ("quota-used-up", "service-stopped", "key-missing")
SECRET = "0123456789abcdef-bench"
BARE = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
async def alerts(request):
    await request.body()
    return JSONResponse({}, 202)
uvicorn.run(Starlette(routes=[Route("/alerts", alerts, methods=["POST"])]), port=int(sys.argv[1]), log_level="error", access_log=False)
"""
SYSTEM = '[system]\nname = "bench"\n[targets.api]\nkind = "http"\nurl = "http://127.0.0.1:9"\nlogs = ["api.log"]\n'
ALERTMANAGER = """
route: {{receiver: crashcart, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
- name: crashcart
  webhook_configs:
  - url: {url}/alerts
    http_config: {{authorization: {{credentials: {secret}}}}}
"""


class Receiver(ThreadingHTTPServer):
    """Where reports arrive."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.posts: queue.Queue[tuple[float, str]] = queue.Queue()


class _Door(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.posts.put((time.time(), body["title"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive reports in a thread."""
    receiver = Receiver()
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    yield receiver
    receiver.shutdown()
    receiver.server_close()


@contextlib.contextmanager
def running(*command: str, folder: Path, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program, and end it."""
    environ = os.environ | {"XDG_STATE_HOME": str(folder / "state"), "CRASHCART_HOOK_SECRET": SECRET}
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environ)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


@contextlib.contextmanager
def hooked(folder: Path, system: Path, receiver: Receiver, *more: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run `crashcart hook`; yield it with its address."""
    post = f"json://127.0.0.1:{receiver.server_port}/"
    command = (sys.executable, "-m", "crashcart", "hook", "--system", str(system), "--port", "0", "--post", post, *more)
    with running(*command, folder=folder, name="hook") as process:
        url = ""
        while not url:
            found = re.search(r"url=(\S+)/alerts", (folder / "hook.log").read_text())
            url = found[1] if found else ""
            time.sleep(0.05)
        yield process, url


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def payload(number: int) -> bytes:
    """Return one alert that was not there before, in one of forty groups."""
    alert = {
        "status": "firing", "labels": {"alertname": "Slow", "job": "api", "n": str(number)}, "fingerprint": f"{number:016x}",
        "annotations": {"summary": f"request {number} takes too long"}, "startsAt": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    return json.dumps({"version": "4", "groupKey": f"g{number % GROUPS}", "alerts": [alert]}).encode()


async def post_all(hook: str, bare: str, pid: int) -> tuple[list[float], list[float], list[int], list[int]]:
    """Post at the pace to both; return seconds of each, the hook's statuses and its memory."""
    taken: dict[str, list[float]] = {hook: [], bare: []}
    statuses: list[int] = []
    memory: list[int] = []
    limits = httpx.Limits(max_connections=20)
    async with httpx.AsyncClient(trust_env=False, timeout=30, limits=limits) as client:

        async def one(url: str, number: int) -> None:
            began = time.perf_counter()
            headers = {"Authorization": f"Bearer {SECRET}"}
            answer = await client.post(f"{url}/alerts", content=payload(number), headers=headers)
            taken[url].append(time.perf_counter() - began)
            if url == hook:
                statuses.append(answer.status_code)

        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(int(PER_MIN * LOAD_S / 60)):
                await asyncio.sleep(max(0.0, began + number * 60 / PER_MIN - time.perf_counter()))
                group.create_task(one(hook, number))
                group.create_task(one(bare, number))
                if not number % 50:
                    memory.append(psutil.Process(pid).memory_info().rss)
    return taken[hook], taken[bare], statuses, memory


def load(folder: Path) -> None:
    """Print what came of a thousand alerts a minute."""
    (folder / "api.log").write_text("")
    system = folder / "crashcart.toml"
    system.write_text(SYSTEM)
    bare_port = free_port()
    with (
        receiving() as receiver,
        running(sys.executable, "-c", BARE, str(bare_port), folder=folder, name="bare"),
        hooked(folder, system, receiver, "--budget", "5") as (process, url),
    ):
        loads = [os.getloadavg()[0]]
        hook_s, bare_s, statuses, memory = asyncio.run(post_all(url, f"http://127.0.0.1:{bare_port}", process.pid))
        loads.append(os.getloadavg()[0])
        began = time.monotonic()
        while any(httpx.get(f"{url}/health", trust_env=False).json()[key] for key in ("waiting", "undelivered")):
            time.sleep(0.5)
        drained_s = time.monotonic() - began
        with contextlib.closing(sqlite3.connect(folder / "state/crashcart/alerts.sqlite")) as inbox:
            told = inbox.execute(
                "SELECT total(alerts) FROM delivery JOIN report r ON r.id = report WHERE delivered_at"
            ).fetchone()
        reports = receiver.posts.qsize()
        end = psutil.Process(process.pid).memory_info().rss
    print(f"  load average {loads[0]:.1f} before, {loads[1]:.1f} after; {len(statuses)} alerts in {LOAD_S:.0f} s")
    print(
        f"  accepted {statuses.count(202)}, told in a report that arrived {told[0]:.0f}, in {reports} reports; drained {drained_s:.0f} s after the last"
    )
    p95 = {name: statistics.quantiles(found, n=20)[-1] for name, found in (("hook", hook_s), ("bare", bare_s))}
    for name, found in (("hook", hook_s), ("bare", bare_s)):
        print(
            f"  {name}  p50 {statistics.median(found) * 1000:6.1f} ms  p95 {p95[name] * 1000:6.1f} ms  worst {max(found) * 1000:6.1f} ms"
        )
    print(f"  p95 hook / bare = {p95['hook'] / p95['bare']:.1f}")
    print(
        f"  memory of the receiver: {memory[0] / 1e6:.0f} MB at first, at most {max(memory) / 1e6:.0f} MB, {end / 1e6:.0f} MB at the end"
    )


def alertmanager(folder: Path) -> None:
    """Print the seconds from firing to the report, for three faults of the lab."""
    program = shutil.which("prometheus-alertmanager")
    if program is None:
        sys.exit("bench: Alertmanager is needed: apt-get install prometheus-alertmanager")
    world, port = folder / "world", free_port()
    lab(world, "up", "--seed", "3")
    try:
        with receiving() as receiver, hooked(folder, world / "crashcart.toml", receiver) as (_, url):
            (folder / "am.yml").write_text(ALERTMANAGER.format(url=url, secret=SECRET))
            own = f"127.0.0.1:{port}"
            command = (
                program,
                "--config.file=am.yml",
                "--storage.path=am",
                f"--web.listen-address={own}",
                "--cluster.listen-address=",
            )
            with running(*command, folder=folder, name="alertmanager"):
                for fault in FAULTS:
                    lab(world, "break", fault, "--seed", "3")
                    seconds, title = fire(f"http://{own}", receiver, world, fault)
                    print(f"  {fault:<18} {seconds:5.1f} s  {title}  (load average {os.getloadavg()[0]:.1f})")
                    lab(world, "heal")
    finally:
        lab(world, "down")


def lab(world: Path, *words: str) -> None:
    """Run a command of the lab."""
    subprocess.run(
        [str(Path(sys.executable).with_name("crashcart-lab")), *words, "--world", str(world)],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def fire(manager: str, receiver: Receiver, world: Path, fault: str) -> tuple[float, str]:
    """Let Alertmanager fire; return the seconds until the report was there, and its title."""
    found = re.search(r'^url = "http://([^"/]+)', (world / "crashcart.toml").read_text(), re.MULTILINE)
    assert found
    # The name tells nothing of the fault: an alert names a symptom.
    labels = {"alertname": f"Symptom{FAULTS.index(fault)}", "instance": found[1]}
    alert = {"labels": labels, "annotations": {"summary": "digest fails"}, "startsAt": datetime.now(UTC).isoformat()}
    with httpx.Client(trust_env=False, transport=httpx.HTTPTransport(retries=5)) as client:
        began = time.time()
        client.post(f"{manager}/api/v2/alerts", json=[alert]).raise_for_status()
    at, title = receiver.posts.get(timeout=180)
    return at - began, title


def main() -> None:
    """Run what is named, or both."""
    for name, run in (("load", load), ("alertmanager", alertmanager)):
        if name in sys.argv[1:] or len(sys.argv) == 1:
            print(f"== {name}")
            with tempfile.TemporaryDirectory() as folder:
                run(Path(folder))


if __name__ == "__main__":
    main()
