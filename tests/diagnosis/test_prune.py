"""Leaving a cause out."""

from __future__ import annotations

from crashcart.diagnosis import without


def test_a_cause_goes_with_the_checks_that_only_it_asked(kit):
    build = kit.build()
    symptom, both, own, condition = (build.check(name) for name in ("symptom", "both", "own", "condition"))
    unasked = build.check("for a fix")
    build.problem("fails", symptom)
    build.cause("a", (both, 0.85), (own, 0.85), only_if=[condition])
    build.cause("a", (both, 0.85), target="worker")
    build.cause("b", (both, 0.85))
    net = build.net()

    here, everywhere = without(net, "api:g.a"), without(net, "g.a")

    assert [cause.id for cause in here.causes] == ["api:g.b", "worker:g.a"]
    assert [cause.id for cause in everywhere.causes] == ["api:g.b"]
    assert set(here.checks) == {symptom, both, unasked}
    assert here.problems == net.problems
    assert without(net, "g.nobody") == net
