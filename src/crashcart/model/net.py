"""Guides bound to a system: the noisy-OR network that the diagnosis weighs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crashcart.model.guide import Claim, Severity, Trust
from crashcart.model.observation import Look, LookId
from crashcart.model.spans import Span
from crashcart.model.truth import Quant, Truth


@dataclass(frozen=True, slots=True)
class Source:
    """The guide's own sentence: what a report quotes, and where it stands."""

    guide: str
    path: str
    span: Span
    sentence: str


@dataclass(frozen=True, slots=True)
class BoundCheck:
    """A check on real targets.

    The same looks with the same claims are the same check wherever they stand: `key` is equal, the check is one
    node. Checks with equal `look_key` are claims over the same looks and are read as one multi-valued finding.
    `unknown_because` is set when it cannot be asked at all (no such target, capture not bound yet).
    `others` are looks at other targets whose fields the claims name.
    """

    key: str
    look_key: str
    quant: Quant
    looks: tuple[Look, ...]
    claims: tuple[Claim, ...]  # references replaced by literals; FieldOf.of names a target of `others`
    claim_text: str
    false_alarm: float
    cost_s: float  # of the slowest look, by its declared class
    others: tuple[Look, ...] = ()
    within_s: float | None = None
    hold_s: float | None = None
    capture: str = ""
    is_question: bool = False  # `ask`: a person answers
    unknown_because: str = ""
    is_of_members: bool = False  # the claims take all looks together: sum, min, max, mean, differs


@dataclass(frozen=True, slots=True)
class Edge:
    """How likely a check is true when a cause is there (`likelihood`), and when it is not (`otherwise`; None means
    the check's own false alarm). `is_shift` marks *rarely* and *never*: they move the cause's odds directly,
    because a noisy-OR edge cannot inhibit."""

    check: str  # BoundCheck.key
    likelihood: float
    otherwise: float | None
    is_shift: bool
    is_symptom: bool
    source: Source


@dataclass(frozen=True, slots=True)
class BoundCause:
    """One cause at one target.

    `id` is `target:guide.cause` (parameters that differ from the guide's own follow in brackets). `problems` are the
    ids of the problems that it can produce.
    """

    id: str
    guide: str
    cause: str
    target: str
    title: str
    per_month: float
    edges: tuple[Edge, ...]
    only_if: tuple[str, ...]  # BoundCheck.key of each condition
    problems: tuple[str, ...]
    source: Source
    trust: Trust = Trust.OWN
    fixes: tuple[str, ...] = ()  # the first lines of its remedies, for a person to read


@dataclass(frozen=True, slots=True)
class BoundProblem:
    """One problem at one target; `id` is `target:guide.problem`."""

    id: str
    guide: str
    problem: str
    target: str
    title: str
    severity: Severity
    symptoms: tuple[str, ...]  # BoundCheck.key
    words: tuple[str, ...]  # lower-case words of title and symptom sentences: what a complaint is compared with
    source: Source


@dataclass(frozen=True, slots=True)
class BoundHealth:
    """One **Healthy** item at one target. `is_failure` is False for items marked `warn:`."""

    check: str
    target: str
    is_failure: bool
    source: Source


@dataclass(frozen=True, slots=True)
class Net:
    """Everything that the guides can ask and name about one system. All tuples are sorted by id or key."""

    causes: tuple[BoundCause, ...]
    problems: tuple[BoundProblem, ...]
    checks: Mapping[str, BoundCheck]
    healthy: tuple[BoundHealth, ...]
    targets: tuple[str, ...]
    notes: tuple[str, ...] = ()  # what could not be bound, in words
    depends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spare: tuple[Look, ...] = ()  # looks that verify or guard a fix: part of a sweep, not of a diagnosis

    def looks(self) -> tuple[Look, ...]:
        """Return every look that any check could ask, once, in order of id: a sweep."""
        found: dict[LookId, Look] = {}
        for check in self.checks.values():
            for look in (*check.looks, *check.others):
                found[look.id] = look
        for look in self.spare:
            found[look.id] = look
        return tuple(found[key] for key in sorted(found))


@dataclass(frozen=True, slots=True)
class Finding:
    """A check judged. `saw` says in words what was seen ("status = 401"), or why nothing was."""

    check: str  # BoundCheck.key
    truth: Truth
    saw: str
    looks: tuple[LookId, ...] = ()
