"""Plans run against a shop in memory, with a real journal: what is touched, verified, undone and written down."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from crashcart.drive import fix
from crashcart.model.plan import Approval, End, Plan, TouchLimits, Undoing
from crashcart.model.run import Planned
from crashcart.model.spec import Risk
from crashcart.remedy.machine import hash_of
from crashcart.remedy.state import State
from crashcart.storage.journal import Journal
from crashcart.testing import NOON
from crashcart.testing_touch import LIMITS, FakeShop, by_hand, check, plan, step


def carried_out(
    shop: FakeShop, path: Path, made: Plan, *, limits: TouchLimits = LIMITS, typed: str = "", by: str = "ann"
) -> State:
    """Run a plan to its end with a yes to exactly it."""
    journal = Journal.create(path / "journal.jsonl")
    planned = Planned("r1", made, hash_of(made), limits, NOON)
    approval = Approval(hash_of(made), by, NOON, typed)
    going = fix.start("r1", shop.world(), journal, planned, approval)
    try:
        return asyncio.run(fix.go(going))
    finally:
        journal.close(is_over=True)


def works_with(**wanted: str) -> FakeShop:
    """A shop whose api answers once these settings of it are as they should be."""
    shop = FakeShop()

    def status(settings: object, target: str) -> int:
        is_well = all(shop.hand.settings.get(("api", name)) == value for name, value in wanted.items())
        return 200 if target != "api" or is_well else 500

    shop.status = status
    return shop


def test_a_plan_of_one_step_is_touched_verified_and_written_down(tmp_path: Path) -> None:
    shop = works_with(limit="9")

    state = carried_out(shop, tmp_path, plan(step("limit", "9")))

    assert (state.end, state.why) == (End.FIXED, "")
    assert shop.hand.touches == {"r1.1": 1}
    assert shop.kept == ["r1"]


def test_what_got_worse_is_undone_in_reverse_order(tmp_path: Path) -> None:
    shop = FakeShop()
    order: list[str] = []

    def status(settings: object, target: str) -> int:
        return 500 if ("api", "b") in shop.hand.settings and shop.hand.settings["api", "b"] == "2" else 200

    shop.status = status
    undo = shop.hand.undo

    async def undoing(touch, *args, **more):  # type: ignore[no-untyped-def]
        order.append(touch.key)
        return await undo(touch, *args, **more)

    shop.hand = _Watched(shop.hand, undoing)  # type: ignore[assignment]

    state = carried_out(shop, tmp_path, plan(step("a", "1"), step("b", "2")))

    assert state.end is End.UNDONE
    assert order == ["r1.2", "r1.1"]


class _Watched:
    def __init__(self, hand: object, undo: object) -> None:
        self._hand = hand
        self.undo = undo

    def __getattr__(self, name: str) -> object:
        return getattr(self._hand, name)


def test_not_better_is_left_to_a_person_and_not_undone(tmp_path: Path) -> None:
    shop = works_with(limit="other")

    state = carried_out(shop, tmp_path, plan(step("limit", "9")))

    assert state.end is End.NOT_BETTER
    assert shop.hand.settings["api", "limit"] == "9"
    assert not shop.hand.undos


def test_a_relief_is_called_a_relief(tmp_path: Path) -> None:
    shop = works_with(limit="9")

    assert carried_out(shop, tmp_path, plan(step("limit", "9"), is_relief=True)).end is End.RELIEVED


def test_an_irreversible_step_is_named_when_it_cannot_be_taken_back(tmp_path: Path) -> None:
    shop = FakeShop()
    shop.status = lambda settings, target: 500 if shop.hand.touches else 200

    state = carried_out(shop, tmp_path, plan(step("a", "1"), step("b", "2", undoing=Undoing.NONE)))

    assert state.end is End.NOT_UNDONE
    assert "step 2 could not be taken back" in state.why
    assert shop.hand.settings == {("api", "a"): "", ("api", "b"): "2"}


def test_a_failed_touch_that_did_happen_counts_as_done(tmp_path: Path) -> None:
    shop = works_with(limit="9")
    shop.hand.fates = {"1": ["half"]}

    assert carried_out(shop, tmp_path, plan(step("limit", "9"))).end is End.FIXED


@pytest.mark.parametrize("fate", ["fail", "refuse", "break"])
def test_a_step_that_fails_stops_the_run_and_the_next_is_not_begun(tmp_path: Path, fate: str) -> None:
    shop = works_with(limit="9")
    shop.hand.fates = {"1": [fate]}

    state = carried_out(shop, tmp_path, plan(step("limit", "9"), step("b", "2")))

    assert state.end is End.STOPPED
    assert not shop.hand.touches


def test_nobody_can_tell_stops_and_asks_a_person(tmp_path: Path) -> None:
    shop = works_with(limit="9")
    shop.hand.fates, shop.hand.knows = {"1": ["fail"]}, False

    state = carried_out(shop, tmp_path, plan(step("limit", "9"), step("b", "2")))

    assert state.end is End.PERSON
    assert "step 1" in state.why


def test_a_step_by_hand_waits_for_the_person(tmp_path: Path) -> None:
    shop = works_with(limit="9")

    state = carried_out(shop, tmp_path, plan(by_hand("turn the key"), step("limit", "9")))

    assert state.end is End.FIXED
    assert "turn the key" in shop.person.told


def test_a_step_by_hand_that_nobody_does_stops_the_run(tmp_path: Path) -> None:
    shop = works_with(limit="9")
    shop.person.does = False

    state = carried_out(shop, tmp_path, plan(by_hand("turn the key"), step("limit", "9")))

    assert (state.end, dict(shop.hand.touches)) == (End.VOID, {})


def test_a_service_that_needs_a_moment_is_waited_for(tmp_path: Path) -> None:
    shop = FakeShop()
    shop.status = lambda settings, target: 200 if shop.clock.monotonic() >= 8 or target != "api" else 500

    state = carried_out(shop, tmp_path, plan(step("limit", "9"), verify=(check("api", within_s=10),)))

    assert state.end is End.FIXED
    assert shop.clock.monotonic() == pytest.approx(8, abs=1)


def test_what_must_hold_for_a_minute_is_watched_for_a_minute(tmp_path: Path) -> None:
    shop = works_with(limit="9")

    state = carried_out(shop, tmp_path, plan(step("limit", "9"), verify=(check("api", hold_s=60),)))

    assert state.end is End.FIXED
    assert shop.clock.monotonic() == pytest.approx(60, abs=2)


def test_what_holds_for_half_a_minute_only_is_not_verified(tmp_path: Path) -> None:
    shop = FakeShop()
    shop.status = lambda settings, target: 500 if target == "api" and shop.clock.monotonic() > 30 else 200

    state = carried_out(shop, tmp_path, plan(step("limit", "9"), verify=(check("api", hold_s=60),)))

    assert state.end is End.NOT_BETTER


def test_a_restart_that_takes_health_down_for_a_moment_is_not_worse(tmp_path: Path) -> None:
    shop = FakeShop()
    shop.status = lambda settings, target: 500 if shop.hand.touches and shop.clock.monotonic() < 12 else 200

    state = carried_out(shop, tmp_path, plan(step("limit", "9"), verify=(check("api", within_s=15),)))

    assert state.end is End.FIXED


def test_risky_plans_want_more_belief(tmp_path: Path) -> None:
    shop = works_with(limit="9")
    shop.p = 0.7

    state = carried_out(shop, tmp_path, plan(step("limit", "9", risk=Risk.DESTRUCTIVE), p=0.7), typed="api")

    assert (state.end, dict(shop.hand.touches)) == (End.VOID, {})
