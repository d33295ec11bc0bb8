"""All places for jobs are taken by jobs that wait for a site which does not answer."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client, ports
from crashcart_lab.client import Act
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.waiting import until
from crashcart_lab.world import World

TRUTH = Truth("places-taken", "digest")
# Each of them waits some 20 s for a robots.txt, so this many keep a place for minutes.
JOBS_EACH = 12


@dataclass(frozen=True, slots=True)
class PlacesTaken(Fault):
    name: str = "places-taken"
    summary: str = "digest runs one or two jobs at a time, and those wait for a site that does not answer"
    client_sees: str = client.STILL_QUEUED
    truth: Truth = TRUTH
    tries: Act = client.scrape_unless_queued

    def draw(self, rng: random.Random) -> Drawn:
        return {"places": rng.choice([1, 2])}

    def break_(self, world: World, drawn: Drawn) -> None:
        places = int(drawn["places"])
        world.set_env({"CONCURRENT_JOBS": str(places)})
        world.restart_digest()
        [port] = ports.free(1)
        world.spawn("crashcart_lab.neighbours.mute", "--port", str(port))
        log = world.root / "mute.out"
        until(lambda: b"listening" in log.read_bytes(), timeout_s=10.0, what="the mute site", hint=f"read {log}")
        for _ in range(places * JOBS_EACH):
            client.submit(world.digest_url, f"http://{ports.HOST}:{port}/")

    def heal(self, world: World) -> None:
        # Without the site, the jobs that wait for it fail at once.
        world.end_helpers()
        world.set_env({})
        world.restart_digest()
