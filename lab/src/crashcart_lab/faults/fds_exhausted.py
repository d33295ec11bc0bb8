"""The service's process may not open another file or connection."""

from __future__ import annotations

import random
import resource
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.errors import LabError
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.waiting import until
from crashcart_lab.world import World

TRUTH = Truth("fds-exhausted", "digest")
# What an ordinary Linux grants.
ORDINARY = 1024
FULL_TIMEOUT_S = 20.0
# While connections to others, idle since the last job, time out, a place comes free now and then.
IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class FdsExhausted(Fault):
    name: str = "fds-exhausted"
    summary: str = "digest's limit of open files is low, and idle connections use them up"
    client_sees: str = client.UNREACHABLE
    truth: Truth = TRUTH
    tries: Act = client.read_newest

    def draw(self, rng: random.Random) -> Drawn:
        return {"limit": rng.randrange(64, 128, 8), "more": rng.randint(20, 60)}

    def break_(self, world: World, drawn: Drawn) -> None:
        pid = _pid(world)
        _limit(pid, int(drawn["limit"]))
        count = str(int(drawn["limit"]) + int(drawn["more"]))
        port = str(world.state.ports.digest)
        world.spawn("crashcart_lab.neighbours.idlers", "--port", port, "--connections", count)
        until(
            lambda: _is_refused(world),
            timeout_s=FULL_TIMEOUT_S,
            what=f"process {pid} to use up its open files",
            hint=f"look at /proc/{pid}/fd",
        )

    def heal(self, world: World) -> None:
        world.end_helpers()
        if (pid := world.pid_of("digest")) is not None:
            _limit(pid, ORDINARY)
        world.await_digest()


def _pid(world: World) -> int:
    pid = world.pid_of("digest")
    if pid is None:
        raise LabError("digest does not run, so it has no limits", hint="crashcart-lab status")
    return pid


def _limit(pid: int, soft: int) -> None:
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (min(soft, hard), hard))


def _is_refused(world: World) -> bool:
    """Whether readers are turned away: a count of descriptors near the limit still leaves room for one."""
    return all(client.read_newest(world.doors, 1).words == client.UNREACHABLE for _ in range(IN_A_ROW))
