"""Evidence that is true when nothing is wrong, more often than the guide says: it blames a cause for what is usual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import comb

from crashcart.guides.judge import judge
from crashcart.guides.shell import Remark
from crashcart.model.net import Edge, Net
from crashcart.model.observation import LookId, Observation
from crashcart.model.spec import Catalogue
from crashcart.model.truth import Truth

from .nouns import flat

CHANCE = 0.05  # below this it is no chance any more that so many healthy runs have it
_MOST_RUNS = 1_000


@dataclass(frozen=True, slots=True)
class HealthyRun:
    """A sweep of a system in which nothing was wrong, and the guides bound to it."""

    net: Net
    seen: Mapping[LookId, Observation]


@dataclass(slots=True)
class _Count:
    """How often one line was true, of how often it was seen, and how often it may be."""

    sentence: str
    otherwise: float
    true: int = 0
    seen: int = 0
    judged: set[str] = field(default_factory=set)  # checks of the run at hand: one line may be bound to several targets


def true_when_well(guide: str, runs: Sequence[HealthyRun], catalogue: Catalogue) -> Iterator[Remark]:
    """Return the evidence lines of a guide that healthy runs contradict; conditions and symptoms are not evidence."""
    counts: dict[int, _Count] = {}
    for run in runs[:_MOST_RUNS]:
        _count(guide, run, catalogue, counts)
    for line, count in sorted(counts.items()):
        if count.true and _at_least(count.true, count.seen, count.otherwise) < CHANCE:
            yield Remark(
                "true-when-well", line, flat(count.sentence),
                f"it is true in {count.true} of {count.seen} healthy runs, and may be in {count.otherwise:.1%} of them",
                "move it under **Only if**, claim more, or say how often it is true anyway: `always, else often:`",
            )  # fmt: skip


def _count(guide: str, run: HealthyRun, catalogue: Catalogue, counts: dict[int, _Count]) -> None:
    for count in counts.values():
        count.judged.clear()
    edges = (edge for cause in run.net.causes for edge in cause.edges)
    for edge in edges:
        if edge.source.guide != guide or edge.is_symptom or edge.is_shift:
            continue
        count = counts.setdefault(edge.source.span.line, _Count(edge.source.sentence, _otherwise(edge, run.net)))
        if edge.check in count.judged:
            continue
        count.judged.add(edge.check)
        truth = judge(run.net.checks[edge.check], run.seen, catalogue).truth
        count.seen += truth is not Truth.UNKNOWN
        count.true += truth is Truth.TRUE


def _otherwise(edge: Edge, net: Net) -> float:
    return net.checks[edge.check].false_alarm if edge.otherwise is None else edge.otherwise


def _at_least(true: int, seen: int, p: float) -> float:
    """Return the probability that of so many runs at least that many have it by chance."""
    return max(0.0, 1.0 - sum(comb(seen, k) * p**k * (1.0 - p) ** (seen - k) for k in range(true)))
