"""What the findings make of the hypotheses: every single fault scored exactly, incrementally, in any order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crashcart.diagnosis.cells import Truths, Weighed, weigh, weigh_shifts
from crashcart.diagnosis.complaint import complaint_findings
from crashcart.diagnosis.frame import Frame, Link, Vital
from crashcart.diagnosis.weights import (
    COMPLAINT_ALARM,
    COMPLAINT_LIKELIHOOD,
    DECIBANS_PER_NAT,
    IMPAIRED,
    IMPAIRED_FROM_BELOW,
    KIN_SHARE,
    OWN_EVIDENCE_DB,
    UNKNOWN_ANYWHERE_PER_MONTH,
    noisy_or,
    prior_odds_log,
    settle,
)
from crashcart.model.net import Finding
from crashcart.model.truth import Truth

_BOOL = {Truth.TRUE: True, Truth.FALSE: False, Truth.UNKNOWN: None}


@dataclass(frozen=True, slots=True)
class Weight:
    """What one look says of a cause, of its unknown look-alike, and how far a sign of its own sets the two apart."""

    cause: float
    kin: float
    own: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Posterior probabilities at one moment; all of them together sum to 1. Not rounded: round what is compared."""

    weights: Sequence[float]  # by cause, as odds against nothing being wrong
    kin_weights: Sequence[float]  # by cause, of its unknown look-alike
    total: float
    anywhere: float
    nothing: float
    unknown: Mapping[str, float]  # by target: look-alikes, and what resembles no known cause

    def cause(self, cause: int) -> float:
        """The probability of a cause."""
        return self.weights[cause] / self.total

    def kin(self, cause: int) -> float:
        """The probability of the unknown look-alike of a cause."""
        return self.kin_weights[cause] / self.total

    @property
    def all_unknown(self) -> float:
        """The probability of all unknown rows together."""
        return math.fsum((*self.unknown.values(), self.anywhere))


class Belief:
    """The state of knowledge about one net. `feed` touches linked causes only; `standing` normalises over all."""

    def __init__(self, frame: Frame, *, complaint: str = "", is_given: bool = False) -> None:
        self.frame = frame
        self.complaint = complaint
        self.meant = complaint_findings(complaint, frame.net.problems) if complaint else {}
        self.findings: dict[str, Finding] = {}  # all that were fed, unknown ones too
        self.tried: set[int] = set()  # nodes of which something was fed
        self.truths: dict[int, list[bool | None]] = {}  # by node: what is known of its claims
        self.ruled_out: dict[int, str] = {}  # cause -> check of the condition that does not hold
        self.is_given = is_given
        self._weights: list[dict[int, Weight]] = [{} for _ in frame.links]
        self._score = [0.0] * len(frame.links)  # log odds
        self._odds = [0.0] * len(frame.links)
        self._kin = [0.0] * len(frame.links)  # odds of the look-alikes
        self._kin_sums: dict[str, float] = {}  # of those, by target
        self._rows = tuple(sorted({*frame.kin_of, *frame.unknown_prior}))
        self._meant_targets = frozenset(frame.problems[key].target for key in self.meant)
        self._stale: set[int] = set(range(len(frame.links)))
        self._impaired: dict[tuple[str, float], tuple[Vital, float] | None] = {}
        self._worst_sign: dict[tuple[str, float], tuple[Vital, float] | None] = {}
        self._vital_nodes = frozenset(frame.health_at)
        self._health_sums: dict[tuple[str, tuple[str, ...]], float] = {}  # of causes that stake nothing on health

    def feed(self, findings: Iterable[Finding]) -> None:
        """Take in findings, in any order and as often as one likes; a known truth is not lost to an unknown one."""
        changed: set[int] = set()
        for finding in sorted(findings, key=lambda one: (one.check, one.truth.value, one.saw)):
            if self._take(finding):
                changed.add(self.frame.places[finding.check][0])
        for node in sorted(changed):
            self._reweigh(node)

    def is_known(self, node: int) -> bool:
        """Whether some claim of the node was judged true or false."""
        return node in self.truths

    def own_evidence(self, cause: int) -> float:
        """Return by how much (decibans) the signs that were seen set the cause apart from its unknown look-alike."""
        return settle(math.fsum(w.own for w in self._weights[cause].values()) * DECIBANS_PER_NAT)

    def has_own_evidence(self, cause: int) -> bool:
        """Whether something was seen that speaks for this cause and not for any cause of the problem."""
        return self.own_evidence(cause) >= OWN_EVIDENCE_DB

    def scores(self) -> Sequence[float]:
        """Return the log-odds of every cause against nothing being wrong, settled."""
        self._refresh()
        return self._score

    def standing(self) -> Standing:
        """Return the posterior over all hypotheses."""
        self._refresh()
        unknown = {target: self._kin_sums.get(target, 0.0) + _odds(self._unlike(target)) for target in self._rows}
        anywhere, nothing = _odds(self._anywhere()), 0.0 if self.is_given else 1.0
        total = math.fsum((math.fsum(self._odds), math.fsum(unknown.values()), anywhere, nothing))
        shares = {target: weight / total for target, weight in unknown.items()}
        return Standing(tuple(self._odds), tuple(self._kin), total, anywhere / total, nothing / total, shares)

    def _take(self, finding: Finding) -> bool:
        place = self.frame.places.get(finding.check)
        if place is None:
            return False
        kept = self.findings.get(finding.check)
        if kept == finding or (kept is not None and finding.truth is Truth.UNKNOWN and kept.truth is not Truth.UNKNOWN):
            return False
        self.findings[finding.check] = finding
        node, claim = place
        self.tried.add(node)
        truth = _BOOL[finding.truth]
        if truth is None:
            return False
        truths = self.truths.setdefault(node, [None] * len(self.frame.nodes[node].checks))
        is_new, truths[claim] = truths[claim] is not truth, truth
        return is_new

    def _reweigh(self, node: int) -> None:
        frame, truths = self.frame, self.truths[node]
        alike: dict[tuple[int, ...], Weight] = {}  # links of equal parts are weighed once
        for cause, position in frame.users[node]:
            link = frame.links[cause][position]
            parts = (id(link.stakes), *map(id, link.shifts))
            if parts not in alike:
                alike[parts] = weigh_link(link, truths, frame)
            self._weights[cause][node] = alike[parts]
            if link.conditions:
                self._judge_conditions(cause, link, truths)
            self._stale.add(cause)
        for target in frame.signs_at.get(node, ()):
            self._worst_sign.pop((target, IMPAIRED), None)
            self._worst_sign.pop((target, IMPAIRED_FROM_BELOW), None)
        if node in self._vital_nodes:
            self._health_sums.clear()
        for target in frame.health_at.get(node, ()):
            self._impaired.pop((target, IMPAIRED), None)
            self._impaired.pop((target, IMPAIRED_FROM_BELOW), None)
            self.is_given = self.is_given or self._is_failing(target, node)
            self._stale.update(frame.reach.get(target, ()))

    def _judge_conditions(self, cause: int, link: Link, truths: Truths) -> None:
        checks = self.frame.nodes[link.node].checks
        for claim in link.conditions:
            if truths[claim] is False:
                self.ruled_out[cause] = min(checks[claim], self.ruled_out.get(cause, checks[claim]))

    def _is_failing(self, target: str, node: int) -> bool:
        return any(
            vital.node == node and vital.health is not None and vital.health.is_failure and self._truth(vital) is False
            for vital in self.frame.health[target]
        )

    def _truth(self, vital: Vital) -> bool | None:
        truths = self.truths.get(vital.node)
        return None if truths is None else truths[vital.claim]

    def _refresh(self) -> None:
        frame, log_share = self.frame, math.log(KIN_SHARE)
        for cause in self._stale:
            found = self._weights[cause].values()
            shared = (frame.priors[cause], self.words(cause), self._health(cause))
            self._kin[cause] = _odds(math.fsum((*shared, log_share, *[w.kin for w in found])))
            score = -math.inf if cause in self.ruled_out else math.fsum((*shared, *[w.cause for w in found]))
            self._score[cause] = round(score, 9)
            self._odds[cause] = _odds(score)
        for target in {frame.kin_target[cause] for cause in self._stale}:
            self._kin_sums[target] = math.fsum([self._kin[cause] for cause in frame.kin_of[target]])
        self._stale.clear()

    def _health(self, cause: int) -> float:
        if not self._vital_nodes.isdisjoint(self.frame.staked[cause]):
            return math.fsum(log for _, log in self.vitals(cause))
        scope = (self.frame.net.causes[cause].target, self.frame.homes[cause])
        if scope not in self._health_sums:
            self._health_sums[scope] = math.fsum(log for _, log in self.vitals(cause))
        return self._health_sums[scope]

    def words(self, cause: int) -> float:
        """Return what the complaint says of a cause, in nats; its look-alike gets the same."""
        if not self.meant or not any(key in self.meant for key in self.frame.net.causes[cause].problems):
            return 0.0
        return _true(COMPLAINT_LIKELIHOOD, COMPLAINT_ALARM)

    def vitals(self, cause: int) -> list[tuple[Vital, float]]:
        """Return what the health of its targets, and of those that need them, says of a cause, in nats.

        Items of one target look at one hidden fact, "is it impaired", so the strongest counts once. Looks on which
        the cause stakes something itself are left to that. Of the targets that need an impaired one the worst counts,
        and none when all are fine: they may well be, and many of them would add up their false alarms.
        """
        frame, own = self.frame, self.frame.staked[cause]
        homes = frame.homes[cause]
        above = [target for target in frame.above.get(frame.net.causes[cause].target, ()) if target not in homes]
        parts = [self._impairment(target, IMPAIRED, own) for target in homes]
        if above:
            parts.append(_worst(self._impairment(target, IMPAIRED_FROM_BELOW, own) for target in above))
        return [part for part in parts if part is not None]

    def signs(self, target: str) -> list[tuple[Vital, float]]:
        """Return what speaks for something broken in a target that no known cause resembles, in nats."""
        above = self.frame.above.get(target, ())
        own = self._sign(target, IMPAIRED)
        parts = (own, _worst(self._impairment(other, IMPAIRED_FROM_BELOW, frozenset()) for other in above))
        return [part for part in parts if part is not None]

    def signs_anywhere(self) -> list[tuple[Vital, float]]:
        """Return what speaks for something broken that belongs to no target, in nats: the worst sign anywhere."""
        worst = _worst(self._sign(target, IMPAIRED_FROM_BELOW) for target in self.frame.signs)
        return [] if worst is None else [worst]

    def _sign(self, target: str, h: float) -> tuple[Vital, float] | None:
        if (target, h) not in self._worst_sign:
            self._worst_sign[target, h] = self._strongest(self.frame.signs.get(target, ()), h)
        return self._worst_sign[target, h]

    def _impairment(self, target: str, h: float, own: frozenset[int]) -> tuple[Vital, float] | None:
        vitals = self.frame.health.get(target, ())
        mine = [vital for vital in vitals if vital.node in own]
        if mine:
            found = self._strongest([vital for vital in vitals if vital.node not in own], h)
            # What the cause stakes has told that the target is impaired: what is well beside it no longer speaks.
            is_told = any(self._truth(vital) is vital.is_symptom for vital in mine)
            return None if is_told and found is not None and found[1] < 0.0 else found
        if (target, h) not in self._impaired:
            self._impaired[target, h] = self._strongest(vitals, h)
        return self._impaired[target, h]

    def _strongest(self, vitals: Iterable[Vital], h: float) -> tuple[Vital, float] | None:
        """Return the clearest sign of impairment with its weight, else one sign of health, else None.

        A sign that is bad in a way which some cause describes ("not ok", and it is the name that does not resolve)
        is left to that cause and its look-alike: any other cause makes this very form of it as seldom as no cause.
        """
        judged = [(vital, truth) for vital in vitals if (truth := self._truth(vital)) is not None]
        judged = [
            (vital, truth) for vital, truth in judged if truth is not vital.is_symptom or not self._is_told(vital)
        ]
        bad = [(vital, _true(h, vital.alarm)) for vital, truth in judged if truth is vital.is_symptom]
        if bad:
            return max(bad, key=lambda pair: settle(pair[1]))
        good = (vital for vital, _ in judged if not vital.is_symptom)
        return next(((vital, math.log1p(-h)) for vital in good), None)

    def _is_told(self, vital: Vital) -> bool:
        """Whether another claim on the same look, which some cause holds as its own evidence, is true."""
        truths = self.truths.get(vital.node, ())
        return any(truths[claim] is True for claim in self.frame.told_by.get(vital.node, ()) if claim != vital.claim)

    def _unlike(self, target: str) -> float:
        words = _true(IMPAIRED, COMPLAINT_ALARM) if target in self._meant_targets else 0.0
        return math.fsum((self.frame.unknown_prior[target], words, *[log for _, log in self.signs(target)]))

    def _anywhere(self) -> float:
        words = _true(IMPAIRED_FROM_BELOW, COMPLAINT_ALARM) if self.complaint else 0.0
        prior = prior_odds_log(UNKNOWN_ANYWHERE_PER_MONTH)
        return math.fsum((prior, words, *[log for _, log in self.signs_anywhere()]))


def weigh_link(link: Link, truths: Truths, frame: Frame) -> Weight:
    """Return the weight of what is known of a node for one of its causes."""
    implied = frame.nodes[link.node].implied
    whole = weigh(link.stakes, truths, implied) if link.stakes else Weighed(0.0, None)
    if not link.symptoms:
        shared = None
    elif not link.is_own:
        shared = whole.log
    else:
        shared = weigh(link.symptoms, truths, implied).log
    kin, own = _kin_weight(whole, shared, truths)
    shift, _ = weigh_shifts(link.shifts, truths) if link.shifts else (0.0, None)
    return Weight(whole.log + shift, kin + max(0.0, shift), own)


def _kin_weight(whole: Weighed, shared: float | None, truths: Truths) -> tuple[float, float]:
    """Return the weight for the unknown look-alike, and the margin that a sign of its own gives the cause.

    A sign of its own on the look of a shared symptom takes that symptom's place: the look-alike has the symptom as
    surely as the cause, and this form of it as seldom as any other sign of the cause's own.
    """
    by = whole.by
    if by is not None and not by.is_symptom and truths[by.claim] is True and whole.log > 0.0:
        kin = min(whole.log, _true(by.kin, by.f))
        return kin, max(0.0, whole.log - kin)
    if shared is None:
        return max(0.0, whole.log), 0.0
    return max(shared, whole.log), 0.0


def _worst(signs: Iterable[tuple[Vital, float] | None]) -> tuple[Vital, float] | None:
    """Return the sign that speaks most for something being broken, None when none does."""
    bad = [sign for sign in signs if sign is not None and sign[1] > 0.0]
    return max(bad, key=lambda sign: settle(sign[1]), default=None)


def _odds(log: float) -> float:
    """Return the odds for settled log odds. Doubles hold e^-745 to e^709; a hundred findings reach about e^500."""
    return math.exp(min(round(log, 9), 600.0))


def _true(h: float, f: float) -> float:
    return math.log(noisy_or(h, f) / f)
