"""Guides can be asked which of their causes nobody could ever tell apart."""

from __future__ import annotations

from dataclasses import replace

from crashcart.diagnosis.apart import ENOUGH_DB, twins


def test_causes_with_signs_of_their_own_are_told_apart(kit):
    assert twins(kit.lookalikes(3, signs=2, sign=0.98)) == ()


def test_causes_that_share_all_their_signs_are_twins(kit):
    build = kit.build()
    build.problem("fails", build.check("jobs fail"))
    sign = build.check("log says refused")
    build.cause("a", (sign, 0.85))
    build.cause("b", (sign, 0.85))

    (found,) = twins(build.net())

    assert (found.first, found.second) == ("api:g.a", "api:g.b")
    assert found.db == 0.0
    assert found.differences == ()
    assert not found.is_curable


def test_a_look_that_cannot_be_taken_does_not_count_and_is_named_as_the_cure(kit):
    build = kit.build()
    build.problem("fails", build.check("jobs fail"))
    hidden = build.check("holder of the lock", unknown_because="not permitted")
    build.cause("a", (hidden, 0.98))
    build.cause("b")

    (found,) = twins(build.net(), enough_db=6.0)

    assert found.db == 0.0
    (difference,) = found.differences
    assert difference.blocked_because == "not permitted"
    assert difference.db > 6.0


def test_what_one_cause_never_shows_counts_too(kit):
    build = kit.build()
    build.problem("fails", build.check("jobs fail"))
    sign = build.check("port is open", alarm=0.05)
    build.cause("a", (sign, 0.98))
    build.cause("b", kit.shift(sign))

    assert twins(build.net(), enough_db=8.0) == ()
    assert ENOUGH_DB > 12


def test_causes_of_targets_that_share_nothing_are_no_pair(kit):
    """Otherwise every guide that applies to two targets would fill the list."""
    build = kit.build()
    build.cause("a", (build.check("x", target="db"), 0.2), target="db", problem="own")
    build.cause("b", (build.check("y", target="cache"), 0.2), target="cache", problem="own")
    apart = build.net()
    build.cause("c", (build.check("x", target="db"), 0.2), target="db", problem="own")

    assert twins(replace(apart, causes=tuple(replace(one, problems=()) for one in apart.causes))) == ()
    assert next((one.first, one.second) for one in twins(build.net())) == ("db:g.a", "db:g.c")
