"""What is looked at after a touch: of the logs, only what came after it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crashcart.drive import fix
from crashcart.drive.take import Arrived
from crashcart.drive.touching.looking import LEAST_S, logged_since
from crashcart.drive.touching.world import World
from crashcart.model.guide import FieldClaim, FieldOf, Rel, StateClaim
from crashcart.model.net import BoundCheck
from crashcart.model.observation import Look, Moment, Observation, Seen
from crashcart.model.plan import Approval, End, Plan, PlanCheck
from crashcart.model.run import Planned
from crashcart.model.system import Target
from crashcart.model.touch import Touch, Touched
from crashcart.model.truth import Quant
from crashcart.remedy.machine import hash_of
from crashcart.remedy.state import State
from crashcart.storage.journal import Journal
from crashcart.testing import NOON
from crashcart.testing_touch import LIMITS, SOURCE, FakeHand, FakeShop, plan, step

WHOLE_S = 900.0  # how far a look into a log goes back when nothing is said


def logs(*looks: Look, others: tuple[Look, ...] = ()) -> BoundCheck:
    claim = FieldClaim("count", Rel.GT, FieldOf("count")) if others else StateClaim("unseen")
    key = f"{looks[0].id} => claimed"
    return BoundCheck(key, looks[0].id, Quant.EACH, looks, (claim,), "claimed", 0.01, 0.1, others=others)


def log(target: str = "page", *, over_s: float | None = None, since_onset_s: float | None = None) -> Look:
    return Look("log", target, args=(("text", "boom"),), over_s=over_s, since_onset_s=since_onset_s)


@pytest.mark.parametrize(
    ("one", "since_s", "over_s"),
    [
        (log(), 7.0, 7.0),  # 15 min unless said: cut to what came after
        (log(over_s=60.0), 7.0, 7.0),
        (log(over_s=5.0), 7.0, 5.0),  # the guide wants less than there is
        (log(since_onset_s=3600.0), 7.0, 7.0),  # the onset was before the touch, always
        (log(), 0.0, LEAST_S),  # a window of nothing sees nothing, and would call everything healthy
        (log(over_s=0.2), 0.0, 0.2),
    ],
)
def test_a_look_into_a_log_goes_back_to_the_touch_and_no_further(one: Look, since_s: float, over_s: float) -> None:
    (cut,) = logged_since(logs(one), since_s).looks

    assert (cut.over_s, cut.since_onset_s) == (over_s, None)
    assert (cut.args, cut.target) == (one.args, one.target)


def test_other_looks_are_left_as_they_are() -> None:
    """A number over five minutes is what the guide says, before and after."""
    one = Look("http", "api", "", (("method", "GET"),), over_s=300.0)

    assert logged_since(logs(one), 1.0).looks == (one,)


def test_the_check_stays_the_one_whose_health_was_seen_before() -> None:
    """Before and after are compared by the key; another key would never be worse."""
    check = logs(log(), log("api"))

    cut = logged_since(check, 3.0)

    assert (cut.key, cut.claims, len(cut.looks)) == (check.key, check.claims, 2)
    assert len({one.id for one in cut.looks}) == 2


def test_what_a_claim_compares_with_is_cut_alike() -> None:
    """A second of one log beside an hour of another tells nothing."""
    cut = logged_since(logs(log("api"), others=(log("db", over_s=3600.0),)), 4.0)

    assert [one.over_s for one in (*cut.looks, *cut.others)] == [4.0, 4.0]


# -- in a run


@dataclass(slots=True)
class Logging(FakeShop):
    """A shop whose page writes a log: a look sees what was logged in its window."""

    logged: list[datetime] = field(default_factory=list)
    windows: list[float] = field(default_factory=list)

    def now_world(self) -> World:
        return replace(self.world(), taker=lambda moment: _LogTaker(self, moment))


@dataclass(slots=True)
class _LogTaker:
    shop: Logging
    moment: Moment

    async def take(self, looks: Sequence[Look], *, within_s: float, arrived: Arrived) -> None:
        for one in looks:
            over_s = one.over_s if one.over_s is not None else WHOLE_S
            if one.kind == "log":
                self.shop.windows.append(over_s)
            count = sum(at >= self.moment.now - timedelta(seconds=over_s) for at in self.shop.logged)
            fields: dict[str, str | int | float | bool] = {"status": 200}
            if one.kind == "log":
                fields = {"is_seen": bool(count), "count": count}
            arrived(Observation(one.id, Seen(fields), self.moment.now, 0.01))


class SlowHand(FakeHand):
    """A touch that takes five seconds, in which everybody who needs the target complains."""

    shop: Logging

    async def touch(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, secret: str | None, timeout_s: float
    ) -> Touched:
        self.shop.clock.jump(5.0)
        self.shop.logged.append(self.shop.clock.now())
        return await FakeHand.touch(self, touch, target, kept, secret=secret, timeout_s=timeout_s)


def carried_out(shop: Logging, path: Path) -> State:
    hand = SlowHand()
    hand.shop = shop
    shop.hand = hand
    made: Plan = plan(step("limit", "9"), verify=(), healthy=(PlanCheck(logs(log()), SOURCE),))
    journal = Journal.create(path / "journal.jsonl")
    planned = Planned("r1", made, hash_of(made), LIMITS, NOON)
    going = fix.start("r1", shop.now_world(), journal, planned, Approval(hash_of(made), "ann", NOON))
    try:
        return asyncio.run(fix.go(going))
    finally:
        journal.close(is_over=True)


def test_what_was_logged_while_it_was_touched_is_not_called_worse(tmp_path: Path) -> None:
    """Whoever needs a service complains while it restarts; undoing for that would restart it again."""
    shop = Logging()

    state = carried_out(shop, tmp_path)

    assert state.end is End.NOT_BETTER  # nothing verifies this plan, and nothing got worse
    assert not shop.hand.undos
    assert shop.windows[:2] == [WHOLE_S, WHOLE_S]  # the evidence, and the health before: as the guide says
    assert max(shop.windows[2:]) < 5.0


def test_what_goes_on_being_logged_after_it_is_worse(tmp_path: Path) -> None:
    """The cut must not make us blind to what the touch has broken."""
    shop = Logging()
    sleeping = shop.clock.jump

    def complaining(seconds: float) -> None:
        sleeping(seconds)
        if shop.hand.touches and not shop.hand.undos:
            shop.logged.append(shop.clock.now())

    shop.clock.jump = complaining  # type: ignore[method-assign]

    state = carried_out(shop, tmp_path)

    assert state.end is End.UNDONE
    assert shop.hand.undos == {"r1.1": 1}
