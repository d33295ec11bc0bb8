"""What is worth saying about a guide that compiles."""

from __future__ import annotations

from collections.abc import Iterator

from crashcart.errors import Complaint
from crashcart.guides.complaints import Complaints
from crashcart.guides.free import check_runs
from crashcart.guides.remedies import check_remedies
from crashcart.model.guide import Cause, Guide
from crashcart.model.spec import Catalogue


def remarks(guide: Guide) -> tuple[str, ...]:
    """Return what a writer should know, in order: parts that compile and that no engine uses yet, and thin causes."""
    return (*_unused(guide), *_thin(guide))


def errors(guide: Guide, catalogue: Catalogue) -> tuple[Complaint, ...]:
    """Return what is wrong with a guide that compiles: remedies that nothing verifies, or takes back, or may run."""
    complaints = Complaints(guide.path)
    check_remedies(guide, catalogue, complaints)
    check_runs(guide, complaints)
    return tuple(complaints.sorted())


def _unused(guide: Guide) -> Iterator[str]:
    causes = [cause for problem in guide.problems for cause in problem.causes]
    watches = [len(cause.watch.items) for cause in causes] + [len(problem.watch.items) for problem in guide.problems]
    escalations = [len(cause.escalate) for cause in causes] + [len(problem.escalate) for problem in guide.problems]
    counts = {
        "trials (Try)": sum(len(cause.tries.items) for cause in causes),
        "watches (Watch)": sum(watches),
        "routines (Task)": len(guide.tasks),
        "escalations (Escalate)": sum(escalations) + len(guide.escalate),
    }
    for what, count in counts.items():
        if count:
            yield f"{count} {what}: understood and checked, not carried out by this version"


def _thin(guide: Guide) -> Iterator[str]:
    for problem in guide.problems:
        if not problem.symptoms.checks:
            yield f'line {problem.span.line}: the problem "{problem.title}" has no symptom: nothing tells that it is there'
        for cause in problem.causes:
            if cause.link is None and not cause.evidence.checks:
                yield f'line {cause.span.line}: the cause "{cause.title}" has no evidence: it can never be named'
            if _has_no_remedy(cause):
                yield f'line {cause.span.line}: the cause "{cause.title}" has no Fix'


def _has_no_remedy(cause: Cause) -> bool:
    return cause.link is None and not cause.fixes and not cause.reliefs
