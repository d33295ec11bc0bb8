"""Leave one out: the same net as if a cause had never been written down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from crashcart.model.net import BoundCause, BoundHealth, BoundProblem, Net


def without(net: Net, cause: str) -> Net:
    """Return the net without a cause, its edges and conditions, and the checks that nobody asks any more.

    `cause` is `target:guide.cause`, or `guide.cause` for all its targets; variants in brackets go with it. Its
    problems stay: their symptoms are still there when the fault is.
    """
    kept = tuple(one for one in net.causes if not _is_meant(one, cause))
    gone = tuple(one for one in net.causes if _is_meant(one, cause))
    orphans = _asked(gone, (), ()) - _asked(kept, net.problems, net.healthy)
    return replace(net, causes=kept, checks={key: net.checks[key] for key in net.checks if key not in orphans})


def _is_meant(one: BoundCause, cause: str) -> bool:
    name = f"{one.guide}.{one.cause}"
    return cause in (one.id, name, f"{one.target}:{name}")


def _asked(causes: Iterable[BoundCause], problems: Iterable[BoundProblem], healthy: Iterable[BoundHealth]) -> set[str]:
    by_causes = {key for cause in causes for key in (*cause.only_if, *(edge.check for edge in cause.edges))}
    by_problems = {key for problem in problems for key in problem.symptoms}
    return by_causes | by_problems | {item.check for item in healthy}
