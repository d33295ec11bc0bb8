"""Stops a real program, changes its settings and starts it, killed (SIGKILL) at one place after the other; then resumes.

A process of its own, because it forks. Its places are each write, sync and move as in `killed`, and each call to the
supervisor, before it is sent and after it was answered. Prints one JSON line for each death.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from xmlrpc.client import ServerProxy

import killed
from supervisor.xmlrpc import SupervisorTransport

from crashcart.actions import registry
from crashcart.actions.service.supervisor import Supervisor
from crashcart.config import SecretValues
from crashcart.drive.touching.world import World
from crashcart.model.plan import Plan, PlanStep, Undoing
from crashcart.model.spec import Risk
from crashcart.model.system import System, Target
from crashcart.model.touch import Touch
from crashcart.probes.place import LocalPlace
from crashcart.redact import Scrubber
from crashcart.remedy.machine import rebuild
from crashcart.remedy.written import thaw_event
from crashcart.storage.journal import read
from crashcart.testing_touch import FakeShop, plan, step

_PROGRAM = """\
import os, sys, time
from pathlib import Path
here = Path(sys.argv[1])
with (here / "starts").open("a") as starts:
    starts.write(f'{os.getpid()} {(here / "shop.env").read_text().splitlines()[1]}\\n')
time.sleep(600)
"""
_CONF = """\
[unix_http_server]
file = {socket}
[supervisord]
logfile = %(here)s/supervisord.log
pidfile = %(here)s/supervisord.pid
nodaemon = true
silent = true
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[program:api]
command = "{python}" "%(here)s/program.py" "%(here)s"
startsecs = 0
stopwaitsecs = 5
"""


def serving(verb: str) -> PlanStep:
    entry = step("LIMIT", "9")
    touch = Touch("service", verb, "api")
    risk, undoing = (Risk.RESTARTS, Undoing.LAST if verb == "restart" else Undoing.OWN)
    return replace(entry, step=replace(entry.step, touch=touch, risk=risk, undoing=undoing, deadline_s=20.0))


PLANS: dict[str, tuple[PlanStep, ...]] = {
    "stop-set-start": (serving("stop"), killed.touching("append", "LIST", "b"), serving("start")),
    "set-restart": (killed.touching("append", "LIST", "b"), serving("restart")),
    "worse-restart": (
        killed.touching("append", "LIST", "b"),
        killed.touching("set", "NAME", "broken"),
        serving("restart"),
    ),
}


class ServiceSite(killed.Site):
    """A site whose `api` runs under a supervisord of its own."""

    def world(self) -> World:
        target = Target(
            "api", "http", {"url": "http://127.0.0.1:1"}, env_file=str(self.settings), service="supervisor:api",
            touch={"supervisor": (str(self.folder / "supervisord.conf"),)},
        )  # fmt: skip
        system = System("shop", "test", {name: replace(target, name=name) for name in ("api", "db", "page")})
        hands = {
            kind: registry.load(kind, LocalPlace(), Scrubber(()), SecretValues({}), self.folder / "kept")
            for kind in ("config", "service")
        }
        shop = FakeShop()
        shop.status = lambda seen, target: 500 if "NAME=broken" in self.settings.read_text() else 200
        return replace(
            shop.world(), system_now=lambda: system, hand_of=lambda kind: hands[kind],
            keep=lambda run, seen: str(self.folder),
        )  # fmt: skip

    def plan(self, world: World) -> Plan:
        made = plan(*PLANS[self.name])
        return replace(made, steps=asyncio.run(killed._foreseen(world, made)), risk=Risk.RESTARTS)


@contextmanager
def supervised(folder: Path) -> Iterator[ServerProxy]:
    """Run supervisord in a folder, with `api` started once."""
    (folder / "program.py").write_text(_PROGRAM, encoding="utf-8")
    with tempfile.TemporaryDirectory(dir="/tmp") as short:  # a socket's path may have 107 bytes
        socket = Path(short) / "s"
        conf = folder / "supervisord.conf"
        conf.write_text(_CONF.format(socket=socket, python=sys.executable), encoding="utf-8")
        process = subprocess.Popen([sys.executable, "-m", "supervisor.supervisord", "-c", str(conf)], cwd=folder)
        try:
            with ServerProxy("http://localhost", transport=SupervisorTransport("", "", f"unix://{socket}")) as proxy:
                _await(lambda: len(_starts(folder)) == 1)
                yield proxy
        finally:
            process.terminate()
            process.wait(timeout=30)


def _await(claim: object, within_s: float = 20.0) -> None:
    assert callable(claim)
    ends_at = time.monotonic() + within_s
    while not claim():
        assert time.monotonic() < ends_at, "waited in vain"
        time.sleep(0.02)


def _starts(folder: Path) -> list[str]:
    path = folder / "starts"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def deadly(at: int) -> object:
    """Die at the place of that number: a write as in `killed`, or right before or after a call to the supervisor."""
    counted = killed.deadly(at)
    real = Supervisor._call

    async def called(self: Supervisor, method: str, *arguments: str | bool) -> object:
        if method in ("supervisor.startProcess", "supervisor.stopProcess"):
            os.fsync(_SINK)  # a place to die at: before it is sent
            answer = await real(self, method, *arguments)
            os.fsync(_SINK)  # and after it was answered
            return answer
        return await real(self, method, *arguments)

    Supervisor._call = called  # type: ignore[method-assign]
    return counted


_SINK = os.open(tempfile.mkstemp()[1], os.O_RDWR)


def death(folder: Path, name: str, at: int) -> Mapping[str, object]:
    """Run a plan, die at one place, go on, and tell what became of it. `at` -1 never dies and tells the number."""
    folder.mkdir(parents=True)
    (folder / "shop.env").write_text(killed.BEFORE, encoding="utf-8")
    site = ServiceSite(folder, name)

    def work() -> int:
        count = deadly(at)
        assert callable(count)
        killed.carry_out(site)
        return int(count())

    def again() -> int:
        killed.carry_out(site)
        return 0

    with supervised(folder) as proxy:
        said = killed.in_child(work)
        if at >= 0:
            killed.in_child(again)
        info = proxy.supervisor.getProcessInfo("api")
        assert isinstance(info, dict)
        if info["statename"] == "RUNNING":  # it is so before the program has written down its start
            _await(lambda: _starts(folder)[-1].startswith(f"{info['pid']} "))
    reading = read(site.journal)
    state = rebuild(thaw_event(record.event) for record in reading.records)
    return {
        "at": at, "count": said, "was_killed": said == -1, "end": state.end.value if state.end else "",
        "why": state.why, "state": info["statename"], "starts": [start.partition(" ")[2] for start in _starts(folder)], "problem": reading.problem,
        "settings": site.settings.read_text(encoding="utf-8"),
    }  # fmt: skip


def main(folder: Path, name: str, stride: int, first: int) -> None:
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    whole = death(folder / "whole", name, -1)
    print(json.dumps(whole), flush=True)
    assert isinstance(whole["count"], int)
    for at in range(first, whole["count"], stride):
        print(json.dumps(death(folder / f"{name}-{at}", name, at)), flush=True)
        shutil.rmtree(folder / f"{name}-{at}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
