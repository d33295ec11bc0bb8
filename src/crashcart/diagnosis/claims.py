"""When does one claim follow from another? Sound and incomplete: what cannot be shown is not taken to follow."""

from __future__ import annotations

from collections.abc import Sequence

from crashcart.model.guide import (
    Claim,
    FieldClaim,
    FieldOf,
    Number,
    PercentOf,
    Presence,
    PresenceClaim,
    Ref,
    Rel,
    StateClaim,
    Text,
    Times,
    Word,
)
from crashcart.model.net import BoundCheck
from crashcart.model.truth import Quant

_UPWARD = (Rel.GT, Rel.GE)
_DOWNWARD = (Rel.LT, Rel.LE)
_SHOWS_PRESENCE = (Rel.EQ, Rel.LT, Rel.LE, Rel.GT, Rel.GE, Rel.CONTAINS, Rel.MATCHES)


def check_implies(a: BoundCheck, b: BoundCheck) -> bool:
    """Return whether b must be true when a is; both are claims over the same looks."""
    if a.within_s != b.within_s or a.hold_s != b.hold_s:
        return a.within_s == b.within_s and _holds_longer(a, b) and a.quant is b.quant and a.claims == b.claims
    if a.quant is Quant.NONE or b.quant is Quant.NONE:
        return a.quant is b.quant and implies(b.claims, a.claims)
    if Quant.SOME in (a.quant, b.quant):  # neither more nor less often true under a weaker claim
        return a.quant is b.quant and implies(a.claims, b.claims) and implies(b.claims, a.claims)
    if a.quant is Quant.ANY and b.quant is not Quant.ANY and len(a.looks) != 1:
        return False
    return implies(a.claims, b.claims)


def implies(a: Sequence[Claim], b: Sequence[Claim]) -> bool:
    """Return whether the conjunction b follows from the conjunction a, about one and the same observation."""
    return all(any(_claim_implies(one, other) for one in a) for other in b)


def _holds_longer(a: BoundCheck, b: BoundCheck) -> bool:
    return (a.hold_s or 0.0) >= (b.hold_s or 0.0)


def _claim_implies(a: Claim, b: Claim) -> bool:
    if a == b:
        return True
    if isinstance(a, StateClaim) or not isinstance(a, FieldClaim):
        return False  # which states exclude one another is the catalogue's knowledge, not ours
    if isinstance(b, PresenceClaim):
        return a.field == b.field and a.stat is None and b.presence is Presence.PRESENT and a.rel in _SHOWS_PRESENCE
    if not isinstance(b, FieldClaim) or a.field != b.field or a.stat is not b.stat:
        return False
    return _numbers(a, b) or _texts(a, b)


def _scale(claim: FieldClaim) -> tuple[float, tuple[object, ...]] | None:
    """Return the number of a claim and what it is measured against; only equal measures compare."""
    match claim.value:
        case Number() as number:
            return number.base, ("number", number.dimension, bool(number.per))
        case PercentOf(percent=percent, of=FieldOf() | Ref() as of):
            return percent, ("percent", of)
        case Times(factor=factor, of=of):
            return factor, ("times", of)
    return None


def _numbers(a: FieldClaim, b: FieldClaim) -> bool:
    first, second = _scale(a), _scale(b)
    if first is None or second is None or first[1] != second[1]:
        return False
    x, y = first[0], second[0]
    if a.rel is Rel.EQ:
        return _holds(x, b.rel, y)
    if a.rel in _UPWARD:
        return _above(x, a.rel is Rel.GT, b.rel, y)
    if a.rel in _DOWNWARD:
        return _above(-x, a.rel is Rel.LT, _mirrored(b.rel), -y)
    return False


def _holds(x: float, rel: Rel, y: float) -> bool:
    match rel:
        case Rel.EQ:
            return x == y
        case Rel.NE:
            return x != y
        case Rel.LT:
            return x < y
        case Rel.LE:
            return x <= y
        case Rel.GT:
            return x > y
        case Rel.GE:
            return x >= y
        case _:
            return False


def _above(x: float, is_strict: bool, rel: Rel, y: float) -> bool:
    """Does every value above x (x itself too unless strict) stand in that relation to y?"""
    match rel:
        case Rel.GE:
            return x >= y
        case Rel.GT | Rel.NE:
            return x > y or (is_strict and x == y)
        case _:
            return False


def _mirrored(rel: Rel) -> Rel:
    return {Rel.LT: Rel.GT, Rel.LE: Rel.GE, Rel.GT: Rel.LT, Rel.GE: Rel.LE}.get(rel, rel)


def _words(claim: FieldClaim) -> str | None:
    if not isinstance(claim.value, Text | Word):
        return None
    return None if "<" in claim.value.value else claim.value.value  # patterns only equal themselves


def _texts(a: FieldClaim, b: FieldClaim) -> bool:
    x, y = _words(a), _words(b)
    if x is None or y is None:
        return False
    match a.rel, b.rel:
        case Rel.EQ, Rel.EQ:
            return x == y  # a quoted text and a bare word may say the same
        case ((Rel.EQ | Rel.CONTAINS), Rel.CONTAINS):
            return y in x
        case Rel.EQ, Rel.NE:
            return x.casefold() != y.casefold()
        case Rel.EQ, Rel.LACKS:
            return y.casefold() not in x.casefold()
        case Rel.CONTAINS, Rel.NE:
            return x.casefold() not in y.casefold()
        case Rel.LACKS, Rel.LACKS:
            return x in y
        case Rel.NE, Rel.NE:
            return x == y
        case _:
            return False
