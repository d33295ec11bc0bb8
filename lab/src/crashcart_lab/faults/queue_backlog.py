"""More jobs come than the workers can do."""

from __future__ import annotations

import random
from dataclasses import dataclass

from redis import Redis

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.digest.jobs.celery_app import QUEUE
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.ports import HOST
from crashcart_lab.state import Drawn
from crashcart_lab.waiting import until
from crashcart_lab.world import World

TRUTH = Truth("queue-backlog", "worker")


@dataclass(frozen=True, slots=True)
class QueueBacklog(Fault):
    name: str = "queue-backlog"
    summary: str = "the worker does one job at a time, and users submit more than that"
    client_sees: str = client.STILL_QUEUED
    truth: Truth = TRUTH
    tries: Act = client.scrape_unless_queued
    needs_workers: bool = True

    def draw(self, rng: random.Random) -> Drawn:
        return {"waiting": rng.randint(300, 400), "every_s": round(rng.uniform(0.02, 0.04), 3)}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.set_worker_env({"CONCURRENT_JOBS": "1"})
        world.restart_worker()
        waiting, every_s = str(drawn["waiting"]), str(drawn["every_s"])
        urls = (world.digest_url, world.site_url)
        world.spawn("crashcart_lab.neighbours.stream", *urls, "--at-once", waiting, "--every-s", every_s)
        log = world.root / "stream.out"
        until(lambda: b"submitted" in log.read_bytes(), timeout_s=60.0, what="the backlog", hint=f"read {log}")

    def heal(self, world: World) -> None:
        world.end_helpers()
        (world.root / "stream.out").unlink(missing_ok=True)
        client.cancel_waiting(world.digest_url)
        # Each cancelled job leaves a message, and a worker takes some 20 ms to find that it has nothing to do: the
        # thousand of a minute would keep the first job afterwards waiting.
        with Redis(host=HOST, port=world.state.ports.redis, socket_timeout=5.0) as queue:
            queue.delete(QUEUE)
        world.set_worker_env({})
        world.restart_worker()
