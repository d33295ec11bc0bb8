"""One execution of a plan, as events: what the journal holds, and what a run is rebuilt from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from crashcart.model.net import Finding
from crashcart.model.plan import Approval, End, Plan, TouchLimits
from crashcart.model.touch import Happened, Prepared, Touched


class Purpose(Enum):
    """Why checks are judged in a run."""

    BEFORE = "health before"
    ONLY_IF = "only if"
    STEP_VERIFY = "verify of the step"
    VERIFY = "verify"
    AFTER = "health after"
    AGAIN = "what is worse, a second time"
    UNDONE = "health after the undo"


@dataclass(frozen=True, slots=True)
class Planned:
    """The first event of a run: the exact plan, and the limits that held."""

    run: str
    plan: Plan
    plan_hash: str
    limits: TouchLimits
    at: datetime


@dataclass(frozen=True, slots=True)
class Approved:
    """A person said yes."""

    approval: Approval


@dataclass(frozen=True, slots=True)
class Facts:
    """What the limits are judged by, right now.

    `age_s` is how old the plan's evidence is, by whichever clock says more; `drift_s` how far the wall clock went away
    from the monotonic one since.
    """

    at: datetime
    age_s: float
    drift_s: float
    is_stopped: bool  # the red button is pressed
    touches_last_h: int


@dataclass(frozen=True, slots=True)
class EvidenceKept:
    """The evidence as it was before anything was touched. `path` is "" when it could not be kept, and `note` says why."""

    path: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Believed:
    """P(cause) after its deciding evidence was taken afresh."""

    p: float
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """Checks judged afresh. `step` counts from 0, -1 when they belong to none."""

    purpose: Purpose
    findings: tuple[Finding, ...]
    step: int = -1


@dataclass(frozen=True, slots=True)
class Foreseen:
    """All steps prepared again right before the first touch, to be compared with the plan. `None` for steps by hand."""

    prepared: tuple[Prepared | None, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """One step prepared right before it is done."""

    step: int
    prepared: Prepared


@dataclass(frozen=True, slots=True)
class Began:
    """Written before a step is touched: from here on it may have happened."""

    step: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """Written after a step was touched."""

    step: int
    touched: Touched
    at: datetime


@dataclass(frozen=True, slots=True)
class Wondered:
    """The answer to: did it happen?"""

    step: int
    happened: Happened


@dataclass(frozen=True, slots=True)
class Answered:
    """What a person said of a step by hand, or of an undo by hand."""

    step: int
    is_done: bool
    by: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A person wants the run to stop after the current step."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Resumed:
    """A killed run goes on."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class UndoApproved:
    """A person said yes to taking back what a run has done. `head` is the journal's last hash, which the yes is for."""

    head: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class UndoBegan:
    """Written before a step is undone."""

    step: int
    at: datetime


@dataclass(frozen=True, slots=True)
class UndoEnded:
    """Written after a step was undone."""

    step: int
    touched: Touched
    at: datetime


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of a run, unless a person undoes it later."""

    end: End
    why: str
    at: datetime


Event = (
    Planned
    | Approved
    | Facts
    | EvidenceKept
    | Believed
    | Judged
    | Foreseen
    | Ready
    | Began
    | Ended
    | Wondered
    | Answered
    | Interrupted
    | Resumed
    | UndoApproved
    | UndoBegan
    | UndoEnded
    | Finished
)
