"""Links from one guide to causes and tasks, of itself and of others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from crashcart.guides.complaints import Complaints
from crashcart.guides.words import hint_for
from crashcart.model.guide import CauseLink, Guide, TaskLink


def check_links(guide: Guide, known: Mapping[str, Collection[str]] | None, complaints: Complaints) -> None:
    given = {f"={entry}" for entry in (*(need.role for need in guide.needs), *(param.name for param in guide.params))}
    own = given | {cause.id for problem in guide.problems for cause in problem.causes}
    for problem in guide.problems:
        for cause in problem.causes:
            if cause.link is not None:
                _check_link(cause.link, guide.name, own, known, complaints)
    tasks = {task.id for task in guide.tasks}
    for link in _task_links(guide):
        _check_link(link, guide.name, tasks, known, complaints)


def _task_links(guide: Guide) -> Iterator[TaskLink]:
    causes = [cause for problem in guide.problems for cause in problem.causes]
    lists = [guide.healthy]
    remedies = [*guide.escalate]
    for problem in guide.problems:
        lists += [problem.only_if, problem.read, problem.symptoms, problem.verify, problem.watch]
        remedies += [*problem.reliefs, *problem.escalate]
    for cause in causes:
        lists += [cause.only_if, cause.read, cause.evidence, cause.tries, cause.verify, cause.watch]
        remedies += [*cause.fixes, *cause.reliefs, *cause.undos, *cause.escalate]
    for task in guide.tasks:
        lists += [task.only_if, task.verify]
        remedies += [*task.steps, *task.undos]
    entries = [entry for found in lists for entry in found.items]
    steps = [step.what for remedy in remedies for step in remedy.steps]
    yield from (entry for entry in (*entries, *steps) if isinstance(entry, TaskLink))


def _check_link(
    link: CauseLink | TaskLink,
    name: str,
    own: Collection[str],
    known: Mapping[str, Collection[str]] | None,
    complaints: Complaints,
) -> None:
    noun, wanted = ("cause", link.cause) if isinstance(link, CauseLink) else ("task", link.task)
    if link.guide and link.guide != name:
        if known is None:
            return
        if link.guide not in known:
            complaints.add(
                "guide-unknown-guide",
                f'there is no guide "{link.guide}"',
                link.span,
                word=link.guide,
                hint=hint_for(link.guide, known),
            )
            return
        own = known[link.guide]
    where = f'the guide "{link.guide}"' if link.guide else "this guide"
    if wanted not in own:
        complaints.add(
            "guide-unknown-cause" if noun == "cause" else "guide-unknown-task",
            f'{where} has no {noun} "{wanted}"',
            link.span,
            word=wanted,
            hint=hint_for(wanted, [name for name in own if not name.startswith("=")]) or f"a {noun} with that id",
        )
    for given, _ in link.bindings if isinstance(link, CauseLink) else ():
        if given != "self" and f"={given}" not in own:
            names = ["self", *(entry[1:] for entry in own if entry.startswith("="))]
            complaints.add(
                "guide-bad-link", f'{where} has no role and no parameter "{given}"', link.span, word=given,
                hint=hint_for(given, names) or "self, a role or a parameter of it",
            )  # fmt: skip
