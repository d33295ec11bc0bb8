"""Many answers, counted. Pure: runs in, figures and claims out."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from crashcart_lab.product import Answer
from crashcart_lab.score import judge
from crashcart_lab.score.run import Control, Run

# The 97.5 % point of the normal distribution: two-sided bounds of 95 %.
Z95 = 1.959964
PACKS_ONLY_FIRST = 0.8
ABLATION_WRONG = 0.02


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something was so, with Wilson's bounds for 95 %."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.hits / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The likeliest other known cause when the true one is taken out of the guides."""

    p: float
    cause: str
    fault: str
    seed: int
    verdict: str


@dataclass(frozen=True, slots=True)
class Row:
    """One fault, or all of them together; seconds and looks are those of the live diagnosis."""

    name: str
    cause: str
    first: Rate
    named: Rate
    replayed_first: Rate
    wrong: Rate
    blamed: Rate
    p_median: float
    looks_median: float
    seconds_median: float
    seconds_p95: float
    left_out: LeftOut | None
    packs_only_first: Rate
    packs_only_wrong: Rate
    no_logs_first: Rate
    no_logs_wrong: Rate
    blind_first: Rate  # among those that saw nothing at all


@dataclass(frozen=True, slots=True)
class Claim:
    """What must hold, and whether it does."""

    text: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole score."""

    rows: tuple[Row, ...]
    total: Row
    causes: int
    healthy_silent: Rate
    claims: tuple[Claim, ...]


def wilson(hits: int, of: int) -> Rate:
    """Return the rate with its bounds: Wilson's score interval (1927), without correction for continuity."""
    if of == 0:
        return Rate(0, 0, 0.0, 1.0)
    share, zz = hits / of, Z95 * Z95
    middle = share + zz / (2 * of)
    spread = Z95 * math.sqrt(share * (1 - share) / of + zz / (4 * of * of))
    scale = 1 + zz / of
    return Rate(hits, of, round(max(0.0, (middle - spread) / scale), 4), round(min(1.0, (middle + spread) / scale), 4))


def rate(truths: Iterable[bool]) -> Rate:
    counted = list(truths)
    return wilson(sum(counted), len(counted))


def p95(values: Sequence[float]) -> float:
    """Return the smallest value that 95 % do not exceed (nearest rank)."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1] if values else 0.0


def summarise(runs: Sequence[Run], controls: Sequence[Control]) -> Summary:
    """Count; the claims are those that any run of the score must meet."""
    names = dict.fromkeys(run.fault for run in runs)
    rows = tuple(_row(name, [run for run in runs if run.fault == name]) for name in names)
    total = _row("all", runs)
    silent = rate(is_silent(one.live) for one in controls)
    return Summary(rows, total, len({run.truth for run in runs}), silent, _claims(total, silent))


def is_silent(answer: Answer) -> bool:
    """Whether a healthy world is called so: "I cannot tell" does not count as silence."""
    return answer.verdict == judge.NOTHING_WRONG


def _row(name: str, runs: Sequence[Run]) -> Row:
    def share(claim: Callable[[Answer, str], bool], answer: Callable[[Run], Answer]) -> Rate:
        return rate(claim(answer(run), run.truth) for run in runs)

    seconds = [run.live.took_s for run in runs]
    return Row(
        name,
        ", ".join(dict.fromkeys(run.truth for run in runs)),
        first=share(judge.is_first, lambda run: run.live),
        named=share(judge.is_named, lambda run: run.live),
        replayed_first=share(judge.is_first, lambda run: run.replayed),
        wrong=rate(judge.blames_another(one, run.truth) for run in runs for one in (run.live, run.replayed)),
        blamed=share(judge.blames_another, lambda run: run.left_out),
        p_median=_median([judge.p_of(run.live, run.truth) for run in runs]),
        looks_median=_median([run.live.looks for run in runs]),
        seconds_median=_median(seconds),
        seconds_p95=p95(seconds),
        left_out=max(filter(None, map(_left_out, runs)), key=lambda one: one.p, default=None),
        packs_only_first=share(judge.is_first, lambda run: run.packs_only),
        packs_only_wrong=share(judge.blames_another, lambda run: run.packs_only),
        no_logs_first=share(judge.is_first, lambda run: run.no_logs),
        no_logs_wrong=share(judge.blames_another, lambda run: run.no_logs),
        blind_first=rate(judge.is_first(run.blind, run.truth) for run in runs if not run.blind.saw_anything),
    )


def _left_out(run: Run) -> LeftOut | None:
    other = judge.best_other(run.left_out, run.truth)
    return LeftOut(other.p, other.cause, run.fault, run.seed, run.left_out.verdict) if other else None


def _median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else 0.0


def _claims(total: Row, silent: Rate) -> tuple[Claim, ...]:
    claims = [
        Claim("the true cause is first in every run", _always(total.first)),
        Claim("it is first again when the sweep is replayed", _always(total.replayed_first)),
        Claim("no answer is confidently wrong (another cause above 0.8, or decided)", total.wrong.hits == 0),
        Claim("left out of the guides, it is never replaced by another", total.blamed.hits == 0),
        Claim("packs only: the true cause is first in 80 %", total.packs_only_first.share >= PACKS_ONLY_FIRST),
        Claim("packs only: at most 2 % are confidently wrong", total.packs_only_wrong.share <= ABLATION_WRONG),
        Claim("without logs: at most 2 % are confidently wrong", total.no_logs_wrong.share <= ABLATION_WRONG),
        Claim("who sees nothing never has it first", total.blind_first.hits == 0),
    ]
    silence = [Claim("in a healthy world nothing is found wrong", _always(silent))] if silent.of else []
    return tuple(claims + silence)


def _always(one: Rate) -> bool:
    return 0 < one.of == one.hits
