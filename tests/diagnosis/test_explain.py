"""Reasons add up, and are the guide's own sentences."""

from __future__ import annotations

import math

import pytest

from crashcart.diagnosis import Brief, Session, why_not
from crashcart.model.guide import Rel
from crashcart.model.net import Finding
from crashcart.model.truth import Truth


def test_decibans_add_up_to_the_odds_against_nothing(kit):
    net = kit.lookalikes()
    diagnosis = kit.run(net, kit.answers(net, ["health", "jobs fail", "sign 3.0"]), complaint="jobs failed")
    for one in diagnosis.ranked:
        if one.cause.startswith("unknown") or one.p < 1e-5:
            continue
        total = one.prior_decibans + sum(reason.decibans for reason in one.reasons if reason.is_applied)
        assert total == pytest.approx(10 * math.log10(one.p / diagnosis.p_nothing), abs=1e-2)


def test_reasons_come_strongest_first_with_both_sides(kit):
    net = kit.lookalikes()
    one = kit.run(net, kit.answers(net, ["health", "jobs fail", "sign 3."])).first
    weights = [abs(reason.decibans) for reason in one.reasons]
    assert weights == sorted(weights, reverse=True)
    assert {reason.source.guide for reason in one.reasons} == {"guide"}
    assert {reason.is_shared for reason in one.reasons} == {True, False}


def test_a_weaker_claim_on_the_same_look_is_shown_and_not_applied(kit):
    build = kit.build()
    narrow, wide = build.check("get", kit.status(Rel.EQ, 503)), build.check("get", kit.status(Rel.GE, 500))
    build.problem("fails")
    build.cause("a", (narrow, 0.85), (wide, 0.85))
    session = Session(Brief(build.net(), kit.now))
    session.feed([Finding(narrow, Truth.TRUE, "503"), Finding(wide, Truth.TRUE, "503")])
    reasons = session.ranked("api:g.a").reasons
    assert [reason.is_applied for reason in reasons if reason.finding.check == narrow] == [True]
    assert [reason.is_applied for reason in reasons if reason.finding.check == wide] == [False]


def test_why_not_names_what_lowered_it_most(kit):
    build = kit.build()
    build.problem("fails", build.check("jobs fail"))
    policy = build.check("policy")
    build.cause("a", (build.check("often"), 0.6), (build.check("always"), 0.98))
    build.cause("b", (build.check("sign"), 0.98), only_if=[policy])
    net = build.net()
    session = Session(Brief(net, kit.now))
    session.feed(list(kit.answers(net, ["jobs fail"]).values()))
    diagnosis = session.diagnosis()
    assert "always" in why_not(diagnosis, "api:g.a").finding.check
    assert why_not(diagnosis, "api:g.b").check == policy
    assert diagnosis.ranked[-1].ruled_out_by.check == policy
    assert why_not(diagnosis, "api:g.nobody") is None
