"""Merging: which shapes are one statement."""

from __future__ import annotations

from collections import Counter

import pytest

from crashcart.logs.mining import Miner

PEOPLE = ["ann", "bob", "eve", "carla", "dmitri", "elena", "farid", "gita"]


def _mined(*lines: str) -> list[str]:
    miner = Miner()
    miner.feed("\n".join(lines).encode())
    return sorted(template.text for template in miner.result())


def test_many_words_in_one_place_are_a_value() -> None:
    assert _mined(*(f"session of {p} was closed" for p in PEOPLE)) == ["session of <*> was closed"]


def test_two_words_in_one_place_are_two_statements() -> None:
    assert len(_mined("the icon is now active", "the icon is now hidden")) == 2


def test_keywords_tell_statements_apart_where_values_vary_beside_them() -> None:
    lines = [f"session of {p} was {what}" for p in PEOPLE for what in ("opened", "closed")]

    assert _mined(*lines) == ["session of <*> was closed", "session of <*> was opened"]


def test_values_that_vary_together_are_found_though_each_is_seen_once() -> None:
    hosts = ["till", "depot", "mailer", "printer", "gateway", "stock", "backup", "front"]

    assert _mined(*(f"lock of {p} released by {h} today" for p, h in zip(PEOPLE, hosts, strict=True))) == [
        "lock of <*> released by <*> today"
    ]


def test_few_words_are_a_value_only_while_new_ones_still_come() -> None:
    open_place = [f"the shop of {p} is empty" for p in ("ann", "bob", "eve")]
    closed_place = [f"the shop door is {s}" for s in ("open", "shut", "locked") for _ in range(40)]

    assert _mined(*open_place) == ["the shop of <*> is empty"]
    assert len(_mined(*closed_place)) == 3


def test_phrases_are_statements() -> None:
    lines = ["cannot read the file: access denied", "cannot read the file: disk gone", "cannot read the file: bad name"]

    assert _mined(*lines) == sorted(lines)


def test_a_place_that_held_a_number_takes_a_word() -> None:
    assert _mined("load of unit 17 is high", "load of unit main is high") == ["load of unit <*> is high"]


def test_qualified_names_are_values_sooner_and_keep_what_they_share() -> None:
    assert _mined("loaded class org.shop.till.Drawer now", "loaded class org.shop.till.Scale now") == [
        "loaded class org.shop.till.<*> now"
    ]


def test_a_constant_after_an_equals_sign_stays_and_a_varying_one_goes() -> None:
    assert _mined("open tty=ssh by=ann", "open tty=ssh by=bob") == ["open tty=ssh by=<*>"]


def test_sizes_are_one_value_with_their_unit_if_the_unit_varies() -> None:
    assert _mined("stored, size 5.2 KB, free 17 MB", "stored, size 1.1 MB, free 17 MB") == [
        "stored, size <*>, free <*>"
    ]
    assert _mined("sent 5 bytes", "sent 7 bytes") == ["sent <*> bytes"]


def test_lists_of_different_lengths_are_one_value() -> None:
    assert _mined("delete blk_11 blk_12", "delete blk_13 blk_14 blk_15 blk_16") == ["delete <*>"]


@pytest.mark.parametrize("turn", range(4))
def test_the_order_of_lines_does_not_matter(turn: int) -> None:
    lines = [f"session of {p} was {what}" for p in PEOPLE for what in ("opened", "closed")] + ["a b", "a 7", "x=1"]
    turned = lines[turn * 4 :] + lines[: turn * 4]

    assert Counter(_mined(*turned)) == Counter(_mined(*lines))


def test_numbered_names_are_values_as_soon_as_two_differ() -> None:
    assert _mined("eth0: link becomes ready", "wlan0: link becomes ready") == ["<*>: link becomes ready"]


def test_what_follows_user_or_host_is_a_name_even_if_there_are_but_two() -> None:
    lines = ["session opened for user root"] * 40 + ["session opened for user cyrus"] * 40

    assert _mined(*lines) == ["session opened for user <*>"]


def test_a_value_may_be_empty() -> None:
    assert _mined("login from 10.0.0.7 () by=ann ok", "login from 10.0.0.8 (web.example.com) by= ok") == [
        "login from <*> (<*>) by=<*> ok"
    ]
    assert _mined("poll() gave id= and [] at 7") == ["poll() gave id= and [] at <*>"]
