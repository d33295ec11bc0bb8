"""The client of the system file: it acts as a user, after the yes alone, and decides whether a fix held."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from crashcart.drive import fix
from crashcart.model.plan import Approval, End, Plan
from crashcart.model.run import Planned
from crashcart.remedy.choose import client
from crashcart.remedy.machine import hash_of
from crashcart.remedy.state import State
from crashcart.storage.journal import Journal
from crashcart.testing import NOON
from crashcart.testing_touch import LIMITS, FakeShop, check, plan, step

ARGV = ("/shop/buy", "--as", "test")


def carried_out(shop: FakeShop, path: Path, made: Plan) -> State:
    journal = Journal.create(path / "journal.jsonl")
    planned = Planned("r1", made, hash_of(made), LIMITS, NOON)
    going = fix.start("r1", shop.world(), journal, planned, Approval(hash_of(made), "ann", NOON))
    try:
        return asyncio.run(fix.go(going))
    finally:
        journal.close(is_over=True)


def with_client(made: Plan) -> Plan:
    outside = client(ARGV, 5.0, "shop")
    assert outside is not None
    return replace(made, verify=(*made.verify, outside), healthy=(*made.healthy, outside))


def test_a_fix_after_which_nobody_is_served_has_not_held(tmp_path: Path) -> None:
    """Every look may be green while users get nothing."""
    shop = FakeShop(served=lambda settings: False)

    state = carried_out(shop, tmp_path, with_client(plan(step("limit", "9"))))

    assert state.end is End.NOT_BETTER
    assert "nobody was served" in state.why


def test_a_fix_after_which_users_are_served_no_longer_is_undone(tmp_path: Path) -> None:
    shop = FakeShop(served=lambda settings: ("api", "limit") not in settings or not settings["api", "limit"])

    state = carried_out(shop, tmp_path, with_client(plan(step("limit", "9"))))

    assert state.end is End.UNDONE
    assert shop.hand.undos == {"r1.1": 1}


def test_users_that_are_served_make_the_fix_good_and_the_command_is_the_one_of_the_plan(tmp_path: Path) -> None:
    shop = FakeShop()

    state = carried_out(shop, tmp_path, with_client(plan(step("limit", "9"))))

    assert state.end is End.FIXED
    assert set(shop.acted) == {ARGV}


def test_nobody_acts_when_the_plan_is_void(tmp_path: Path) -> None:
    """Acting needs a yes that still holds, as touching does."""
    shop = FakeShop(p=0.01)

    state = carried_out(shop, tmp_path, with_client(plan(step("limit", "9"))))

    assert state.end is End.VOID
    assert shop.acted == []


def test_the_client_is_not_asked_while_looks_say_no(tmp_path: Path) -> None:
    """It acts, so it comes last; one try before and one after are all that this run needs."""
    shop = FakeShop()

    carried_out(shop, tmp_path, with_client(plan(step("limit", "9"), verify=(check("api"),))))

    assert len(shop.acted) == 3  # before, as part of what verifies, and of the health afterwards
