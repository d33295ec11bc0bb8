"""The score as text."""

from __future__ import annotations

from collections.abc import Sequence

from crashcart_lab.score import judge
from crashcart_lab.score.run import Control, Run
from crashcart_lab.score.scored import Scored
from crashcart_lab.score.summary import Rate, Row, is_silent

HEAD = (
    f"{'fault':<18} {'first':>13} {'decided':>8} {'p':>6} {'looks':>6} {'s':>6} {'p95 s':>6} "
    f"{'wrong':>6} {'left out':>9} {'packs':>6} {'no logs':>8}"
)


def table(scored: Scored) -> str:
    """Return the figures by fault, what must hold, and what is not as it should be."""
    summary, healthy = scored.summary, scored.summary.healthy_silent
    lines = [
        f"{scored.service} at {scored.commit}; seeds {_numbers(scored.seeds)}",
        "",
        HEAD,
        *(_line(row) for row in summary.rows),
        _line(summary.total),
        "",
        f"distinct causes   {summary.causes}",
        f"healthy worlds    {_bounds(healthy)} called healthy; seeds {_numbers(scored.healthy_seeds) or 'none'}",
        f"blind             first in {summary.total.blind_first.hits} of {summary.total.blind_first.of}",
    ]
    if worst := summary.total.left_out:
        lines.append(
            f"left out, worst   {worst.p:.3f} for {worst.cause} ({worst.fault}, seed {worst.seed}: {worst.verdict})"
        )
    claims = (*summary.claims, *scored.standins)
    lines += ["", *(f"{'holds' if claim.is_held else 'FAILS':<6} {claim.text}" for claim in claims)]
    lines += ["", "to look at:", *(f"  {one}" for one in scored.complaints)] if scored.complaints else []
    lines += ["", "not made:", *(f"  {one}" for one in scored.failures)] if scored.failures else []
    return "\n".join(lines)


def complaints(runs: Sequence[Run], controls: Sequence[Control]) -> list[str]:
    """Return a line for each run that is not as it should be."""
    lines = [f"{run.fault}, seed {run.seed}: {what}; {run.case}" for run in runs for what in _wrongs(run)]
    return lines + [
        f"healthy, seed {one.seed}: {one.live.verdict}; said {one.words!r}"
        for one in controls
        if not is_silent(one.live)
    ]


def _wrongs(run: Run) -> list[str]:
    found = []
    for name, answer in (("live", run.live), ("replayed", run.replayed)):
        if not judge.is_first(answer, run.truth):
            found.append(f"{name}: the true cause is not first ({answer.verdict})")
        if judge.blames_another(answer, run.truth):
            found.append(f"{name}: confidently wrong")
    if judge.blames_another(run.left_out, run.truth):
        other = judge.best_other(run.left_out, run.truth)
        assert other is not None  # whoever is blamed is somebody
        found.append(f"left out: {other.cause} has {other.p:.3f} ({run.left_out.verdict})")
    return found


def _line(row: Row) -> str:
    left_out = f"{row.left_out.p:.3f}" if row.left_out else "-"
    return (
        f"{row.name:<18} {_bounds(row.first):>13} {_of(row.named):>8} {row.p_median:>6.3f} {row.looks_median:>6g} "
        f"{row.seconds_median:>6.1f} {row.seconds_p95:>6.1f} {row.wrong.hits:>6} {left_out:>9} "
        f"{_of(row.packs_only_first):>6} {_of(row.no_logs_first):>8}"
    )


def _of(one: Rate) -> str:
    return f"{one.hits}/{one.of}"


def _bounds(one: Rate) -> str:
    """Return `9/10 60-98%`: the count, and the bounds of 95 %."""
    return f"{_of(one)} {100 * one.low:.0f}-{100 * one.high:.0f}%"


def _numbers(seeds: Sequence[int]) -> str:
    """Return `0-9, 17`: runs of consecutive numbers drawn together."""
    spans: list[tuple[int, int]] = []
    for seed in seeds:
        if spans and seed == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], seed)
        else:
            spans.append((seed, seed))
    return ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in spans)
