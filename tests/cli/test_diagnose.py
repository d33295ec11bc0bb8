"""`crashcart`, `diagnose`, `why`, `replay` as a user runs them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Shop

BROKEN = ("ERROR order 17 failed", "ERROR warehouse said 403")


def test_a_healthy_system_is_called_healthy(shop: Shop) -> None:
    ran = shop.run()

    assert "Nothing wrong that I can see." in ran.out
    assert ran.code == 0


def test_the_true_cause_comes_first_with_its_sentence_place_and_next_command(shop: Shop) -> None:
    shop.log(*BROKEN)

    ran = shop.run()

    assert ran.code == 1
    assert "Broken: Orders fail (shop)" in ran.out
    assert "the warehouse refuses us (shop)" in ran.out
    assert "shop.md:19" in ran.out
    assert "ask the warehouse for a new pass" in ran.out
    assert ran.out.rstrip().splitlines()[-1] == "Next: crashcart why shop:shop.warehouse-refuses"
    assert len(ran.out.splitlines()) <= 20


def test_why_shows_the_numbers_and_the_record(shop: Shop) -> None:
    shop.log(*BROKEN)
    shop.run()

    ran = shop.run("why", "warehouse-refuses")

    assert "dB" in ran.out
    assert "p = " in ran.out
    assert "shop.log:3: " in ran.out


def test_why_not_another_cause_names_what_speaks_against_it(shop: Shop) -> None:
    shop.log(*BROKEN)
    shop.run()

    ran = shop.run("why", "warehouse-slow")

    assert 'log shop "warehouse timed out": unseen' in ran.out
    assert "ahead of it: the warehouse refuses us" in ran.out


def test_json_has_a_version_and_the_same_verdict(shop: Shop) -> None:
    shop.log(*BROKEN)

    ran = shop.run("diagnose", "--json")

    document = json.loads(ran.out)
    assert document["v"] == 1
    assert document["verdict"] == "decided"
    assert document["causes"][0]["cause"] == "shop:shop.warehouse-refuses"


def test_a_saved_case_replays_to_the_same_bytes_when_the_world_has_changed(shop: Shop) -> None:
    shop.log(*BROKEN)
    live = shop.run("diagnose", "orders fail", "--json", "--save", "case.json")
    (shop.folder / "shop.log").unlink()
    (shop.folder / "shop.md").write_text("gone", encoding="utf-8")

    again = shop.run("replay", "case.json", "--json")

    assert again.out == live.out


def test_leaving_the_cause_out_blames_nobody_else(shop: Shop) -> None:
    shop.log(*BROKEN)
    shop.run("case", "record", "-o", "case.json", "--truth", "warehouse-refuses")

    left = json.loads(shop.run("replay", "case.json", "--without", "warehouse-refuses", "--json").out)
    proved = shop.run("case", "prove", "case.json")

    assert left["verdict"] in ("none of the known", "undecided")
    assert max(cause["p"] for cause in left["causes"] if not cause["cause"].startswith("unknown")) <= 0.8
    assert proved.code == 0, proved.out


def test_a_false_complaint_about_a_healthy_system_names_nothing(shop: Shop) -> None:
    ran = shop.run("diagnose", "orders fail for everybody")

    assert "Nothing wrong that I can see." in ran.out
    assert ran.code == 0


def test_since_moves_the_window_of_the_logs(shop: Shop) -> None:
    shop.write(
        "shop.log", "2020-01-01T12:00:00Z ERROR order 17 failed\n2020-01-01T12:00:00Z ERROR warehouse said 403\n"
    )

    now = shop.run()
    then = shop.run("diagnose", "--since", "2020-01-01T12:05:00Z")

    assert "Nothing wrong" in now.out
    assert "the warehouse refuses us" in then.out


def test_a_captured_value_is_looked_up_in_its_turn(shop: Shop) -> None:
    guide = (shop.folder / "shop.md").read_text(encoding="utf-8")
    more = """
### Cause: a shelf is empty {#shelf-empty} (common)

**Evidence**
- always: an order names its shelf `log {self} "order <order> failed"`
- always: that very order met an empty shelf `log {self} "empty shelf for {order}"`

**Fix**
1. By hand: fill the shelf.
"""
    shop.write("shop.md", guide + more)
    shop.log("ERROR order 17 failed", "WARNING empty shelf for 17", "WARNING empty shelf for 99")

    ran = shop.run("diagnose", "--json", "--save", "case.json")

    document = json.loads(ran.out)
    assert document["causes"][0]["cause"].startswith("shop:shop.shelf-empty[")
    assert any('"empty shelf for 17"' in reason["fact"] for reason in document["causes"][0]["reasons"])
    assert shop.run("replay", "case.json", "--json").out == ran.out
