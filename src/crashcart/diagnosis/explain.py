"""Saying why: every weight that entered a probability, as reasons that a report can quote."""

from __future__ import annotations

import math
from heapq import nlargest

from crashcart.diagnosis.belief import Belief, Standing
from crashcart.diagnosis.cells import Stake, Truths, weigh, weigh_shifts
from crashcart.diagnosis.complaint import COMPLAINT
from crashcart.diagnosis.frame import Link, Node, Vital
from crashcart.diagnosis.weights import (
    COMPLAINT_ALARM,
    IMPAIRED,
    IMPAIRED_FROM_BELOW,
    KIN_SHARE,
    RANKED,
    UNKNOWN_ANYWHERE_PER_MONTH,
    decibans,
    noisy_or,
    prior_odds_log,
    settle,
)
from crashcart.model.diagnosis import Diagnosis, Ranked, Reason
from crashcart.model.net import BoundCause, Edge, Finding, Source
from crashcart.model.spans import NOWHERE
from crashcart.model.truth import Truth

ANYWHERE = "unknown"
_OURS = Source("", "", NOWHERE, "")  # no guide says it: the engine's own weight


def rank(belief: Belief, standing: Standing) -> tuple[Ranked, ...]:
    """Return the most probable hypotheses with their reasons, then the causes that are ruled out."""
    net = belief.frame.net
    scores = belief.scores()
    near = nlargest(RANKED, range(len(scores)), key=lambda cause: (scores[cause], -cause))
    known = [(settle(standing.cause(i)), net.causes[i].id) for i in near if i not in belief.ruled_out]
    rows = [(settle(p), f"unknown:{target}") for target, p in standing.unknown.items()]
    rows.append((settle(standing.anywhere), ANYWHERE))
    best = sorted((*known, *rows), key=lambda pair: (-pair[0], pair[1]))[:RANKED]
    found = [_ranked(belief, standing, p, name) for p, name in best]
    found += [rank_cause(belief, 0.0, cause) for cause in sorted(belief.ruled_out)]
    return tuple(found)


def rank_cause(belief: Belief, p: float, number: int) -> Ranked:
    """Return one known cause with all its reasons, for and against, strongest first."""
    cause = belief.frame.net.causes[number]
    return Ranked(
        cause=cause.id,
        title=cause.title,
        target=cause.target,
        p=settle(p),
        prior_decibans=decibans(belief.frame.priors[number]),
        reasons=_sorted(_reasons(belief, number)),
        ruled_out_by=belief.findings[belief.ruled_out[number]] if number in belief.ruled_out else None,
        unseen=_unseen(belief, cause),
        has_own_evidence=belief.has_own_evidence(number),
    )


def why_not(diagnosis: Diagnosis, cause_id: str) -> Reason | Finding | None:
    """Return the finding that rules a cause out, else the reason that lowered it most, None when nothing did."""
    one = next((ranked for ranked in diagnosis.ranked if ranked.cause == cause_id), None)
    if one is None:
        return None
    if one.ruled_out_by is not None:
        return one.ruled_out_by
    against = [reason for reason in one.reasons if reason.is_applied and reason.decibans < 0.0]
    return min(against, key=lambda reason: (reason.decibans, reason.finding.check), default=None)


def unseen(belief: Belief) -> tuple[Finding, ...]:
    """Return every check that was tried and not judged, or that cannot be asked, in order of key."""
    found = (_not_judged(belief, key) for key in belief.frame.net.checks)
    return tuple(sorted((finding for finding in found if finding is not None), key=lambda one: one.check))


def _ranked(belief: Belief, standing: Standing, p: float, name: str) -> Ranked:
    number = belief.frame.index.get(name)
    if number is not None:
        return rank_cause(belief, p, number)
    if name == ANYWHERE:
        signs = _vital_reasons(belief, belief.signs_anywhere()) + _words_for_unknown(belief, IMPAIRED_FROM_BELOW)
        prior = prior_odds_log(UNKNOWN_ANYWHERE_PER_MONTH)
        return Ranked(name, "something that no guide covers", "", p, decibans(prior), _sorted(signs))
    target = name.removeprefix("unknown:")
    signs = _vital_reasons(belief, belief.signs(target))
    if any(belief.frame.problems[key].target == target for key in belief.meant):
        signs += _words_for_unknown(belief, IMPAIRED)
    title = f"something in {target} that no guide covers"
    return Ranked(name, title, target, p, _unknown_prior(belief, target), _sorted(signs))


def _unknown_prior(belief: Belief, target: str) -> float:
    """Return the prior of a target's unknown row: its own and that of the look-alikes reported under it."""
    frame = belief.frame
    kin = [math.exp(prior) for prior, home in zip(frame.priors, frame.kin_target, strict=True) if home == target]
    own = math.exp(frame.unknown_prior[target]) if target in frame.unknown_prior else 0.0
    return decibans(math.log(own + KIN_SHARE * math.fsum(kin)))


def _sorted(reasons: list[Reason]) -> tuple[Reason, ...]:
    return tuple(sorted(reasons, key=lambda r: (-abs(r.decibans), r.finding.check, not r.is_applied)))


def _reasons(belief: Belief, number: int) -> list[Reason]:
    frame, cause = belief.frame, belief.frame.net.causes[number]
    found = _vital_reasons(belief, belief.vitals(number))
    for link in frame.links[number]:
        truths = belief.truths.get(link.node)
        if truths is not None:
            found += _stake_reasons(belief, cause, link, truths)
            found += _shift_reasons(belief, cause, link, truths)
    words = next((belief.meant[key] for key in cause.problems if key in belief.meant), None)
    if words is not None:
        found.append(Reason(words, decibans(belief.words(number)), cause.source, is_shared=True))
    return found


def _stake_reasons(belief: Belief, cause: BoundCause, link: Link, truths: Truths) -> list[Reason]:
    """Return a reason a stake: the one that the cell's weight stands on is applied, the others say what they would."""
    node = belief.frame.nodes[link.node]
    whole = weigh(link.stakes, truths, node.implied)
    found = []
    for stake in (*link.stakes, *link.idle):
        if truths[stake.claim] is None:
            continue
        is_applied = whole.by is not None and whole.by.claim == stake.claim
        log = whole.log if is_applied else _by_itself(stake, truths, node)
        finding, edge = _finding(belief, node, stake.claim), _edge(cause, node.checks[stake.claim], is_shift=False)
        found.append(Reason(finding, decibans(log), edge.source, is_applied, stake.is_symptom))
    return found


def _by_itself(stake: Stake, truths: Truths, node: Node) -> float:
    return weigh((stake,), truths, node.implied).log


def _shift_reasons(belief: Belief, cause: BoundCause, link: Link, truths: Truths) -> list[Reason]:
    node = belief.frame.nodes[link.node]
    applied = weigh_shifts(link.shifts, truths)[1]
    found = []
    for shift in link.shifts:
        log, judged = weigh_shifts((shift,), truths)
        if judged is None:
            continue
        edge = _edge(cause, node.checks[shift.claim], is_shift=True)
        finding = _finding(belief, node, shift.claim)
        found.append(Reason(finding, decibans(log), edge.source, shift is applied, edge.is_symptom))
    return found


def _edge(cause: BoundCause, check: str, *, is_shift: bool) -> Edge:
    same = [edge for edge in cause.edges if edge.check == check and edge.is_shift is is_shift]
    return max(same, key=lambda edge: (not edge.is_symptom, edge.likelihood))


def _finding(belief: Belief, node: Node, claim: int) -> Finding:
    return belief.findings[node.checks[claim]]


def _vital_reasons(belief: Belief, signs: list[tuple[Vital, float]]) -> list[Reason]:
    return [
        Reason(belief.findings[vital.check], decibans(log), _vital_source(belief, vital), is_shared=True)
        for vital, log in signs
    ]


def _vital_source(belief: Belief, vital: Vital) -> Source:
    if vital.health is not None:
        return vital.health.source
    problem = next(one for one in belief.frame.net.problems if vital.check in one.symptoms)
    edges = (edge for cause in belief.frame.net.causes for edge in cause.edges if edge.check == vital.check)
    return next((edge.source for edge in edges if edge.is_symptom), problem.source)


def _words_for_unknown(belief: Belief, h: float) -> list[Reason]:
    if not belief.complaint:
        return []
    words = next(iter(belief.meant.values()), Finding(COMPLAINT, Truth.TRUE, f'"{belief.complaint}"'))
    return [Reason(words, decibans(math.log(noisy_or(h, COMPLAINT_ALARM) / COMPLAINT_ALARM)), _OURS, is_shared=True)]


def _unseen(belief: Belief, cause: BoundCause) -> tuple[Finding, ...]:
    keys = sorted({*cause.only_if, *(edge.check for edge in cause.edges)})
    return tuple(finding for key in keys if (finding := _not_judged(belief, key)) is not None)


def _not_judged(belief: Belief, key: str) -> Finding | None:
    finding = belief.findings.get(key)
    if finding is not None:
        return finding if finding.truth is Truth.UNKNOWN else None
    reason = belief.frame.net.checks[key].unknown_because
    return Finding(key, Truth.UNKNOWN, reason) if reason else None
