"""What a run wants done next. One at a time; each is answered by one event of `model.run`."""

from __future__ import annotations

from dataclasses import dataclass

from crashcart.model.plan import End, PlanCheck
from crashcart.model.run import Purpose


@dataclass(frozen=True, slots=True)
class AskYes:
    """Show the plan and ask for an approval. Answered by Approved."""


@dataclass(frozen=True, slots=True)
class KeepEvidence:
    """Keep log tails and observations as they are now. Answered by EvidenceKept."""


@dataclass(frozen=True, slots=True)
class Believe:
    """Take the deciding evidence afresh and weigh it. Answered by Believed."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Look afresh and judge. Answered by Judged.

    With `patience_s`, look again until all are true or the time is over: what was just restarted needs a moment.
    """

    purpose: Purpose
    checks: tuple[PlanCheck, ...]
    step: int = -1
    patience_s: float = 0.0
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class AskFacts:
    """Find out what the limits are judged by, before this step. Answered by Facts."""

    step: int


@dataclass(frozen=True, slots=True)
class Foresee:
    """Prepare all steps again, by looking alone. Answered by Foreseen."""


@dataclass(frozen=True, slots=True)
class Prepare:
    """Prepare one step, by looking alone. Answered by Ready."""

    step: int


@dataclass(frozen=True, slots=True)
class Begin:
    """Write down that this step begins. Answered by Began, once that is on the disk."""

    step: int


@dataclass(frozen=True, slots=True)
class DoTouch:
    """Touch, once. Answered by Ended."""

    step: int


@dataclass(frozen=True, slots=True)
class Wonder:
    """Find out whether a touch took effect. Answered by Wondered."""

    step: int


@dataclass(frozen=True, slots=True)
class AskPerson:
    """Have a person do something, and ask whether it is done. Answered by Answered."""

    step: int
    text: str


@dataclass(frozen=True, slots=True)
class BeginUndo:
    """Write down that undoing this step begins. Answered by UndoBegan, once that is on the disk."""

    step: int


@dataclass(frozen=True, slots=True)
class DoUndo:
    """Undo one step, once. Answered by UndoEnded."""

    step: int


@dataclass(frozen=True, slots=True)
class Finish:
    """Write down how the run ended. Answered by Finished."""

    end: End
    why: str


Command = (
    AskYes
    | KeepEvidence
    | Believe
    | Judge
    | AskFacts
    | Foresee
    | Prepare
    | Begin
    | DoTouch
    | Wonder
    | AskPerson
    | BeginUndo
    | DoUndo
    | Finish
)
