"""How a diagnosis ends, and what it may claim."""

from __future__ import annotations

import math
from collections.abc import Sequence

from crashcart.diagnosis.belief import Belief, Standing
from crashcart.diagnosis.weights import DECIDED, LIKELY, settle
from crashcart.model.diagnosis import Stop, Verdict
from crashcart.model.truth import Truth

# "None of the known" must not be said while a cause may still be shown: causes with looks of their own that were not
# judged may hold this much together.
_UNTRIED = 0.2
_WORTH_TRYING = 0.01


def leader(scores: Sequence[float]) -> int | None:
    """Return the most probable known cause, the first by id among equals; None when all are ruled out."""
    best = max(scores, default=-math.inf)
    return None if best == -math.inf else scores.index(best)


def is_decided(belief: Belief, standing: Standing, least: float = DECIDED) -> bool:
    """Whether one known cause has that probability, and evidence of its own.

    At 0.95 everything else together has at most 0.05, so no further margin is asked.
    """
    best = leader(belief.scores())
    return best is not None and settle(standing.cause(best)) >= least and belief.has_own_evidence(best)


def judge(belief: Belief, standing: Standing, stop: Stop | None) -> Verdict:
    """Return the verdict; 0.8 is enough for a cause once no more looks are taken."""
    if _is_well(belief, standing):
        return Verdict.NOTHING_WRONG
    if is_decided(belief, standing, DECIDED if stop is None else LIKELY):
        return Verdict.DECIDED
    if _is_none_known(belief, standing):
        return Verdict.NONE_KNOWN
    return Verdict.UNDECIDED


def _is_well(belief: Belief, standing: Standing) -> bool:
    """Whether nothing being wrong is the best explanation, and something was in fact looked at."""
    if belief.is_given:
        return False
    best = leader(belief.scores())
    rivals = [0.0 if best is None else standing.cause(best), *standing.unknown.values(), standing.anywhere]
    if any(settle(p) > settle(standing.nothing) for p in rivals):
        return False
    signs = [vital for found in belief.frame.signs.values() for vital in found]
    judged = {check for check, finding in belief.findings.items() if finding.truth is not Truth.UNKNOWN}
    if not judged or (signs and not any(vital.check in judged for vital in signs)):
        return False
    is_seen = any(v.is_symptom and belief.findings[v.check].truth is Truth.TRUE for v in signs if v.check in judged)
    return not is_seen or settle(standing.nothing) >= LIKELY  # a seen symptom is a false alarm only if well outweighed


def _is_none_known(belief: Belief, standing: Standing) -> bool:
    best = leader(belief.scores())
    top = 0.0 if best is None else settle(standing.cause(best))
    unknown = settle(standing.all_unknown)
    return unknown >= 0.5 and unknown > top and _untried(belief, standing) < _UNTRIED


def _untried(belief: Belief, standing: Standing) -> float:
    """Return how probable the causes are together of whose own evidence something was not judged."""
    least = _WORTH_TRYING * standing.total
    return settle(
        math.fsum(
            weight / standing.total
            for cause, weight in enumerate(standing.weights)
            if weight >= least and _has_untried(belief, cause)
        )
    )


def _has_untried(belief: Belief, cause: int) -> bool:
    own = (link.node for link in belief.frame.links[cause] if link.is_own)
    return not all(belief.is_known(node) for node in own)
