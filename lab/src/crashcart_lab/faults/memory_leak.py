"""The service keeps more and more in memory, until the machine's guard kills it; and again after each restart."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.waiting import until
from crashcart_lab.world import World

TRUTH = Truth("memory-leak", "digest")


@dataclass(frozen=True, slots=True)
class MemoryLeak(Fault):
    name: str = "memory-leak"
    summary: str = "digest's .env has it keep every request; it grows until it is killed, again and again"
    client_sees: str = client.UNREACHABLE
    truth: Truth = TRUTH
    tries: Act = client.read_for_a_while

    def draw(self, rng: random.Random) -> Drawn:
        return {"room_mb": rng.randint(30, 50), "readers": rng.randint(3, 5)}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_env({"RECENT_REQUESTS": "0"})
        world.restart_digest()
        # What it needs to work is loaded now, and not taken for growth.
        client.scrape(world.digest_url, world.site_url)
        pid = world.pid_of("digest")
        limit = str(_used_mb(pid) + int(drawn["room_mb"]))
        watched = ("--folder", str(world.digest_folder), "--command", f"--folder {world.digest_folder} serve")
        world.spawn("crashcart_lab.neighbours.memwatch", *watched, "--limit-mb", limit)
        port, readers = str(world.state.ports.digest), str(drawn["readers"])
        world.spawn("crashcart_lab.neighbours.searcher", "--port", port, "--readers", readers)
        until(
            lambda: world.pid_of("digest") != pid,
            timeout_s=40.0,
            what="digest to be killed",
            hint=f"read {world.root / 'memwatch.out'}",
        )

    def heal(self, world: World) -> None:
        world.end_helpers()
        world.set_env({})
        world.restart_digest()


def _used_mb(pid: int | None) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+)", status)
    assert found is not None  # every process that is no zombie has it
    return int(found[1]) // 1024
