"""Which claim follows from which."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crashcart.diagnosis.claims import check_implies, implies
from crashcart.model.guide import (
    FieldClaim,
    FieldOf,
    Number,
    PercentOf,
    Presence,
    PresenceClaim,
    Rel,
    Stat,
    StateClaim,
    Text,
    Word,
)
from crashcart.model.net import BoundCheck
from crashcart.model.observation import Look
from crashcart.model.truth import Quant

RELS = {
    Rel.EQ: lambda x, y: x == y,
    Rel.NE: lambda x, y: x != y,
    Rel.LT: lambda x, y: x < y,
    Rel.LE: lambda x, y: x <= y,
    Rel.GT: lambda x, y: x > y,
    Rel.GE: lambda x, y: x >= y,
}
NUMERIC = [FieldClaim("x", rel, Number(float(value))) for rel in RELS for value in range(4)]
textual = st.builds(
    FieldClaim,
    st.just("x"),
    st.sampled_from([Rel.EQ, Rel.NE, Rel.CONTAINS, Rel.LACKS]),
    st.builds(Text, st.text("ab", min_size=1, max_size=3)),
)


def test_a_claim_follows_exactly_when_it_holds_wherever_the_other_does():
    """Every pair of relations and bounds, on points at, between and beyond the bounds."""
    points = [x / 2 for x in range(-2, 9)]

    def true(claim, x):
        return RELS[claim.rel](x, claim.value.value)

    for a in NUMERIC:
        for b in NUMERIC:
            assert implies([a], [b]) is all(true(b, x) for x in points if true(a, x)), (a, b)


def test_a_conjunction_follows_part_by_part():
    wide, narrow, other = NUMERIC[0], NUMERIC[0], FieldClaim("y", Rel.EQ, Number(1))
    assert implies([narrow, other], [wide])
    assert not implies([wide], [narrow, other])


def test_claims_about_text_are_sound():
    @settings(deadline=None, derandomize=True, database=None)
    @given(textual, textual, st.text("ab", max_size=5))
    def sound(a, b, x):
        tests = {
            Rel.EQ: lambda y: x == y,
            Rel.NE: lambda y: x != y,
            Rel.CONTAINS: lambda y: y in x,
            Rel.LACKS: lambda y: y not in x,
        }
        if implies([a], [b]) and tests[a.rel](a.value.value):
            assert tests[b.rel](b.value.value)

    sound()


@pytest.mark.parametrize(
    ("a", "b", "follows"),
    [
        (FieldClaim("status", Rel.EQ, Number(503)), FieldClaim("status", Rel.GE, Number(500)), True),
        (FieldClaim("took", Rel.GT, Number(2, "s")), FieldClaim("took", Rel.GT, Number(1500, "ms")), True),
        (FieldClaim("took", Rel.GT, Number(2, "s")), FieldClaim("took", Rel.GT, Number(1500, "s")), False),
        (FieldClaim("took", Rel.GT, Number(2, "s")), FieldClaim("size", Rel.GT, Number(1, "B")), False),
        (FieldClaim("x", Rel.GT, Number(60, "", "/min")), FieldClaim("x", Rel.GE, Number(1, "", "/s")), True),
        (FieldClaim("x", Rel.GT, Number(2), Stat.P95), FieldClaim("x", Rel.GT, Number(1)), False),
        (FieldClaim("connect", Rel.EQ, Word("dns")), FieldClaim("connect", Rel.NE, Word("ok")), True),
        (FieldClaim("connect", Rel.EQ, Word("dns")), PresenceClaim("connect", Presence.PRESENT), True),
        (
            FieldClaim("used", Rel.GT, PercentOf(95, FieldOf("limit"))),
            FieldClaim("used", Rel.GT, PercentOf(80, FieldOf("limit"))),
            True,
        ),
        (StateClaim("refused"), StateClaim("refused"), True),
        (StateClaim("refused"), StateClaim("ok", is_negated=True), False),
        (FieldClaim("body", Rel.CONTAINS, Text("<a>b")), FieldClaim("body", Rel.CONTAINS, Text("b")), False),
    ],
)
def test_single_claims(a, b, follows):
    assert implies([a], [b]) is follows


def test_quantifiers_turn_the_direction():
    """None of them at least 400 means none at least 500; with any it is the other way round."""
    looks = (Look("http", "a"), Look("http", "b"))

    def check(quant, claim):
        return BoundCheck(f"{quant} {claim}", "look", quant, looks, (claim,), "", 0.01, 0.1)

    wide, narrow = FieldClaim("status", Rel.GE, Number(400)), FieldClaim("status", Rel.GE, Number(500))
    assert check_implies(check(Quant.ANY, narrow), check(Quant.ANY, wide))
    assert check_implies(check(Quant.NONE, wide), check(Quant.NONE, narrow))
    assert not check_implies(check(Quant.NONE, narrow), check(Quant.NONE, wide))
    assert check_implies(check(Quant.ALL, narrow), check(Quant.ANY, wide))
    assert not check_implies(check(Quant.ANY, narrow), check(Quant.ALL, wide))
