"""All claims over one look are one finding with several values: its weight is that of the cell that was observed.

A cause states how likely some of the claims are. Which of them are true picks a cell ("at least 500, and not 503");
the cause's likelihood ratio for that cell counts once, however many claims the cause has there. A claim that follows
from another is at least as likely as it: a guide that gives it no more than that says nothing new, and the claim is
left out (`telling`). So repeating an item, or adding a weaker claim that is not more likely, changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from crashcart.diagnosis.weights import noisy_or, settle

Truths = Sequence[bool | None]  # by claim of the node; None: not known
Implied = Sequence[frozenset[int]]  # by claim of the node: the claims that follow from it, itself too


@dataclass(frozen=True, slots=True)
class Stake:
    """What one cause says of one claim.

    `h` is P(true | cause), `f` is P(true | cause absent), `kin` the likelihood for the cause's unknown look-alike.
    """

    claim: int
    h: float
    f: float
    is_symptom: bool
    kin: float = 0.0


@dataclass(frozen=True, slots=True)
class Shift:
    """A *rarely* or *never* item: `otherwise` is P(true | cause absent)."""

    claim: int
    h: float
    otherwise: float


@dataclass(frozen=True, slots=True)
class Weighed:
    """A log likelihood ratio, and the stake that it stands on (None: nothing is known)."""

    log: float
    by: Stake | None


NOTHING = Weighed(0.0, None)


def weigh(stakes: Sequence[Stake], truths: Truths, implied: Implied) -> Weighed:
    """Return the weight of the observed cell for one cause, relative to the cause being absent.

    The stakes are `telling` ones. Of several true claims of which none implies the other the
    one that weighs most counts; failed ones beside it cap it.
    """
    if len(stakes) == 1:
        return _alone(stakes[0], truths[stakes[0].claim])
    trues = [stake for stake in stakes if truths[stake.claim] is True]
    falses = [stake for stake in stakes if truths[stake.claim] is False]
    narrowest = [stake for stake in trues if not any(_is_narrower(other, stake, implied) for other in trues)]
    found = [_cell(stake, _within(stake, falses, implied)) for stake in narrowest]
    used = {other.claim for stake in narrowest for other in _within(stake, falses, implied)}
    apart = [stake for stake in falses if stake.claim not in used]
    if found:
        return _capped(max(found, key=_strength), apart)
    return max((Weighed(math.log1p(-stake.h), stake) for stake in apart), key=_strength, default=NOTHING)


def _capped(best: Weighed, apart: Sequence[Stake]) -> Weighed:
    """Return the weight of "this is true, and those, which it neither implies nor follows from, are not".

    P(cell) is at most 1 - h of each claim that failed, and the cell is no rarer without the cause than the true claim
    alone: an *always* that failed takes most of the weight that another claim on the same look gives.
    """
    if best.by is None or best.log <= 0.0 or not apart:
        return best
    worst = max(apart, key=lambda stake: (settle(stake.h), -stake.claim))
    most = math.log((1.0 - worst.h) / best.by.f)
    return best if most >= best.log else Weighed(most, best.by if most > 0.0 else worst)


def weigh_shifts(shifts: Sequence[Shift], truths: Truths) -> tuple[float, Shift | None]:
    """Return the strongest shift of the log-odds on one look; claims over one look are one fact here too."""
    best: tuple[float, Shift | None] = (0.0, None)
    for shift in shifts:
        truth = truths[shift.claim]
        if truth is None:
            continue
        log = math.log(shift.h / shift.otherwise) if truth else math.log((1 - shift.h) / (1 - shift.otherwise))
        if best[1] is None or settle(abs(log)) > settle(abs(best[0])):
            best = (log, shift)
    return best


def telling(stakes: Sequence[Stake], implied: Implied) -> tuple[Stake, ...]:
    """Return the stakes that are likelier than every claim that implies theirs; of equal ones the first."""
    if len(stakes) < 2:
        return tuple(stakes)
    return tuple(stake for stake in stakes if not any(_covers(other, stake, implied) for other in stakes))


def _alone(stake: Stake, truth: bool | None) -> Weighed:
    if truth is None:
        return NOTHING
    return Weighed(math.log(noisy_or(stake.h, stake.f) / stake.f) if truth else math.log1p(-stake.h), stake)


def _covers(a: Stake, b: Stake, implied: Implied) -> bool:
    if a is b or b.claim not in implied[a.claim] or b.h > a.h:
        return False
    is_same = a.claim in implied[b.claim] and a.h == b.h
    return not is_same or a.claim < b.claim


def _is_narrower(a: Stake, b: Stake, implied: Implied) -> bool:
    return a is not b and b.claim in implied[a.claim]


def _within(stake: Stake, falses: Sequence[Stake], implied: Implied) -> list[Stake]:
    """Return the false claims that would have implied this true one."""
    return [other for other in falses if stake.claim in implied[other.claim]]


def _cell(true: Stake, missing: Sequence[Stake]) -> Weighed:
    """Return the weight of "this is true, and none of the narrower ones is".

    P(cell) = h'_t - h'_g over f_t - f_g for the likeliest missing claim g. Guides give both claims the false alarm of
    their kind, so the difference is often 0: half of f_t is taken to fall outside g. It is never below 1 - h_g, what g
    alone would say (and what this comes to as h_t falls to h_g), and never above what t alone would say.
    """
    alone = noisy_or(true.h, true.f) / true.f
    if not missing:
        return Weighed(math.log(alone), true)
    gap = max(missing, key=lambda stake: (stake.h, -stake.claim))
    share = noisy_or(true.h, true.f) - noisy_or(gap.h, gap.f)
    ratio = min(alone, max(share / max(true.f - gap.f, true.f / 2), 1.0 - gap.h))
    return Weighed(math.log(ratio), true if ratio > 1.0 else gap)


def _strength(weighed: Weighed) -> tuple[float, float, float, int]:
    by = weighed.by
    assert by is not None
    return (settle(abs(weighed.log)), settle(weighed.log), by.h, -by.claim)
