"""The worker's processes are there and do nothing."""

from __future__ import annotations

import os
import random
import signal
from dataclasses import dataclass

from crashcart_lab import client, processes
from crashcart_lab.client import Act
from crashcart_lab.errors import LabError
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("worker-frozen", "worker")


@dataclass(frozen=True, slots=True)
class WorkerFrozen(Fault):
    name: str = "worker-frozen"
    summary: str = "the worker's processes were stopped by SIGSTOP; the supervisor says that they run"
    client_sees: str = client.STILL_QUEUED
    truth: Truth = TRUTH
    tries: Act = client.scrape_unless_queued
    needs_workers: bool = True

    def draw(self, rng: random.Random) -> Drawn:
        # Not in the middle of a job: a process that is stopped while it writes holds the database's lock as well.
        return {"with_children": rng.random() < 0.5}

    def break_(self, world: World, drawn: Drawn) -> None:
        pid = world.pid_of("worker")
        if pid is None:
            raise LabError("the worker does not run, so it cannot be frozen", hint="crashcart-lab status")
        for one in (pid, *(processes.children(pid) if drawn["with_children"] else ())):
            os.kill(one, signal.SIGSTOP)

    def heal(self, world: World) -> None:
        if (pid := world.pid_of("worker")) is not None:
            for one in (*processes.children(pid), pid):
                os.kill(one, signal.SIGCONT)
        world.restart_worker()
