"""Free-form `run`: an argument vector that a team's own guide writes out, and no shell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from crashcart.model.plan import BoundStep, Plan
from crashcart.model.touch import Touch

RUN = "run"  # the kind of action
_SHELLS = frozenset({"ash", "bash", "csh", "dash", "fish", "ksh", "mksh", "pwsh", "sh", "tcsh", "zsh"})


def vector(touch: Touch) -> tuple[str, ...]:
    """Return the program and its arguments, in order."""
    return tuple(value for name, value in touch.args if name in ("program", "arg"))


def shell_in(argv: Sequence[str]) -> str:
    """Return the shell that would read a line of text (`sh -c`, also behind `env` or `sudo`), "" when none does."""
    for at, word in enumerate(argv):
        name = PurePath(word).name
        if name in _SHELLS and any(_is_command_option(later) for later in argv[at + 1 :]):
            return name
    return ""


def _is_command_option(word: str) -> bool:
    is_short = word.startswith("-") and not word.startswith("--") and "c" in word
    return is_short or word.lower() in ("--command", "-command")


def runs(step: BoundStep) -> bool:
    """Say whether a step, or what the guide says to undo it, is a free-form run."""
    return any(touch.kind == RUN for touch in (step.touch, *step.undo_touches) if touch is not None)


def plan_runs(plan: Plan) -> bool:
    """Say whether any step of a plan is a free-form run."""
    return any(runs(entry.step) for entry in plan.steps)
