"""Where a run stands. Built from its events alone, so a journal is enough to build it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from crashcart.model.plan import End, Plan, PlanStep, TouchLimits
from crashcart.model.truth import Truth
from crashcart.remedy.commands import Command


class Standing(Enum):
    """What became of a step."""

    TODO = "to do"
    ALREADY = "already so"
    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"  # tried, and it did not take effect
    UNKNOWN = "nobody knows"
    UNDOING = "being undone"
    UNDONE = "undone"
    KEPT = "not undone"


IN_EFFECT = (Standing.DONE, Standing.UNDOING, Standing.KEPT)


@dataclass(frozen=True, slots=True)
class State:
    """A run between two events. `pending` is the command that waits for its event, None when it is over."""

    plan: Plan
    plan_hash: str
    limits: TouchLimits
    steps: tuple[Standing, ...]
    pending: Command | None
    kept: tuple[Mapping[str, str], ...]  # by step: what the hand needs to know or undo what it did
    at: int = 0  # the step under way
    approved_by: str = ""
    health: Mapping[str, Truth] = field(default_factory=dict)  # before the first touch
    unseen_after: int = 0  # health items that held before and could not be seen afterwards
    is_verified: bool = False
    worse: tuple[str, ...] = ()
    stopped: str = ""  # why the steps ended before the last
    is_interrupted: bool = False
    is_resumed: bool = False  # the step under way was interrupted by a crash
    undo: tuple[int, ...] = ()  # steps still to be undone, the next one first
    notes: tuple[str, ...] = ()
    end: End | None = None
    why: str = ""

    @property
    def has_begun(self) -> bool:
        """Whether any step was begun: from then on the world may not be as it was."""
        return any(step not in (Standing.TODO, Standing.ALREADY) for step in self.steps)

    @property
    def in_effect(self) -> tuple[int, ...]:
        """The steps that took effect and were not undone."""
        return tuple(number for number, step in enumerate(self.steps) if step in IN_EFFECT)

    def step(self, number: int) -> PlanStep:
        """Return a step of the plan."""
        return self.plan.steps[number]

    def marked(self, number: int, standing: Standing) -> State:
        """Return this state with one step standing otherwise."""
        steps = (*self.steps[:number], standing, *self.steps[number + 1 :])
        return replace(self, steps=steps)

    def keeping(self, number: int, kept: Mapping[str, str]) -> State:
        """Return this state with what was kept for one step."""
        return replace(self, kept=(*self.kept[:number], dict(kept), *self.kept[number + 1 :]))

    def noting(self, note: str) -> State:
        """Return this state with a sentence for the person."""
        return replace(self, notes=(*self.notes, note))


class OutOfOrder(Exception):
    """An event came that nothing waited for: our own bug, or a journal that was put together by hand."""
