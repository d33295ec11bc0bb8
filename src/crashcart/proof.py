"""Proving guides by cases whose truth is known: the cause first, and nobody blamed when it is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crashcart import app
from crashcart.model.case import Case, GuideText
from crashcart.model.diagnosis import Diagnosis, Verdict

# Above this a cause is named: leaving the true one out must name nobody else.
BLAMED = 0.8


@dataclass(frozen=True, slots=True)
class Proof:
    """How one case came out. `best_other` is the most probable known cause when the true one is left out."""

    verdict: str
    first: str
    p: float
    holds: bool
    without_verdict: str = ""
    best_other: float | None = None


def prove(case: Case, texts: Sequence[GuideText] | None = None) -> Proof:
    """Return whether the guides find what was really wrong, and only that.

    A healthy case holds when nothing is named. A faulty one holds when a true cause is first and decided, and when
    without it no other known cause exceeds 0.8.
    """
    result = app.replay_case(case, texts=texts)
    diagnosis = result.diagnosis
    first = diagnosis.first
    if "nothing" in case.truth:
        return Proof(
            diagnosis.verdict.value, "nothing", diagnosis.p_nothing, diagnosis.verdict is Verdict.NOTHING_WRONG
        )
    assert first is not None
    is_first = first.cause in case.truth and diagnosis.verdict is Verdict.DECIDED
    if first.cause not in {cause.id for cause in result.net.causes}:
        return Proof(diagnosis.verdict.value, first.cause, first.p, holds=False)
    left = app.replay_case(case, texts=texts, without=_short(case.truth[0])).diagnosis
    best = best_known(left)
    return Proof(diagnosis.verdict.value, first.cause, first.p, is_first and best <= BLAMED, left.verdict.value, best)


def best_known(diagnosis: Diagnosis) -> float:
    """Return the probability of the best known cause."""
    return max((ranked.p for ranked in diagnosis.ranked if not ranked.cause.startswith("unknown")), default=0.0)


def _short(cause: str) -> str:
    """Return `guide.cause` of `target:guide.cause`: a cause is left out at every target."""
    return cause.split(":", 1)[-1]
