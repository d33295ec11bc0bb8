"""A touch: one action bound to a real target, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


@dataclass(frozen=True, slots=True)
class Touch:
    """One action of a plan, with every name replaced by what it stands for.

    `args` have the names of the verb's table and values as text, in base units (seconds, bytes). An argument
    `name = value` is two of them: `setting` and `value`. A secret value is never here: its argument is named in
    `secrets` and its value in `args` is the fingerprint. `key` is the same whenever this very step is tried again.
    """

    kind: str
    verb: str
    target: str
    args: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()
    key: str = ""

    def arg(self, name: str, default: str = "") -> str:
        """Return the argument of that name, as text."""
        return dict(self.args).get(name, default)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a touch would change, found out by looking alone. It goes into the journal before anything is touched.

    `kept` is all that `did_it_happen` and `undo` will need, without secrets: a value that may be one is kept in a
    file of ours (mode 0600) that `kept` names.
    """

    diff: tuple[str, ...]  # lines a person reads: "- was", "+ will be"; empty when nothing would change
    kept: Mapping[str, str] = field(default_factory=dict)
    is_needed: bool = True  # False: it is already as the step wants it
    refused: str = ""  # why it cannot be done at all; then nothing may be touched


class TouchState(Enum):
    """How a touch, or the undoing of one, ended."""

    DONE = "done"
    FAILED = "failed"  # it was tried and did not work; what it left is told by `did_it_happen`
    REFUSED = "refused"  # nothing was touched: the world is not as it was when the plan was made


@dataclass(frozen=True, slots=True)
class Touched:
    """The outcome of a touch, with a sentence for the person."""

    state: TouchState
    detail: str = ""


class Happened(Enum):
    """The answer to: did this touch take effect, although we were killed in the middle?"""

    YES = "yes"
    NO = "no"
    CANNOT_KNOW = "cannot know"
