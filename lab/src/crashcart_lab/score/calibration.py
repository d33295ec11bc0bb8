"""Claimed probabilities against what was true, and which causes are taken for which. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from crashcart_lab.product import Answer
from crashcart_lab.score import judge
from crashcart_lab.score.rate import Rate, rate
from crashcart_lab.score.run import Run

# The words of reports change at 0.8 and 0.95; below, tenths would hold hardly anything.
EDGES = (0.0, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class Bin:
    """Claims of a probability within [low, high), the last one with its end: how many came true."""

    low: float
    high: float
    claimed: float  # mean of the probabilities
    true: Rate

    @property
    def is_calibrated(self) -> bool:
        """Whether what was claimed lies within the bounds of what was true."""
        return self.true.low <= self.claimed <= self.true.high


@dataclass(frozen=True, slots=True)
class Table:
    """The bins of one sort of answers. `error` is the expected calibration error: |claimed - true|, by count."""

    name: str
    bins: tuple[Bin, ...]
    error: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """A cause that stood before the true one, or level with it: how often, at most how probable, and where first."""

    truth: str
    said: str
    where: str
    times: int
    p: float
    example: str


def calibrate(name: str, told: Iterable[tuple[Answer, str]]) -> Table:
    """Return the reliability of every known cause in these answers, each with its truth."""
    claims = [(one.p, one.cause == truth) for answer, truth in told for one in answer.suspects if one.is_known]
    bins = []
    for low, high in pairwise(EDGES):
        inside = [(p, is_true) for p, is_true in claims if low <= p < high or p == high == 1.0]
        if inside:
            claimed = round(sum(p for p, _ in inside) / len(inside), 4)
            bins.append(Bin(low, high, claimed, rate(is_true for _, is_true in inside)))
    total = sum(one.true.of for one in bins)
    error = sum(abs(one.claimed - one.true.share) * one.true.of for one in bins) / total if total else 0.0
    return Table(name, tuple(bins), round(error, 4))


def tables(runs: Sequence[Run]) -> tuple[Table, ...]:
    """Return the reliability live, and over all ablations and causes left out, where more is in doubt."""
    less = [(one.answer, run.truth) for run in runs for one in run.ablated.values()]
    less += [(run.left_out, run.truth) for run in runs]
    return (calibrate("live", [(run.live, run.truth) for run in runs]), calibrate("with something taken away", less))


def confusions(runs: Sequence[Run]) -> tuple[Confusion, ...]:
    """Return what stood before the true cause, in any answer in which it was not left out; the worst first."""
    found: dict[tuple[str, str, str], list[tuple[float, str]]] = defaultdict(list)
    for run in runs:
        for where, answer in answers(run).items():
            mine = judge.p_of(answer, run.truth)
            for one in answer.suspects:
                if one.is_known and one.cause != run.truth and one.p >= mine and one.p > 0.0:
                    found[run.truth, one.cause, where].append((one.p, f"{run.fault}, seed {run.seed}"))
    listed = [
        Confusion(truth, said, where, len(times), max(p for p, _ in times), max(times)[1])
        for (truth, said, where), times in found.items()
    ]
    return tuple(sorted(listed, key=lambda one: (-one.p, -one.times, one.truth, one.said, one.where)))


def answers(run: Run) -> Mapping[str, Answer]:
    """Return every answer in which the true cause could have been named."""
    return {"live": run.live, "replayed": run.replayed} | {name: one.answer for name, one in run.ablated.items()}
