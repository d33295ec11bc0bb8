"""Truth in three values: unknown is neither true nor false, and stays what it is."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum


class Truth(Enum):
    """What a claim turned out to be."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError("truth has three values; compare with Truth.TRUE, .FALSE or .UNKNOWN")


class Quant(Enum):
    """How the truths of several looks become one. EACH is expanded when binding, so it sees one look only."""

    EACH = "each"
    ANY = "any"
    ALL = "all"
    NONE = "none"
    SOME = "some"


def negation(truth: Truth) -> Truth:
    """Return the opposite; the opposite of unknown is unknown."""
    match truth:
        case Truth.TRUE:
            return Truth.FALSE
        case Truth.FALSE:
            return Truth.TRUE
        case Truth.UNKNOWN:
            return Truth.UNKNOWN


def conjunction(truths: Sequence[Truth]) -> Truth:
    """Return false when one is false, else unknown when one is unknown, else true; true over nothing."""
    if Truth.FALSE in truths:
        return Truth.FALSE
    return Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.TRUE


def disjunction(truths: Sequence[Truth]) -> Truth:
    """Return true when one is true, else unknown when one is unknown, else false; false over nothing."""
    if Truth.TRUE in truths:
        return Truth.TRUE
    return Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.FALSE


def quantify(quant: Quant, truths: Sequence[Truth]) -> Truth:
    """Join the truths of a plural target. Over nothing, every quantifier is unknown."""
    if not truths:
        return Truth.UNKNOWN
    match quant:
        case Quant.EACH | Quant.ALL:
            return conjunction(truths)
        case Quant.ANY:
            return disjunction(truths)
        case Quant.NONE:
            return negation(disjunction(truths))
        case Quant.SOME:
            return conjunction((disjunction(truths), negation(conjunction(truths))))
