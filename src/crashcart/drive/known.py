"""The log texts that compiled guides quote as a sign of something wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crashcart.model.guide import Cause, Check, CheckList, Guide, Problem, StateClaim, Text
from crashcart.model.logs import KnownText

_LIKELY = 0.3  # evidence that comes less often with its cause is no sign of it


def known_texts(guides: Iterable[Guide]) -> tuple[KnownText, ...]:
    """Return each text with its place in the guides: symptoms of problems, likely evidence of causes."""
    found: dict[KnownText, None] = {}
    for guide in guides:
        for problem in guide.problems:
            found.update(dict.fromkeys(_of_problem(guide, problem)))
    return tuple(found)


def _of_problem(guide: Guide, problem: Problem) -> Iterator[KnownText]:
    for text in _texts(problem.symptoms):
        yield KnownText(text, guide.name, problem.id, "", problem.title)
    for cause in problem.causes:
        for text in _of_cause(cause):
            yield KnownText(text, guide.name, problem.id, cause.id, cause.title)


def _of_cause(cause: Cause) -> Iterator[str]:
    yield from _texts(cause.evidence)


def _texts(items: CheckList) -> Iterator[str]:
    for item in items.checks:
        is_likely = item.likelihood is None or item.likelihood.p >= _LIKELY
        if item.check.look.kind == "log" and is_likely and not _is_absence(item.check):
            yield from (arg.value.value for arg in item.check.look.args if isinstance(arg.value, Text))


def _is_absence(check: Check) -> bool:
    """Whether the check holds when the text is not there."""
    return any(
        isinstance(claim, StateClaim) and (claim.state == "unseen") != claim.is_negated for claim in check.claims
    )
