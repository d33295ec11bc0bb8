"""A remedy that touches says how it is checked, and how it is taken back or that it cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crashcart.guides.complaints import Complaints
from crashcart.model.guide import Action, Cause, Guide, Problem, Remedy, Step
from crashcart.model.spec import Catalogue

_IRREVERSIBLE = re.compile(r"\birreversibl[ey]\b", re.IGNORECASE)


def check_remedies(guide: Guide, catalogue: Catalogue, complaints: Complaints) -> None:
    """Complain of every Fix or Relief whose touches nothing verifies, or that nothing takes back without saying so."""
    is_healthy_known = any(item.severity != "warn" for item in guide.healthy.checks)
    for problem in guide.problems:
        for cause, remedy in _remedies(problem):
            touching = [step for step in remedy.steps if _touches(step)]
            if not touching:
                continue
            is_verified = bool(problem.verify.items or (cause is not None and cause.verify.items))
            if not is_verified and not is_healthy_known and not touching[-1].verify:
                complaints.add(
                    "guide-no-verify", "nothing tells whether this remedy held", remedy.span, word="Fix",
                    hint='a list under "**Verify**", in the cause or in its problem',
                )  # fmt: skip
            if cause is None or not cause.undos:
                _check_undo(touching, remedy, catalogue, complaints)


def _check_undo(steps: list[Step], remedy: Remedy, catalogue: Catalogue, complaints: Complaints) -> None:
    for step in steps:
        assert isinstance(step.what, Action)
        verb = catalogue.actions[step.what.kind].verb(step.what.verb)
        words = f"{step.before} {step.after} {remedy.note}"
        if step.undo or verb is None or verb.undo or _IRREVERSIBLE.search(words):
            continue
        what = f"{step.what.kind} {step.what.verb}"
        complaints.add(
            "guide-no-undo", f'"{what}" cannot be taken back, and the step does not say so', step.span, word=what,
            hint='the word "irreversible" in its sentence, or an "undo" nested in it',
        )  # fmt: skip


def _remedies(problem: Problem) -> Iterator[tuple[Cause | None, Remedy]]:
    yield from ((None, remedy) for remedy in problem.reliefs)
    for cause in problem.causes:
        yield from ((cause, remedy) for remedy in (*cause.fixes, *cause.reliefs))


def _touches(step: Step) -> bool:
    return isinstance(step.what, Action) and step.what.kind != "notify"
