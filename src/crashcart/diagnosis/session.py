"""One diagnosis from the first look to the verdict: says what to look at, takes findings in, stops when it is time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crashcart.diagnosis.belief import Belief, Standing
from crashcart.diagnosis.choose import Chooser, worth_it
from crashcart.diagnosis.explain import rank, rank_cause, unseen
from crashcart.diagnosis.frame import Frame, lay_out
from crashcart.diagnosis.verdict import is_decided, judge, leader
from crashcart.diagnosis.weights import settle
from crashcart.model.diagnosis import (
    Diagnosis,
    Given,
    NextLook,
    Ranked,
    Round,
    Stop,
    Verdict,
)
from crashcart.model.net import Finding, Net
from crashcart.model.spec import Cost
from crashcart.model.truth import Truth

_WOULD_DECIDE = 3


@dataclass(frozen=True, slots=True)
class Brief:
    """What is known before the first look.

    `may_ask` allows questions to a person, last in the order of looks. `onset_is_told` is False when the onset is the
    first bad observation rather than somebody's word.
    """

    net: Net
    now: datetime
    onset: datetime | None = None
    complaint: str = ""
    alerts: tuple[Given, ...] = ()
    may_ask: bool = False
    onset_is_told: bool = True


class Session:
    """The engine's one object with state. Pure: same brief and findings, same rounds and diagnosis."""

    def __init__(self, brief: Brief, *, frame: Frame | None = None) -> None:
        """Begin. `frame` is `lay_out(brief.net)` when that was kept from before."""
        self._brief = brief
        self._frame = frame if frame is not None and frame.net is brief.net else lay_out(brief.net)
        self._belief = Belief(self._frame, complaint=brief.complaint.strip(), is_given=bool(brief.alerts))
        self._rounds: list[Round] = []
        self._offered: set[int] = set()
        self._stop: Stop | None = None
        self._standing: Standing | None = None

    def next(self) -> Round | None:
        """Return the next batch of looks, None when it stops. Feed what they showed before asking again."""
        if self._stop is not None:
            return None
        chooser = Chooser(self._belief, self._now_standing())
        nodes = self._first_nodes() if not self._rounds else []
        if not nodes:
            if self._rounds and is_decided(self._belief, self._now_standing()):
                self._stop = Stop.DECIDED
                return None
            nodes = self._best_nodes(chooser)
        if not nodes:
            is_left = any(self._is_open(node) for node in range(len(self._frame.nodes)))
            self._stop = Stop.NOT_WORTH_IT if is_left else Stop.NO_LOOK_LEFT
            return None
        self._offered.update(nodes)
        self._rounds.append(Round(tuple(chooser.describe(node) for node in nodes)))
        return self._rounds[-1]

    def feed(self, findings: Sequence[Finding]) -> None:
        """Take in findings for any checks whose looks are known by now. Idempotent; order does not matter."""
        self._belief.feed(findings)
        self._standing = None

    def stop(self, why: Stop) -> None:
        """End from outside (budget, interruption). The first reason to stop stays."""
        self._stop = self._stop or why

    def ranked(self, cause_id: str) -> Ranked | None:
        """Return one known cause with its reasons, wherever it ranks; None when there is no such cause."""
        number = self._frame.index.get(cause_id)
        return None if number is None else rank_cause(self._belief, self._now_standing().cause(number), number)

    def diagnosis(self) -> Diagnosis:
        """Return what can be said now. Before the end it carries `Stop.INTERRUPTED`."""
        belief, standing, brief = self._belief, self._now_standing(), self._brief
        verdict = judge(belief, standing, self._stop)
        is_open = verdict in (Verdict.UNDECIDED, Verdict.NONE_KNOWN)
        return Diagnosis(
            verdict=verdict,
            stop=self._stop or Stop.INTERRUPTED,
            ranked=rank(belief, standing),
            p_nothing=settle(standing.nothing),
            p_unknown=settle(standing.all_unknown),
            given=self._given(),
            complaint=belief.complaint,
            problems=self._problems(),
            rounds=tuple(self._rounds),
            would_decide=self._would_decide(Chooser(belief, standing)) if is_open else (),
            unseen=unseen(belief),
            looks_taken=self._looks_taken(),
            now=brief.now,
            onset=brief.onset,
            onset_is_told=brief.onset is not None and brief.onset_is_told,
        )

    def _now_standing(self) -> Standing:
        if self._standing is None:
            self._standing = self._belief.standing()
        return self._standing

    def _is_open(self, node: int, *, is_question: bool = False) -> bool:
        """Whether a node can still be looked at (or, a question, asked)."""
        one = self._frame.nodes[node]
        is_new = node not in self._offered and node not in self._belief.tried
        return is_new and one.is_question is is_question and not one.blocked_because

    def _first_nodes(self) -> list[int]:
        """Return what is looked at before anything is weighed: health, symptoms, and all that costs about nothing."""
        signs = {vital.node for found in self._frame.signs.values() for vital in found}
        cheap = (i for i, node in enumerate(self._frame.nodes) if i in signs or node.cost_s <= Cost.FREE.value)
        return [i for i in cheap if self._is_open(i)]

    def _best_nodes(self, chooser: Chooser) -> list[int]:
        candidates = {n for n in chooser.nodes() if self._is_open(n)}
        good = worth_it({n: chooser.gain(n) for n in candidates}, self._frame.nodes)
        good = good or (candidates & self._owed())
        if good or not self._brief.may_ask:
            return chooser.batch(good)
        questions = {n for n in chooser.nodes() if self._is_open(n, is_question=True)}
        return chooser.batch(worth_it({n: chooser.gain(n) for n in questions}, self._frame.nodes))

    def _owed(self) -> set[int]:
        """Return the looks that could give the leading cause the evidence of its own that it still lacks.

        Whatever they are expected to tell: a cause that leads only because its rivals fell must be looked at itself.
        """
        best, standing = leader(self._belief.scores()), self._now_standing()
        if best is None or self._belief.has_own_evidence(best) or standing.cause(best) <= standing.nothing:
            return set()
        return {link.node for link in self._frame.links[best] if link.is_own}

    def _given(self) -> tuple[Given, ...]:
        found = list(self._brief.alerts)
        for item in self._brief.net.healthy:
            finding = self._belief.findings.get(item.check)
            if item.is_failure and finding is not None and finding.truth is Truth.FALSE:
                found.append(Given(item.source.sentence, item.target, item.source))
        return tuple(found)

    def _problems(self) -> tuple[tuple[str, Finding], ...]:
        found = []
        for problem in self._brief.net.problems:
            fed = (self._belief.findings.get(key) for key in sorted(problem.symptoms))
            seen = next((finding for finding in fed if finding is not None and finding.truth is Truth.TRUE), None)
            if seen is not None:
                found.append((problem.id, seen))
        return tuple(found)

    def _would_decide(self, chooser: Chooser) -> tuple[NextLook, ...]:
        """Return the looks not judged that would tell most, also those that could not be taken, with the reason."""
        open_nodes = (n for n in chooser.nodes() if not self._belief.is_known(n))
        ranked = sorted(open_nodes, key=lambda n: (-chooser.gain(n), n))[:_WOULD_DECIDE]
        found = (chooser.describe(n, blocked_because=self._blocked(n)) for n in ranked)
        return tuple(look for look in found if look.gain_bits > 0.0)

    def _blocked(self, node: int) -> str:
        one = self._frame.nodes[node]
        fed = (self._belief.findings.get(key) for key in one.checks)
        return next((finding.saw for finding in fed if finding is not None), one.blocked_because)

    def _looks_taken(self) -> int:
        checks = self._brief.net.checks
        looks = {look.id for key in self._belief.findings for look in (*checks[key].looks, *checks[key].others)}
        return len(looks)
