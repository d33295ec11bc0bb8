"""A guide as a person reads it: sentences with the code behind them, in the order in which to ask."""

from __future__ import annotations

from dataclasses import dataclass

from crashcart.model.spec import Risk


@dataclass(frozen=True, slots=True)
class Sentence:
    """One item: how likely it is, what it says, and the check behind it ("" for what a person does)."""

    text: str
    code: str = ""
    likelihood: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """The items under one label."""

    label: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class StepTold:
    """One step; `risk` is None for what a person does, and for a task of some guide."""

    text: str
    code: str = ""
    risk: Risk | None = None
    only_if: tuple[Sentence, ...] = ()
    verify: tuple[Sentence, ...] = ()
    undo: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class RemedyTold:
    """A remedy with its label (*Fix*, *Relief: by hand*) and the words behind it."""

    label: str
    note: str
    steps: tuple[StepTold, ...]


@dataclass(frozen=True, slots=True)
class CauseTold:
    """A cause. `question` is what tells it best; None when nothing does. `link` is where it stands, if not here."""

    id: str
    title: str
    often: str
    prose: str
    link: str
    question: Sentence | None
    lists: tuple[Listed, ...]
    remedies: tuple[RemedyTold, ...]


@dataclass(frozen=True, slots=True)
class ProblemTold:
    """A problem with its causes in the order in which to ask for them."""

    id: str
    title: str
    prose: str
    lists: tuple[Listed, ...]
    remedies: tuple[RemedyTold, ...]
    causes: tuple[CauseTold, ...]


@dataclass(frozen=True, slots=True)
class TaskTold:
    """A routine."""

    id: str
    title: str
    every: str
    prose: str
    lists: tuple[Listed, ...]
    remedies: tuple[RemedyTold, ...]


@dataclass(frozen=True, slots=True)
class GuidePage:
    """One guide."""

    name: str
    title: str
    target_kind: str
    severity: str
    owner: str
    path: str
    prose: str
    sections: str  # Markdown as it stands
    lists: tuple[Listed, ...]
    remedies: tuple[RemedyTold, ...]
    problems: tuple[ProblemTold, ...]
    tasks: tuple[TaskTold, ...]
