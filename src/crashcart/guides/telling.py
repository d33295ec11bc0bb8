"""A compiled guide as a person reads it, with the question to ask first for each cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from crashcart.guides.show import show_action, show_check, show_frequency, show_likelihood, show_number
from crashcart.guides.words import LIKELIHOODS, NO_WORD
from crashcart.model.guide import (
    Action,
    ByHand,
    Cause,
    CheckList,
    Guide,
    Item,
    Problem,
    Remedy,
    Step,
    Task,
    TaskLink,
)
from crashcart.model.guide_page import (
    CauseTold,
    GuidePage,
    Listed,
    ProblemTold,
    RemedyTold,
    Sentence,
    StepTold,
    TaskTold,
)
from crashcart.model.spec import Catalogue

# How often a sign is there without its cause, where the guide does not say. Only the order of signs hangs on it.
_WITHOUT = 0.05


def tell_guide(guide: Guide, catalogue: Catalogue, linked: Iterable[Guide] = ()) -> GuidePage:
    """Return the guide as it is read; of the guides `linked` to, the causes that it takes from them."""
    teller = _Teller(
        catalogue, {**_causes("", guide), **{key: c for each in linked for key, c in _causes(each.name, each).items()}}
    )
    return GuidePage(
        name=guide.name,
        title=guide.title,
        target_kind=guide.target_kind,
        severity=guide.severity.value,
        owner=guide.owner,
        path=guide.path,
        prose=guide.prose,
        sections=guide.sections,
        lists=teller.lists(("Healthy", guide.healthy)),
        remedies=teller.remedies(("Escalate", guide.escalate)),
        problems=tuple(teller.problem(problem) for problem in guide.problems),
        tasks=tuple(teller.task(task) for task in guide.tasks),
    )


class _Teller:
    """Words for the parts of a guide."""

    def __init__(self, catalogue: Catalogue, causes: Mapping[tuple[str, str], Cause]) -> None:
        self._catalogue = catalogue
        self._causes = causes

    def problem(self, problem: Problem) -> ProblemTold:
        lists = (("Symptoms", problem.symptoms), ("Only if", problem.only_if), ("Read", problem.read))
        # What happens most is asked for first: that is how a person gets through with the fewest questions.
        causes = sorted(problem.causes, key=lambda cause: -cause.frequency.per_month)
        return ProblemTold(
            id=problem.id,
            title=problem.title,
            prose=problem.prose,
            lists=self.lists(*lists, ("Verify", problem.verify), ("Watch", problem.watch)),
            remedies=self.remedies(("Relief", problem.reliefs), ("Escalate", problem.escalate)),
            causes=tuple(self.cause(cause) for cause in causes),
        )

    def cause(self, cause: Cause) -> CauseTold:
        link = f"{cause.link.guide}#{cause.link.cause}" if cause.link is not None else ""
        if cause.link is not None and (cause.link.guide, cause.link.cause) in self._causes:
            told = self.cause(self._causes[cause.link.guide, cause.link.cause])
            remedies = self.remedies(("Fix", cause.fixes)) or told.remedies  # a fix that stands here is meant here
            return replace(
                told,
                id=cause.id,
                title=cause.title,
                often=show_frequency(cause.frequency),
                link=link,
                remedies=remedies,
            )
        lists = (("Only if", cause.only_if), ("Read", cause.read), ("Evidence", cause.evidence), ("Try", cause.tries))
        labelled = (("Relief", cause.reliefs), ("Fix", cause.fixes), ("Undo", cause.undos))
        question = _tells_most(cause.evidence.checks)
        return CauseTold(
            id=cause.id,
            title=cause.title,
            often=show_frequency(cause.frequency),
            prose=cause.prose,
            link=link,
            question=self.sentence(question) if question is not None else None,
            lists=self.lists(*lists, ("Verify", cause.verify), ("Watch", cause.watch)),
            remedies=self.remedies(*labelled, ("Escalate", cause.escalate)),
        )

    def task(self, task: Task) -> TaskTold:
        return TaskTold(
            id=task.id,
            title=task.title,
            every=show_number(task.every),
            prose=task.prose,
            lists=self.lists(("Only if", task.only_if), ("Verify", task.verify)),
            remedies=self.remedies(("Do", task.steps), ("Undo", task.undos)),
        )

    def lists(self, *found: tuple[str, CheckList]) -> tuple[Listed, ...]:
        return tuple(
            Listed(f"{label} {listed.note}".rstrip(), tuple(self._entry(item) for item in listed.items))
            for label, listed in found
            if listed.items
        )

    def _entry(self, item: Item | ByHand | TaskLink) -> Sentence:
        match item:
            case Item():
                return self.sentence(item)
            case ByHand():
                return Sentence(item.text, likelihood="by hand")
            case TaskLink():
                return Sentence(f"{item.text} ({_place(item)}) {item.after}".rstrip())

    def sentence(self, item: Item) -> Sentence:
        """Return an item: its words around the code, the code, and how likely it is."""
        told = " ".join(part for part in (item.before, item.after) if part)
        likelihood = show_likelihood(item.likelihood) if item.likelihood else item.severity
        if item.otherwise:
            likelihood = f"{likelihood or NO_WORD}, else {show_likelihood(item.otherwise)}"
        return Sentence(told, show_check(item.check, self._catalogue), likelihood)

    def remedies(self, *found: tuple[str, Iterable[Remedy]]) -> tuple[RemedyTold, ...]:
        return tuple(
            RemedyTold(
                f"{label}: {remedy.name}" if remedy.name else label,
                remedy.note,
                tuple(self._step(step) for step in remedy.steps),
            )
            for label, remedies in found
            for remedy in remedies
        )

    def _step(self, step: Step) -> StepTold:
        only_if = tuple(self.sentence(item) for item in step.only_if)
        verify = tuple(self.sentence(item) for item in step.verify)
        undo = tuple(self._undone(steps) for steps in step.undo)
        match step.what:
            case Action():
                text = " ".join(part for part in (step.before, step.after) if part)
                spec = self._catalogue.actions[step.what.kind].verb(step.what.verb)
                code = show_action(step.what, self._catalogue)
                return StepTold(text, code, spec.risk if spec else None, only_if, verify, undo)
            case ByHand():
                return StepTold(f"By hand: {step.what.text}", "", None, only_if, verify, undo)
            case TaskLink():
                text = f"{step.what.text} ({_place(step.what)}) {step.what.after}".rstrip()
                return StepTold(text, "", None, only_if, verify, undo)

    def _undone(self, step: Action | ByHand) -> Sentence:
        if isinstance(step, ByHand):
            return Sentence(step.text, likelihood="by hand")
        return Sentence("", show_action(step, self._catalogue))


def _causes(name: str, guide: Guide) -> dict[tuple[str, str], Cause]:
    """Return the causes that stand in a guide itself, by its name and their ids."""
    return {(name, cause.id): cause for problem in guide.problems for cause in problem.causes if cause.link is None}


def _place(link: TaskLink) -> str:
    return f"{link.guide}#{link.task}"


def _tells_most(items: Iterable[Item]) -> Item | None:
    """Return the sign that speaks most for its cause when it is there; the first of equals."""
    return max(_telling(items), key=_ratio, default=None)


def _telling(items: Iterable[Item]) -> Iterator[Item]:
    yield from (item for item in items if _ratio(item) > 1.0)


def _ratio(item: Item) -> float:
    p = item.likelihood.p if item.likelihood else LIKELIHOODS[NO_WORD]
    return p / (item.otherwise.p if item.otherwise else _WITHOUT)
