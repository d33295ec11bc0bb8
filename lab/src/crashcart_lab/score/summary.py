"""Many answers, counted. Pure: runs in, figures and claims out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crashcart_lab.product import Answer
from crashcart_lab.score import judge
from crashcart_lab.score.ablate import Ablation
from crashcart_lab.score.rate import Rate, median, p95, rate, wilson
from crashcart_lab.score.run import Control, Run

FIRST = 0.95
PACKS_ONLY_FIRST = 0.8
ABLATION_WRONG = 0.02
MEDIAN_S = 3.0
# With fewer runs a share is judged by its bounds: one bad run of six is no proof against 95 %.
ENOUGH = 20


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The likeliest other known cause when the true one is taken out of the guides."""

    p: float
    cause: str
    fault: str
    seed: int
    verdict: str


@dataclass(frozen=True, slots=True)
class Less:
    """How it went with something taken away; `taken_away` counts the runs in which there was something to take."""

    name: str
    first: Rate
    among_first: Rate
    wrong: Rate
    taken_away: int


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long a verdict took, live, from start to end of the command."""

    runs: int
    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class Row:
    """One fault, or all of them together."""

    name: str
    cause: str
    first: Rate
    among_first: Rate
    named: Rate
    replayed_first: Rate
    wrong: Rate
    blamed: Rate
    p_median: float
    looks_median: float
    at_once: Seconds  # no look stayed to take a second sample
    watched: Seconds  # some look did
    left_out: LeftOut | None
    less: tuple[Less, ...]
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


def summarise(runs: Sequence[Run], controls: Sequence[Control], *, judges_time: bool = True) -> Summary:
    """Count; the claims are those that any run of the score must meet."""
    names = dict.fromkeys(run.fault for run in runs)
    rows = tuple(_row(name, [run for run in runs if run.fault == name]) for name in names)
    total = _row("all", runs)
    silent = rate(judge.is_silent(one.live) for one in controls)
    return Summary(
        rows, total, len({run.truth for run in runs}), silent, _claims(total, silent, judges_time=judges_time)
    )


def _row(name: str, runs: Sequence[Run]) -> Row:
    def share(claim: Callable[[Answer, str], bool], answer: Callable[[Run], Answer]) -> Rate:
        return rate(claim(answer(run), run.truth) for run in runs)

    return Row(
        name,
        ", ".join(dict.fromkeys(run.truth for run in runs)),
        first=share(judge.is_first, lambda run: run.live),
        among_first=share(judge.is_among_first, lambda run: run.live),
        named=share(judge.is_named, lambda run: run.live),
        replayed_first=share(judge.is_first, lambda run: run.replayed),
        wrong=rate(judge.blames_another(one, run.truth) for run in runs for one in (run.live, run.replayed)),
        blamed=share(judge.blames_another, lambda run: run.left_out),
        p_median=median([judge.p_of(run.live, run.truth) for run in runs]),
        looks_median=median([run.live.looks for run in runs]),
        at_once=_seconds([run.live.took_s for run in runs if not run.is_watched]),
        watched=_seconds([run.live.took_s for run in runs if run.is_watched]),
        left_out=max(filter(None, map(_left_out, runs)), key=lambda one: one.p, default=None),
        less=tuple(_less(ablation.value, runs) for ablation in Ablation),
        blind_first=rate(judge.is_first(run.blind, run.truth) for run in runs if not run.blind.saw_anything),
    )


def _less(name: str, runs: Sequence[Run]) -> Less:
    told = [(run.ablated[name], run.truth) for run in runs]
    return Less(
        name,
        rate(judge.is_first(one.answer, truth) for one, truth in told),
        rate(judge.is_among_first(one.answer, truth) for one, truth in told),
        rate(judge.blames_another(one.answer, truth) for one, truth in told),
        sum(one.taken > 0 for one, _ in told),
    )


def _seconds(took_s: Sequence[float]) -> Seconds:
    return Seconds(len(took_s), median(took_s), p95(took_s))


def _left_out(run: Run) -> LeftOut | None:
    other = judge.best_other(run.left_out, run.truth)
    return LeftOut(other.p, other.cause, run.fault, run.seed, run.left_out.verdict) if other else None


def _claims(total: Row, silent: Rate, *, judges_time: bool) -> tuple[Claim, ...]:
    packs = next(one for one in total.less if one.name == Ablation.PACKS_ONLY.value)
    claims = [
        Claim("the true cause is among the first three in every run", _always(total.among_first)),
        Claim("the true cause is first in 95 %", _at_least(total.first, FIRST)),
        Claim("it is first in 95 % when the sweep is replayed", _at_least(total.replayed_first, FIRST)),
        Claim("no answer is confidently wrong (another cause above 0.8, or decided)", total.wrong.hits == 0),
        Claim("left out of the guides, it is never replaced by another", total.blamed.hits == 0),
        Claim("packs only: the true cause is first in 80 %", _at_least(packs.first, PACKS_ONLY_FIRST)),
        *(Claim(f"{one.name}: at most 2 % are confidently wrong", _at_most(one.wrong)) for one in total.less),
        Claim("who sees nothing never has it first", total.blind_first.hits == 0),
    ]
    if judges_time:
        text = f"median time to a verdict at most {MEDIAN_S:g} s, where no look takes two samples"
        claims.append(Claim(text, total.at_once.median <= MEDIAN_S))
    silence = [Claim("in a healthy world nothing is found wrong", _always(silent))] if silent.of else []
    return tuple(claims + silence)


def _always(one: Rate) -> bool:
    return 0 < one.of == one.hits


def _at_least(one: Rate, share: float) -> bool:
    if one.of >= ENOUGH:
        return one.share >= share
    return one.of > 0 and wilson(one.hits, one.of).high >= share


def _at_most(one: Rate) -> bool:
    return one.share <= ABLATION_WRONG if one.of >= ENOUGH else one.low <= ABLATION_WRONG
