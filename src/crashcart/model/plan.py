"""A plan: one remedy bound to real targets, with all that a person must know before a yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from crashcart.model.net import BoundCheck, Source
from crashcart.model.spec import Risk
from crashcart.model.touch import Touch

# The two upper risks want the target's name typed; the order is that of what they may cost.
RISKS = (Risk.SAFE, Risk.RESTARTS, Risk.LOSES_DATA, Risk.DESTRUCTIVE)
TYPED_RISKS = (Risk.LOSES_DATA, Risk.DESTRUCTIVE)


def worst(risks: tuple[Risk, ...]) -> Risk:
    """Return the highest of these risks, *safe* when there is none."""
    return max(risks, key=RISKS.index, default=Risk.SAFE)


@dataclass(frozen=True, slots=True)
class PlanCheck:
    """A check that a plan rests on, with the guide's sentence around it."""

    check: BoundCheck
    source: Source


class Undoing(Enum):
    """How a step is taken back when things got worse."""

    OWN = "own"  # the action knows how
    GUIDE = "guide"  # the guide says how: `undo_touches`, `undo_by_hand`
    LAST = "last"  # the action knows how, and it comes after all others: a restart that makes them take effect
    NONE = "irreversible"
    NOTHING = "nothing to undo"  # a person did it, and the guide names no undo


@dataclass(frozen=True, slots=True)
class BoundStep:
    """One step of a remedy at one real target. Without a touch it is what a person does (`by_hand`)."""

    touch: Touch | None
    text: str  # the action as the guide writes it, names replaced
    sentence: str  # the guide's words around it
    source: Source
    risk: Risk
    undoing: Undoing
    undo: str  # in words
    deadline_s: float = 10.0
    by_hand: str = ""
    asked: tuple[tuple[str, bool], ...] = ()  # (setting, is secret): the value is asked for when planning
    only_if: tuple[PlanCheck, ...] = ()
    verify: tuple[PlanCheck, ...] = ()
    undo_touches: tuple[Touch, ...] = ()
    undo_by_hand: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BoundRemedy:
    """A **Fix** or **Relief** of one cause, bound. `unbound_because` says why it cannot be planned here."""

    cause: str  # BoundCause.id
    name: str
    is_relief: bool
    steps: tuple[BoundStep, ...]
    verify: tuple[PlanCheck, ...]
    verified_by: str  # whose **Verify** that is: the cause's, the problem's, or what holds when all is well
    note: str = ""
    unbound_because: str = ""


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A step of a plan: what was bound, and what looking alone found it would change."""

    step: BoundStep
    diff: tuple[str, ...] = ()
    is_needed: bool = True
    refused: str = ""  # why it cannot be done as the world stands; an earlier step may change that


@dataclass(frozen=True, slots=True)
class Plan:
    """A remedy bound to real targets. An approval is for its hash, so every edit makes it another plan."""

    system: str
    environment: str
    cause: str  # BoundCause.id
    title: str
    target: str
    p: float  # P(cause) when it was made
    remedy: str
    is_relief: bool
    steps: tuple[PlanStep, ...]
    deciding: tuple[PlanCheck, ...]  # what named the cause: taken afresh before the first touch
    verify: tuple[PlanCheck, ...]
    verified_by: str
    healthy: tuple[PlanCheck, ...]
    touched: tuple[str, ...]  # targets
    blast: tuple[str, ...]  # targets that need them, directly or not
    risk: Risk
    made_at: datetime
    is_blind: bool = False  # nothing is healthy already: *worse* cannot be seen
    notes: tuple[str, ...] = ()
    engine: str = ""

    @property
    def is_typed(self) -> bool:
        """Whether a yes needs the target's name typed."""
        return self.risk in TYPED_RISKS


@dataclass(frozen=True, slots=True)
class Approval:
    """A yes to one exact plan. `by` is the name of the OS user: told, not proved. `typed` is the target's name.

    `is_asked` says that the person was asked just then, and did not say yes in advance by the plan's hash.
    """

    plan_hash: str
    by: str
    at: datetime
    typed: str = ""
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """When touching is allowed, in UTC: days from Monday 0, minutes of the day; it may go on past midnight."""

    days: tuple[int, ...]
    begin_min: int
    end_min: int


@dataclass(frozen=True, slots=True)
class TouchLimits:
    """What the system file allows. No window means at any time. `red_button` is a file that stops all touching."""

    windows: tuple[Window, ...] = ()
    max_touches_per_h: int = 30
    never_touch: tuple[str, ...] = ()
    red_button: str = ""
    may_run: bool = False  # free-form `run` in the team's own guides
    max_plan_age_s: float = 900.0
    settle_s: float = 20.0  # how long health may take to come back before it counts as lost


class End(Enum):
    """How a run ended."""

    FIXED = "fixed"
    RELIEVED = "relieved"
    NOT_BETTER = "not better"  # done, no worse, and not verified: a person goes on
    UNDONE = "undone"  # it got worse, and what was done was taken back
    NOT_UNDONE = "not undone"  # it got worse, and not all of it could be taken back
    VOID = "void"  # nothing was touched
    STOPPED = "stopped"  # in the middle: a guard, a refusal, a failed step; no worse
    INTERRUPTED = "interrupted"  # by a person, after the current step
    PERSON = "a person must look"  # nobody can tell whether a touch took effect


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a run taught: for learning which cause it was and which remedy held."""

    run: str
    at: datetime
    cause: str
    remedy: str
    is_relief: bool
    p: float
    end: End
    really: str = ""  # the cause that it really was, when that is known
    counts: Mapping[str, int] = field(default_factory=dict)  # touches by state
