"""Small nets to think with. Names of looks and claims are free text here; only equality matters to the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from crashcart.diagnosis import Brief, Session
from crashcart.model.diagnosis import Diagnosis, Given
from crashcart.model.guide import Claim, FieldClaim, Number, Rel, Severity, StateClaim
from crashcart.model.net import (
    BoundCause,
    BoundCheck,
    BoundHealth,
    BoundProblem,
    Edge,
    Finding,
    Net,
    Source,
)
from crashcart.model.observation import Look
from crashcart.model.spans import NOWHERE
from crashcart.model.truth import Quant, Truth

NOW = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)


def source(sentence: str) -> Source:
    return Source("guide", "guide.md", NOWHERE, sentence)


def status(rel: Rel, value: float) -> FieldClaim:
    return FieldClaim("status", rel, Number(value))


@dataclass
class Builder:
    """Collects a net. A check is named "look" (seen) or "look | claim"."""

    causes: list[BoundCause] = field(default_factory=list)
    checks: dict[str, BoundCheck] = field(default_factory=dict)
    symptoms: dict[str, list[str]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    healthy: list[BoundHealth] = field(default_factory=list)
    depends: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def check(
        self,
        look: str,
        claim: Claim | None = None,
        *,
        target: str = "api",
        alarm: float = 0.005,
        cost: float = 0.1,
        is_question: bool = False,
        unknown_because: str = "",
    ) -> str:
        bound = Look("http", target, look)
        claim = claim or StateClaim("seen")
        key = f"{bound.id} => {claim}"
        self.checks[key] = BoundCheck(
            key,
            bound.id,
            Quant.EACH,
            (bound,),
            (claim,),
            str(claim),
            alarm,
            cost,
            is_question=is_question,
            unknown_because=unknown_because,
        )
        return key

    def problem(self, name: str, *symptoms: str, words: str = "") -> str:
        self.symptoms[name] = list(symptoms)
        self.words[name] = words or name
        return name

    def cause(
        self,
        name: str,
        *evidence: tuple[str, float] | Edge,
        problem: str = "fails",
        target: str = "api",
        rate: float = 1.0,
        only_if: Sequence[str] = (),
        symptom: float = 0.85,
    ) -> str:
        edges = [Edge(key, symptom, None, False, True, source(key)) for key in self.symptoms.get(problem, ())]
        edges += [e if isinstance(e, Edge) else Edge(e[0], e[1], None, False, False, source(e[0])) for e in evidence]
        one = BoundCause(
            f"{target}:g.{name}",
            "g",
            name,
            target,
            name,
            rate,
            tuple(edges),
            tuple(only_if),
            (f"api:g.{problem}",),
            source(name),
        )
        self.causes.append(one)
        return one.id

    def health(self, check: str, *, is_failure: bool = True, target: str = "api") -> None:
        self.healthy.append(BoundHealth(check, target, is_failure, source(f"healthy: {check}")))

    def net(self) -> Net:
        problems = tuple(
            BoundProblem(
                f"api:g.{name}",
                "g",
                name,
                "api",
                name,
                Severity.HIGH,
                tuple(sorted(keys)),
                tuple(self.words[name].split()),
                source(name),
            )
            for name, keys in sorted(self.symptoms.items())
        )
        targets = {"api", *(cause.target for cause in self.causes), *self.depends}
        return Net(
            tuple(sorted(self.causes, key=lambda one: one.id)),
            problems,
            dict(sorted(self.checks.items())),
            tuple(self.healthy),
            tuple(sorted(targets)),
            depends=self.depends,
        )


def shift(check: str, likelihood: float = 0.01) -> Edge:
    """A *never* (or *rarely*) item."""
    return Edge(check, likelihood, None, True, False, source(check))


def lookalikes(count: int = 6, *, signs: int = 2, sign: float = 0.85) -> Net:
    """Causes with one and the same symptom; `signs` looks of its own tell each of them."""
    build = Builder()
    build.health(build.check("health", status(Rel.EQ, 200)))
    build.problem("fails", build.check("jobs fail", alarm=0.01), words="jobs end as failed")
    for i in range(count):
        own = [(build.check(f"sign {i}.{j}"), sign) for j in range(signs)]
        build.cause(f"c{i}", *own)
    return build.net()


def answers(net: Net, true: Iterable[str], *, unknown: Mapping[str, str] | None = None) -> dict[str, Finding]:
    """Findings for all checks: those that contain one of the words are true, the health is well unless named."""
    words, blind = tuple(true), unknown or {}
    found = {}
    for key in net.checks:
        reason = next((why for word, why in blind.items() if word in key), None)
        truth = Truth.TRUE if any(word in key for word in words) else Truth.FALSE
        found[key] = Finding(key, Truth.UNKNOWN, reason) if reason else Finding(key, truth, truth.value)
    return found


def run(net: Net, found: Mapping[str, Finding], *, complaint: str = "", alerts: tuple[Given, ...] = ()) -> Diagnosis:
    """Diagnose to the end: every look that is asked for is judged by all checks over it."""
    session = Session(Brief(net, NOW, complaint=complaint, alerts=alerts))
    while (batch := session.next()) is not None:
        asked = {look.look_key for look in batch.looks}
        session.feed([found[key] for key, check in net.checks.items() if check.look_key in asked])
    return session.diagnosis()


@dataclass(frozen=True)
class Kit:
    """What the tests share."""

    build: Callable[[], Builder] = Builder
    lookalikes: Callable[..., Net] = lookalikes
    answers: Callable[..., dict[str, Finding]] = answers
    run: Callable[..., Diagnosis] = run
    shift: Callable[..., Edge] = shift
    status: Callable[[Rel, float], FieldClaim] = status
    source: Callable[[str], Source] = source
    now: datetime = NOW

    def known(self, diagnosis: Diagnosis) -> dict[str, float]:
        return {one.cause: one.p for one in diagnosis.ranked if not one.cause.startswith("unknown")}

    def all_p(self, net: Net, found: Iterable[Finding], **brief: object) -> dict[str, float]:
        """Probabilities of all hypotheses of a small net after these findings."""
        session = Session(Brief(net, NOW, **brief))  # type: ignore[arg-type]
        session.feed(list(found))
        diagnosis = session.diagnosis()
        return {**{one.cause: one.p for one in diagnosis.ranked}, "nothing": diagnosis.p_nothing}


@pytest.fixture(scope="session")
def kit() -> Kit:
    return Kit()
