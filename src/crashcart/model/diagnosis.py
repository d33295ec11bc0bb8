"""What the engine concludes, with its reasons as data: text, pages and JSON render these and add nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from crashcart.model.net import Finding, Source
from crashcart.model.observation import LookId


class Verdict(Enum):
    """How a diagnosis ended. Every one of them is an answer."""

    DECIDED = "decided"  # one cause stands clear
    UNDECIDED = "undecided"  # a few remain, and `would_decide` says what would tell them apart
    NONE_KNOWN = "none of the known"  # something is wrong that no guide covers
    NOTHING_WRONG = "nothing wrong"  # nothing wrong that we can see


class Stop(Enum):
    """Why no further look was taken."""

    DECIDED = "decided"
    NO_LOOK_LEFT = "no look left"
    NOT_WORTH_IT = "no look is worth its cost"
    BUDGET = "budget"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding weighed for (positive) or against (negative) one cause.

    `decibans` is 10 * log10 of the likelihood ratio; exact and additive for one cause.
    `is_applied` is False when a stronger claim on the same look already counts. `is_shared` marks what speaks alike for
    the other causes of the problem: symptoms, health, the complaint.
    """

    finding: Finding
    decibans: float
    source: Source
    is_applied: bool = True
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class Ranked:
    """One hypothesis with its probability. `cause` is a BoundCause id, or "unknown:TARGET" or "unknown"."""

    cause: str
    title: str
    target: str
    p: float
    prior_decibans: float
    reasons: tuple[Reason, ...]
    ruled_out_by: Finding | None = None
    unseen: tuple[Finding, ...] = ()  # checks of this cause that could not be judged
    has_own_evidence: bool = False  # seen: a sign that is this cause's and not shared by its problem's other causes


@dataclass(frozen=True, slots=True)
class NextLook:
    """A look that was chosen, or would be: what it costs and what it is expected to tell."""

    look_key: str
    looks: tuple[LookId, ...]
    gain_bits: float
    cost_s: float
    separates: tuple[str, ...]  # the hypotheses it would tell apart, best first, at most two
    blocked_because: str = ""  # why it could not be taken, when it could not


@dataclass(frozen=True, slots=True)
class Round:
    """One batch of looks, and why these."""

    looks: tuple[NextLook, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """Why trouble is taken for granted: a **Healthy** item that fails, or an alert."""

    text: str
    target: str
    source: Source | None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Ranked causes, evidence both ways, what was not seen, what would decide."""

    verdict: Verdict
    stop: Stop
    ranked: tuple[Ranked, ...]  # known causes and unknown rows, most probable first; ruled out ones last with p 0
    p_nothing: float  # of the empty hypothesis; 0 when trouble is given
    p_unknown: float  # of all unknown rows together
    given: tuple[Given, ...]
    complaint: str
    problems: tuple[tuple[str, Finding], ...]  # problems whose symptom is seen: (BoundProblem.id, that finding)
    rounds: tuple[Round, ...]
    would_decide: tuple[NextLook, ...]
    unseen: tuple[Finding, ...]
    looks_taken: int
    now: datetime
    onset: datetime | None
    onset_is_told: bool
    judged: int = 0  # checks that came out true or false; 0 means that we are blind

    @property
    def first(self) -> Ranked | None:
        """The most probable hypothesis, or None when there is none."""
        return self.ranked[0] if self.ranked else None


@dataclass(frozen=True, slots=True)
class Difference:
    """A look on which two causes differ: what it is expected to tell, and why it cannot be taken ("" when it can)."""

    look: str
    db: float
    blocked_because: str


@dataclass(frozen=True, slots=True)
class Twins:
    """Two causes that the looks at hand do not tell apart.

    `db` is the weight that all looks together are expected to give to the true one over the
    other, for whichever of the two that is less; `differences` the strongest first.
    `is_curable`: with the looks that cannot be taken here it would be enough.
    """

    first: str
    second: str
    db: float
    differences: tuple[Difference, ...]
    is_curable: bool
