"""The score as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crashcart_lab.score import judge
from crashcart_lab.score.calibration import Bin, Confusion
from crashcart_lab.score.looks import NAMES, LooksUsed
from crashcart_lab.score.rate import Rate
from crashcart_lab.score.run import Control, Run
from crashcart_lab.score.scored import Scored
from crashcart_lab.score.summary import Less, Row, Seconds

HEAD = (
    f"{'fault':<26} {'first':>15} {'top 3':>7} {'decided':>8} {'p':>6} {'looks':>6} {'s':>6} {'p95 s':>6} "
    f"{'wrong':>6} {'left out':>9}"
)
CONFUSIONS = 20


def table(scored: Scored) -> str:
    """Return the figures by fault, what must hold, and what is not as it should be."""
    summary = scored.summary
    lines = [
        f"{scored.service} at {scored.commit}; seeds {numbers(scored.seeds)} ({scored.seeds_from})",
        made(scored),
        "",
        HEAD,
        *(_line(row) for row in summary.rows),
        _line(summary.total),
        "",
        f"{'ablation':<26} {'first':>15} {'top 3':>7} {'wrong':>7} {'took something':>15}",
        *(_less(one) for one in summary.total.less),
        "",
        *(f"{name:<18}{figures}" for name, figures in facts(scored)),
    ]
    for one in scored.calibration:
        lines += ["", f"calibration, {one.name} (error {one.error:.3f}):", *(f"  {_bin(entry)}" for entry in one.bins)]
    lines += ["", "looks used:", *(f"  {one}" for one in looks(scored.looks))] if scored.looks else []
    lines += ["", "taken for another:", *(f"  {one}" for one in _confusions(scored.confusions))]
    lines += ["", *(f"{'holds' if claim.is_held else 'FAILS':<6} {claim.text}" for claim in scored.claims)]
    lines += ["", "to look at:", *(f"  {one}" for one in scored.complaints)] if scored.complaints else []
    lines += ["", "not run, the budget was over:", *(f"  {one}" for one in scored.not_run)] if scored.not_run else []
    lines += ["", "not made:", *(f"  {one}" for one in scored.failures)] if scored.failures else []
    return "\n".join(lines)


def made(scored: Scored) -> str:
    """Return how much of the plan there is."""
    count = scored.summary.total.first.of
    healthy = scored.summary.healthy_silent.of
    left = len(scored.not_run)
    told = f"{count} runs with a fault and {healthy} without, of {scored.planned} planned"
    return f"{told}; {left} not run, the budget was over" if left else told


def facts(scored: Scored) -> Iterator[tuple[str, str]]:
    """Yield what no table shows: a name and its figures."""
    summary, total = scored.summary, scored.summary.total
    yield "distinct causes", str(summary.causes)
    yield "replayed", f"first in {bounds(total.replayed_first)}"
    yield (
        "healthy worlds",
        f"{bounds(summary.healthy_silent)} called healthy; seeds {numbers(scored.healthy_seeds) or 'none'}",
    )
    yield "blind", f"first in {total.blind_first.hits} of {total.blind_first.of}"
    yield "verdict at once", seconds(total.at_once)
    yield "two samples", seconds(total.watched)
    if worst := total.left_out:
        yield "left out, worst", f"{worst.p:.3f} for {worst.cause} ({worst.fault}, seed {worst.seed}: {worst.verdict})"


def looks(used: LooksUsed) -> Iterator[str]:
    """Yield how many looks the same verdicts took under each policy."""
    yield f"{used.compared} verdicts; {used.undecided} sweeps were not decided and have none to compare"
    if not used.compared:
        return
    yield f"one by one: ours {used.looks.get('ours', 0)}"
    for name, said in NAMES.items():
        count, ratio = used.looks.get(name, 0), used.ratios.get(name, 0.0)
        missed = f"; {used.missed[name]} never came to the verdict" if used.missed.get(name) else ""
        yield f"one by one: {said} {count}; ours takes {ratio:.2f} of it{missed}"
    shipped = ", ".join(f"{ratio:.2f} of {NAMES[name]}" for name, ratio in used.shipped_ratios.items())
    yield f"as it is, in batches: {used.shipped} looks in {used.rounds} rounds ({shipped})"


def complaints(runs: Sequence[Run], controls: Sequence[Control]) -> list[str]:
    """Return a line for each run that is not as it should be."""
    lines = [f"{run.fault}, seed {run.seed}: {what}; {run.case}" for run in runs for what in _wrongs(run)]
    return lines + [
        f"healthy, seed {one.seed}: {one.live.verdict}; said {one.words!r}"
        for one in controls
        if not judge.is_silent(one.live)
    ]


def _wrongs(run: Run) -> Iterator[str]:
    for name, answer in (("live", run.live), ("replayed", run.replayed)):
        if not judge.is_first(answer, run.truth):
            yield f"{name}: the true cause is not first ({answer.verdict})"
        if judge.blames_another(answer, run.truth):
            yield f"{name}: confidently wrong"
    for name, one in run.ablated.items():
        if judge.blames_another(one.answer, run.truth):
            yield f"{name}: confidently wrong"
    if judge.blames_another(run.left_out, run.truth):
        other = judge.best_other(run.left_out, run.truth)
        assert other is not None  # whoever is blamed is somebody
        yield f"left out: {other.cause} has {other.p:.3f} ({run.left_out.verdict})"


def _line(row: Row) -> str:
    left_out = f"{row.left_out.p:.3f}" if row.left_out else "-"
    took = row.watched if row.watched.runs > row.at_once.runs else row.at_once
    return (
        f"{row.name:<26} {bounds(row.first):>15} {of(row.among_first):>7} {of(row.named):>8} {row.p_median:>6.3f} "
        f"{row.looks_median:>6g} {took.median:>6.1f} {took.p95:>6.1f} {row.wrong.hits:>6} {left_out:>9}"
    )


def _less(one: Less) -> str:
    return (
        f"{one.name:<26} {bounds(one.first):>15} {of(one.among_first):>7} {of(one.wrong):>7} "
        f"{f'{one.taken_away}/{one.first.of}':>15}"
    )


def _bin(one: Bin) -> str:
    mark = "" if one.is_calibrated else "  outside its bounds"
    return f"{one.low:>4g} - {one.high:<4g} claimed {one.claimed:.3f}, true {bounds(one.true)}{mark}"


def _confusions(found: Sequence[Confusion]) -> Iterator[str]:
    for one in found[:CONFUSIONS]:
        yield f"{one.truth} for {one.said}: {one.times} x {one.where}, at most {one.p:.3f} ({one.example})"
    if len(found) > CONFUSIONS:
        yield f"and {len(found) - CONFUSIONS} pairs more, in the JSON"
    if not found:
        yield "none"


def seconds(one: Seconds) -> str:
    return f"median {one.median:.1f} s, p95 {one.p95:.1f} s, in {one.runs} runs" if one.runs else "no run"


def of(one: Rate) -> str:
    return f"{one.hits}/{one.of}"


def bounds(one: Rate) -> str:
    """Return `9/10 60-98%`: the count, and the bounds of 95 %."""
    return f"{of(one)} {100 * one.low:.0f}-{100 * one.high:.0f}%"


def numbers(seeds: Sequence[int]) -> str:
    """Return `0-9, 17`: runs of consecutive numbers drawn together."""
    spans: list[tuple[int, int]] = []
    for seed in seeds:
        if spans and seed == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], seed)
        else:
            spans.append((seed, seed))
    return ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in spans)
