"""What digest promises about jobs: none is lost, none is done twice, however its process ends."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from crashcart_lab import lifecycle, processes
from crashcart_lab.waiting import until
from crashcart_lab.world import World

JOBS = 6


@pytest.fixture
def world_with_workers(tmp_path: Path) -> Iterator[World]:
    fresh = World(tmp_path.resolve() / "world")
    with fresh.alone():
        lifecycle.up(fresh, seed=4, has_workers=True)
    yield fresh
    lifecycle.down(fresh)


def submit(world: World, count: int) -> list[str]:
    with httpx.Client(base_url=world.digest_url, trust_env=False) as http:
        orders = [{"url": world.site_url, "max_pages": 3, "tags": [f"n{number}"]} for number in range(count)]
        return [http.post("/scrape", json=order).raise_for_status().json()["job_id"] for order in orders]


def await_status(world: World, ids: list[str], *wanted: str) -> None:
    with httpx.Client(base_url=world.digest_url, trust_env=False) as http:
        until(
            lambda: all(http.get(f"/jobs/{one}").json()["status"] in wanted for one in ids),
            timeout_s=60.0,
            what=f"the jobs to be {' or '.join(wanted)}",
            hint=f"read {world.log}",
        )


def kill(world: World, program: str) -> None:
    """End a program as the kernel does when memory runs out."""
    pid = world.pid_of(program)
    assert pid
    process = processes.find(pid)
    assert process
    os.kill(pid, signal.SIGKILL)
    processes.await_end(process, timeout_s=5.0)


def summaries_by_job(world: World) -> dict[str, int]:
    with closing(sqlite3.connect(world.database)) as db:
        return dict(db.execute("SELECT job_id, count(*) FROM summaries GROUP BY job_id"))


def test_jobs_cut_off_by_a_kill_are_done_once_by_the_next_process(world: World):
    world.set_rules([{"kind": "hang"}])
    ids = submit(world, JOBS)
    await_status(world, ids[:4], "running")  # the other two wait for a place

    kill(world, "digest")  # its supervisor starts it again
    world.set_rules([])
    world.await_digest()
    await_status(world, ids, "completed")

    assert summaries_by_job(world) == dict.fromkeys(ids, 1)
    assert "unfinished jobs taken up again" in world.log.read_text()


def test_an_orderly_stop_leaves_unfinished_jobs_to_the_next_process(world: World):
    world.set_rules([{"kind": "hang"}])
    ids = submit(world, 2)
    await_status(world, ids, "running")

    world.supervisor.stop("digest")
    world.set_rules([])
    world.start("digest")
    world.await_digest()
    await_status(world, ids, "completed")

    assert summaries_by_job(world) == dict.fromkeys(ids, 1)
    with httpx.Client(base_url=world.digest_url, trust_env=False) as http:
        assert http.get("/jobs", params={"limit": 1}).json()[0]["error"] is None


def test_a_job_that_kills_its_process_every_time_is_given_up(world: World):
    """Otherwise one bad site keeps the service down for ever."""
    world.set_env({"JOB_ATTEMPTS": "2"})
    world.restart_digest()
    world.set_rules([{"kind": "hang"}])
    ids = submit(world, 1)

    for _ in range(2):
        await_status(world, ids, "running")
        kill(world, "digest")
        world.await_digest()

    await_status(world, ids, "failed")
    assert summaries_by_job(world) == {}


def test_a_cancelled_job_leaves_no_summary(world: World):
    world.set_rules([{"kind": "hang"}])
    ids = submit(world, 2)
    await_status(world, ids, "running")

    with httpx.Client(base_url=world.digest_url, trust_env=False) as http:
        cancelled = http.post(f"/jobs/{ids[0]}/cancel")
        again = http.post(f"/jobs/{ids[0]}/cancel")
        unknown = http.post("/jobs/none/cancel")
    world.set_rules([])
    await_status(world, ids[1:], "completed")
    with httpx.Client(base_url=world.digest_url, trust_env=False) as http:
        too_late = http.post(f"/jobs/{ids[1]}/cancel")

    assert cancelled.json()["status"] == again.json()["status"] == "cancelled"
    assert (unknown.status_code, too_late.status_code) == (404, 409)
    assert summaries_by_job(world) == {ids[1]: 1}


def test_workers_do_the_jobs_and_a_killed_worker_loses_none(world_with_workers: World):
    world = world_with_workers
    world.set_rules([{"kind": "hang"}])
    ids = submit(world, 3)
    await_status(world, ids, "running")

    kill(world, "worker")
    world.set_rules([])
    await_status(world, ids, "completed")

    assert summaries_by_job(world) == dict.fromkeys(ids, 1)


def test_jobs_submitted_while_the_queue_is_down_are_done_when_it_is_back(world_with_workers: World):
    world = world_with_workers
    world.supervisor.stop("redis")
    ids = submit(world, 2)
    with httpx.Client(base_url=world.digest_url, trust_env=False, timeout=10.0) as http:
        health = http.get("/health/detailed").json()

    world.start("redis")
    await_status(world, ids, "completed")

    assert health["checks"]["jobs"]["healthy"] is False
    assert summaries_by_job(world) == dict.fromkeys(ids, 1)
