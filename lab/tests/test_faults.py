"""Every fault breaks what a client sees, and nothing but the fault does."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import httpx
import pytest

from crashcart_lab import drill, lifecycle, processes, truths
from crashcart_lab.errors import LabError
from crashcart_lab.faults import ALIKE, FAULTS, Fault, by_name
from crashcart_lab.lifecycle import GUIDES
from crashcart_lab.world import World

if TYPE_CHECKING:
    from conftest import Lasting


def break_and_heal(world: World, fault: Fault) -> None:
    """Arrange, act and assert what holds for all faults."""
    done = drill.break_(world, fault, seed=2)

    assert done.before.succeeded
    assert done.after.words == fault.client_sees
    with pytest.raises(LabError, match="broken already"):
        drill.break_(world, fault, seed=2)
    if fault in ALIKE:
        see_a_failed_job_and_nothing_else(world, done.after.job_id)

    healed = drill.heal(world)

    assert healed is not None
    assert healed.succeeded, healed.words
    assert drill.heal(world) is None


def see_a_failed_job_and_nothing_else(world: World, job_id: str | None) -> None:
    with httpx.Client(base_url=world.digest_url, trust_env=False) as http:
        assert http.get("/health").status_code == 200
        # The client is told nothing about the cause.
        job = http.get(f"/jobs/{job_id}").json()
    told = {name: job[name] for name in ("status", "error", "summary_id")}
    assert told == {"status": "failed", "error": "the job failed, see the log", "summary_id": None}
    assert f"job {job_id} failed" in world.log.read_text()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_client_works_then_fails_then_works_again(lasting: Lasting, fault: Fault):
    if fault.needs_root and os.geteuid() != 0:
        pytest.skip(f"{fault.name} can only be caused by root")

    break_and_heal(lasting.having(workers=fault.needs_workers, front=fault.needs_front), fault)


@pytest.mark.parametrize("name", ["upstream-port-wrong", "worker-key-missing"])
def test_a_fault_is_refused_where_the_world_lacks_its_part(mended_world: World, name: str):
    with pytest.raises(LabError, match=f"{name} needs"):
        drill.break_(mended_world, by_name(name), seed=2)

    assert mended_world.state.broken is None


def test_a_world_with_a_frozen_service_comes_down(world: World):
    """A stopped process ignores every signal but one; the end of a score must not hang on it."""
    by_name("service-frozen").break_(world, {"during_a_job": True})

    assert lifecycle.down(world)
    assert processes.leftovers(world.root) == []


def test_every_fault_has_a_truth_of_its_own():
    truths_of_faults = [str(fault.truth) for fault in FAULTS]

    assert len(set(truths_of_faults)) == len(FAULTS)


def test_those_that_look_alike_all_show_the_client_the_same():
    assert {fault.client_sees for fault in ALIKE} == {"my scrape job ended as failed"}


def test_the_key_to_the_exam_names_truths_of_faults_alone():
    known = truths.load()

    assert set(known) <= {str(fault.truth) for fault in FAULTS}
    assert len(set(known.values())) == len(known)
    assert (GUIDES / "truths.toml").is_file()


def test_every_fault_is_covered_by_a_guide():
    """Guides come after faults: what is not covered yet is told, and is no failure."""
    uncovered = [fault.name for fault in FAULTS if str(fault.truth) not in truths.load()]

    if uncovered:
        pytest.skip(f"no guide covers {', '.join(uncovered)}")


def test_each_cause_is_on_the_target_of_its_truth():
    for truth, cause in truths.load().items():
        assert cause.split(":")[0] == truth.rpartition("@")[2]
