"""Where free-form `run` may stand: in a guide that the team wrote itself, and that the system file names."""

from __future__ import annotations

from collections.abc import Iterator

from crashcart.guides.complaints import Complaints
from crashcart.guides.names import refs_in
from crashcart.model.guide import Action, Guide, Remedy, Text, Trust
from crashcart.model.vector import RUN, shell_in

_NOT_OWN = "free-form `run` stands in a team's own guide alone"


def is_own(guide: Guide) -> bool:
    """Say whether a team stands behind every line of a guide; an imported one says `source` until it does."""
    return guide.trust is Trust.OWN and not guide.source


def refusal(guide: Guide, *, may_run: bool) -> str:
    """Return why a remedy of this guide that runs a program cannot be planned, "" when it can."""
    if not is_own(guide):
        return f"{_NOT_OWN}, and {guide.path or guide.name} is not"
    return "" if may_run else "free-form `run` is off: `allow_run = true` in [touching] of the system file allows it"


def check_runs(guide: Guide, complaints: Complaints) -> None:
    """Complain of every `run` that may not stand where it stands, or that is more than an argument vector."""
    for action in _runs(guide):
        if not is_own(guide):
            complaints.add(
                "guide-run-not-own", _NOT_OWN, action.span, word=action.text,
                hint=f'"By hand:"{", or taking `source` out of the front matter" if guide.source else ""}',
            )  # fmt: skip
        words = [arg.value.value for arg in action.args if isinstance(arg.value, Text)]
        shell = shell_in(words)
        if shell:
            complaints.add(
                "guide-run-shell", f"{shell} would read a line of text", action.span, word=shell,
                hint="the program itself with its arguments, or a file with those lines",
            )  # fmt: skip
        if words and any(refs_in(words[0], action.span)):
            complaints.add(
                "guide-run-program",
                "the program is filled in",
                action.span,
                word=words[0],
                hint="its path, written out",
            )


def _runs(guide: Guide) -> Iterator[Action]:
    for remedy in _remedies(guide):
        for step in remedy.steps:
            for what in (step.what, *step.undo):
                if isinstance(what, Action) and what.kind == RUN:
                    yield what


def _remedies(guide: Guide) -> Iterator[Remedy]:
    yield from guide.escalate
    for task in guide.tasks:
        yield from (*task.steps, *task.undos)
    for problem in guide.problems:
        yield from (*problem.reliefs, *problem.escalate)
        for cause in problem.causes:
            yield from (*cause.reliefs, *cause.fixes, *cause.undos, *cause.escalate)
