"""Deadlines: a look that hangs is cut off, one that watches is given its time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from crashcart.app import SystemClock
from crashcart.drive.take import WorldTaker
from crashcart.model.observation import Look, Moment, Observation, Outcome, Seen, Unseen
from crashcart.model.system import System, Target
from crashcart.probes.registry import specs
from crashcart.probes.watch import Watching
from crashcart.testing import NOON

SYSTEM = System("shop", "test", {"api": Target("api", "http", {"url": "http://127.0.0.1:1"})})


@dataclass
class Answering:
    """A look that answers after a while."""

    after_s: float = 0.0

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        await asyncio.sleep(self.after_s)
        return Seen({"value": 1})


def taken(look: Look, *, deadline_s: float, budget_s: float, after_s: float = 0.0) -> Outcome:
    def looker_of(kind: str) -> Watching:
        return Watching(Answering(after_s), specs()[kind])

    arrived: list[Observation] = []
    taker = WorldTaker(SYSTEM, looker_of, SystemClock(), Moment(NOON), deadline_s=deadline_s, kinds=specs())
    asyncio.run(taker.take([look], within_s=budget_s, arrived=arrived.append))
    assert taker.broken == []
    (observation,) = arrived
    return observation.outcome


def metric(over_s: float | None) -> Look:
    return Look("metric", "api", args=(("metric", "x"),), over_s=over_s)


def test_a_look_that_watches_longer_than_the_deadline_is_not_cut_off() -> None:
    outcome = taken(metric(0.5), deadline_s=0.2, budget_s=60)

    assert isinstance(outcome, Seen)
    assert outcome.watched["value"][-1][0] == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("over_s", [None, 3600.0])
def test_a_look_that_hangs_is_cut_off(over_s: float | None) -> None:
    assert taken(metric(over_s), deadline_s=0.05, budget_s=60, after_s=30) == Unseen(
        "the look gave no answer within 0.05 s"
    )


def test_a_watch_that_does_not_fit_into_the_budget_is_not_begun() -> None:
    outcome = taken(metric(10), deadline_s=8, budget_s=5, after_s=30)

    assert isinstance(outcome, Unseen)
    assert outcome.reason.startswith("it watches for 10 s, and ")
    assert outcome.reason.endswith("s of the budget are left; try --budget")
