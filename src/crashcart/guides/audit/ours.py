"""Remarks on guides in our own language: what the compiler says, and what compiles and is thin all the same."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import combinations

from crashcart.errors import GuideErrors
from crashcart.guides.compile import compile_guide
from crashcart.guides.lint import remarks
from crashcart.guides.shell import FenceKind, Remark, Risk, check, commands
from crashcart.model.guide import ByHand, Cause, Check, Guide, Problem, Remedy
from crashcart.model.spec import Catalogue

from .nouns import flat

_SPAN = re.compile(r"(`+)(?!`)(.{2,2000}?)(?<!`)\1(?!`)")
_LINE = re.compile(r"line (\d+): (.*)", re.DOTALL)


def told_of_ours(
    text: str, catalogue: Catalogue, targets: Mapping[str, str], known: Mapping[str, Collection[str]] | None
) -> Iterator[Remark]:
    """Everything that is wrong with a guide of ours; when it does not compile, that and no more."""
    try:
        guide = compile_guide(text, catalogue, targets=targets, known=known)
    except GuideErrors as errors:
        for told in errors.complaints:
            yield Remark(
                told.code, told.span.line, flat(told.word), told.what, told.hint or "see `docs/reference/errors.md`"
            )
        return
    for said in remarks(guide):
        found = _LINE.fullmatch(said)
        if found:
            yield Remark("thin", int(found.group(1)), "", found.group(2), "see `docs/reference/language.md`")
    yield from _twins(guide)
    yield from _unverified(guide)
    yield from _steps(guide)


def _twins(guide: Guide) -> Iterator[Remark]:
    """Two causes whose evidence is the same cannot be told apart, whatever the system answers."""
    for problem in guide.problems:
        causes = [cause for cause in problem.causes if cause.link is None and cause.evidence.checks]
        for one, other in combinations(causes, 2):
            if _claims(one) == _claims(other):
                yield Remark(
                    "no-difference", other.span.line, flat(other.title), f'its evidence is that of "{flat(one.title, 80)}" (line {one.span.line})',
                    "add what only one of them leaves behind, or make one cause of them",
                )  # fmt: skip


def _claims(cause: Cause) -> frozenset[tuple[Check, float]]:
    return frozenset((item.check, item.likelihood.p if item.likelihood else 0.0) for item in cause.evidence.checks)


def _unverified(guide: Guide) -> Iterator[Remark]:
    """A problem without Verify is verified by Healthy; when that is by hand too, by nothing."""
    if guide.healthy.checks:
        return
    for problem in guide.problems:
        if not problem.verify.items and not any(cause.verify.items for cause in problem.causes):
            yield Remark(
                "no-verify", problem.span.line, flat(problem.title), "nothing that a machine can see says that the problem is over",
                "a list under **Verify**, or checks under **Healthy**",
            )  # fmt: skip


def _steps(guide: Guide) -> Iterator[Remark]:
    """The commands in steps by hand, as in any other guide."""
    for problem in guide.problems:
        for remedy in _remedies(problem):
            for step in remedy.steps:
                if isinstance(step.what, ByHand):
                    yield from _step(step.what, is_undoable=bool(step.undo or remedy.name))


def _step(step: ByHand, *, is_undoable: bool) -> Iterator[Remark]:
    for found in _SPAN.finditer(step.text):
        if " " not in found.group(2).strip():
            continue
        for command in commands(found.group(2).strip(), kind=FenceKind.COMMANDS, first_line=step.span.line):
            yield from (remark for remark in check(command) if remark.code != "missing-argument")
            is_told = re.search(
                r"los|delet|danger|remov|destroy|wip", step.text.replace(command.text, ""), re.IGNORECASE
            )
            if command.risk is Risk.DATA_LOSS and command.is_known and not is_told and not is_undoable:
                yield Remark(
                    "no-warning", command.line, flat(command.text), f"it may lose data ({flat(command.why, 120)}), and nothing says so",
                    "say what is lost, and nest an *undo* below the step",
                )  # fmt: skip


def _remedies(problem: Problem) -> Iterator[Remedy]:
    yield from problem.reliefs
    for cause in problem.causes:
        yield from (*cause.fixes, *cause.reliefs, *cause.undos)
