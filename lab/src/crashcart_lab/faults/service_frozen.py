"""The service's process is stopped by a signal: its port stays open, and nobody answers."""

from __future__ import annotations

import os
import random
import signal
from dataclasses import dataclass

from crashcart_lab.errors import LabError
from crashcart_lab.faults.base import Fault, Truth, submit_when_drawn
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("service-frozen", "digest")


@dataclass(frozen=True, slots=True)
class ServiceFrozen(Fault):
    name: str = "service-frozen"
    summary: str = "digest's process was stopped by SIGSTOP; its port is still open"
    client_sees: str = "the summariser does not answer"
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"during_a_job": rng.random() < 0.5}

    def break_(self, world: World, drawn: Drawn) -> None:
        submit_when_drawn(world, drawn)
        pid = world.pid_of("digest")
        if pid is None:
            raise LabError("digest does not run, so it cannot be frozen", hint="crashcart-lab status")
        os.kill(pid, signal.SIGSTOP)

    def heal(self, world: World) -> None:
        if (pid := world.pid_of("digest")) is not None:
            os.kill(pid, signal.SIGCONT)
        world.await_digest()
