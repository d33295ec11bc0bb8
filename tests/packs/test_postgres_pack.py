"""The pack `postgres`: every cause is brought about from outside, and found from outside."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from postgres_faults import FAULTS, Shop, broken, fill, shop, users
from postgres_server import Server, until

from crashcart import app, config
from crashcart.diagnosis import Brief
from crashcart.drive.diagnose import Limits, Result, diagnose
from crashcart.model.diagnosis import Verdict
from crashcart.model.observation import Moment


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Yield a shop on a server of its own, for all tests here: starting both takes seconds."""
    server = Server()
    try:
        server.start()
        fill(server)
        with shop(server, tmp_path_factory.mktemp("shop")) as found:
            yield found
    finally:
        server.drop()


@pytest.fixture
def ours(opened: Shop) -> Shop:
    """Return the shop as it is when all is well, with nothing of earlier troubles in its log."""
    until(lambda: opened.orders() == 200, "orders of the healthy shop")
    opened.forget()
    return opened


def diagnosed(ours: Shop) -> Result:
    """Diagnose as the command does, with nothing told."""
    ready = app.bench_of_world(config.load(ours.system_file, app.catalogue(), ours.environ))
    assert not ready.guide_errors
    moment = Moment(datetime.now(UTC))
    taker = app.world_taker(ready, moment)
    looking = diagnose(
        Brief(net=ready.net, now=moment.now),
        taker,
        app.catalogue(),
        app.SystemClock(),
        Limits(60.0),
        rebind=ready.rebind,
    )
    result = asyncio.run(looking)
    assert not taker.broken
    return result


def causes() -> list[str]:
    text = next(one for one in app.shipped_texts() if one.path == "packs/postgres/guide.md")
    return [cause.id for problem in app.compile_text(text).problems for cause in problem.causes]


def test_every_cause_of_the_pack_is_brought_about():
    """A cause that nobody has ever caused is a guess."""
    assert sorted(causes()) == sorted(FAULTS)


@pytest.mark.parametrize("cause", FAULTS)
def test_a_cause_is_found_from_outside(ours: Shop, cause: str):
    with broken(ours, cause):
        diagnosis = diagnosed(ours).diagnosis

    told = [(one.cause, round(one.p, 3)) for one in diagnosis.ranked[:4]]
    assert told[0][0] == f"db:postgres.{cause}", told
    assert diagnosis.verdict is Verdict.DECIDED, told


def test_nothing_is_found_where_nothing_is_wrong(ours: Shop):
    with users(ours):
        diagnosis = diagnosed(ours).diagnosis

    assert diagnosis.verdict is Verdict.NOTHING_WRONG, [(one.cause, round(one.p, 3)) for one in diagnosis.ranked[:4]]


def test_what_is_healthy_passes_every_check(ours: Shop):
    environ = {"PATH": os.environ["PATH"], "HOME": str(ours.folder), **ours.environ}
    argv = [sys.executable, "-m", "crashcart", "check", "--json", "--system", str(ours.system_file)]
    with users(ours):
        done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False, cwd=ours.folder)

    assert done.returncode == 0, done.stdout + done.stderr
    marks = [item["mark"] for item in json.loads(done.stdout)["items"] if item["source"]["guide"] == "postgres"]
    assert marks == ["pass"] * 6, done.stdout
