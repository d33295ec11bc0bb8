"""How many looks the same verdict costs under other policies, offline on recorded sweeps.

Run: python -m bench.policies CASE... [--json]

Each sweep is first diagnosed by the product as it is: *shipped*, in batches that are taken side by side, until it stops
by itself. Then, from the same evidence and by the same engine, look by look, until verdict and first cause are the same:
- *ours*: the look with the largest expected drop of entropy for its cost, as the product's chooser ranks them;
- *fixed*: one after the other as the guides stand, the team's own first;
- *strongest*: of the looks of the likeliest cause, the one whose coming true would weigh most.

These three are judged after each single look, by the bar that the product was judged by (0.95, or 0.8 when it found no
look worth its cost any more). *Shipped* is measured against the two others as well, which is not like with like: it
looks at health, symptoms and whatever costs about nothing before it weighs anything, and pays looks for fewer rounds.
A sweep that the product does not end as decided has no verdict to compare, and is counted apart.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import click

from crashcart import app
from crashcart.diagnosis import Frame, lay_out
from crashcart.diagnosis.belief import Belief
from crashcart.diagnosis.choose import Chooser
from crashcart.diagnosis.verdict import is_decided, leader
from crashcart.diagnosis.weights import DECIDED, LIKELY, PER_LOOK_S, clamp, noisy_or, settle
from crashcart.guides.judge import judge
from crashcart.model.case import Case
from crashcart.model.diagnosis import Stop, Verdict
from crashcart.model.guide import Trust
from crashcart.model.net import Edge, Finding, Net
from crashcart.model.observation import LookId, Observation, Unseen
from crashcart.storage import cases

Policy = Callable[[Belief, set[int]], int | None]  # what is known, and the nodes not looked at -> the next one
POLICIES = ("ours", "fixed", "strongest")


@dataclass(frozen=True, slots=True)
class Compared:
    """Looks taken until the verdict, for one sweep; `first` is "" where the product did not decide.

    `looks` by policy; `missed` are policies that took every look and never had the same verdict.
    """

    case: str
    first: str
    shipped: int
    rounds: int
    looks: Mapping[str, int]
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """All sweeps together. Ratios are of the sums: below 1 is fewer looks than the other."""

    compared: int
    undecided: int
    shipped: int
    rounds: int
    looks: Mapping[str, int]
    missed: Mapping[str, int]
    ratios: Mapping[str, float]  # ours over the other
    shipped_ratios: Mapping[str, float]


def compare(path: Path) -> Compared:
    """Return the looks that each policy needs on one sweep."""
    case = cases.read(path)
    result = app.replay_case(case)
    shipped, rounds = len(result.observations), len(result.diagnosis.rounds)
    first = result.diagnosis.first
    if result.diagnosis.verdict is not Verdict.DECIDED or first is None:
        return Compared(path.name, "", shipped, rounds, {}, ())
    frame = lay_out(result.net)
    bar = DECIDED if result.diagnosis.stop is Stop.DECIDED else LIKELY
    goal = _Goal(frame.index[first.cause], bar)
    policies = dict(zip(POLICIES, (_ours, _fixed(frame, case), _strongest(frame)), strict=True))
    found = {name: _looks(case, result.net, frame, goal, policy) for name, policy in policies.items()}
    missed = tuple(name for name, (_, is_there) in found.items() if not is_there)
    return Compared(
        path.name, first.cause, shipped, rounds, {name: count for name, (count, _) in found.items()}, missed
    )


@dataclass(frozen=True, slots=True)
class _Goal:
    """The verdict that the product ended with."""

    cause: int
    bar: float

    def is_reached(self, belief: Belief) -> bool:
        return leader(belief.scores()) == self.cause and is_decided(belief, belief.standing(), self.bar)


def _looks(case: Case, net: Net, frame: Frame, goal: _Goal, policy: Policy) -> tuple[int, bool]:
    """Return how many looks the policy takes until the verdict is the same, and whether it ever was."""
    recorded = {observation.look: observation for observation in case.observations}
    belief = Belief(frame)
    left = {n for n, node in enumerate(frame.nodes) if not node.is_question and not node.blocked_because}
    seen: dict[LookId, Observation] = {}
    while not goal.is_reached(belief):
        node = policy(belief, left)
        if node is None:
            return len(seen), False
        left.discard(node)
        for look in frame.nodes[node].looks:
            seen[look] = recorded.get(look) or Observation(look, Unseen("not recorded in this case"), case.now, 0.0)
        belief.feed(_judged(net, seen))
    return len(seen), True


def _judged(net: Net, seen: Mapping[LookId, Observation]) -> list[Finding]:
    ready = (c for c in net.checks.values() if c.looks and all(look.id in seen for look in (*c.looks, *c.others)))
    return [judge(check, seen, app.catalogue()) for check in ready]


def _ours(belief: Belief, left: set[int]) -> int | None:
    chooser, nodes = Chooser(belief, belief.standing()), belief.frame.nodes
    return max(left, key=lambda n: (settle(chooser.gain(n) / (nodes[n].cost_s + PER_LOOK_S)), -n), default=None)


def _fixed(frame: Frame, case: Case) -> Policy:
    """Return the policy that goes through the guides from top to bottom."""
    place = _places(frame, case)
    order = sorted(range(len(frame.nodes)), key=lambda n: (place.get(n, (9, "", 0)), n))
    return lambda belief, left: next((n for n in order if n in left), None)


def _places(frame: Frame, case: Case) -> dict[int, tuple[int, str, int]]:
    """Return by node where it is first asked: the team's own guides come first."""
    own = {text.path for text in case.guides if text.trust is not Trust.SHIPPED}
    found: dict[int, tuple[int, str, int]] = {}
    sources = [(item.check, item.source) for item in frame.net.healthy]
    sources += [(edge.check, edge.source) for cause in frame.net.causes for edge in cause.edges]
    for check, source in sources:
        node = frame.places[check][0]
        at = (0 if source.path in own else 1, source.path, source.span.line)
        found[node] = min(at, found.get(node, at))
    return found


def _strongest(frame: Frame) -> Policy:
    """Return the policy that takes the strongest look of whichever cause is on top."""
    weights = [_weights(cause.edges, frame) for cause in frame.net.causes]

    def chosen(belief: Belief, left: set[int]) -> int | None:
        scores = belief.scores()
        for cause in sorted(range(len(scores)), key=lambda c: (-scores[c], c)):
            if open_nodes := [n for n in weights[cause] if n in left]:
                return max(open_nodes, key=lambda n: (weights[cause][n], -n))
        return min(left, default=None)

    return chosen


def _weights(edges: Iterable[Edge], frame: Frame) -> dict[int, float]:
    """Return by node how much (as a likelihood ratio) its strongest claim would speak for the cause."""
    found: dict[int, float] = {}
    for edge in edges:
        node = frame.places[edge.check][0]
        alarm = clamp(edge.otherwise if edge.otherwise is not None else frame.net.checks[edge.check].false_alarm)
        found[node] = max(settle(noisy_or(edge.likelihood, alarm) / alarm), found.get(node, 0.0))
    return found


def totals(compared: Sequence[Compared]) -> Totals:
    """Return the sums over all sweeps that were decided, and how they compare."""
    decided = [one for one in compared if one.first]
    looks = {name: sum(one.looks[name] for one in decided) for name in POLICIES}
    shipped = sum(one.shipped for one in decided)
    others = [name for name in POLICIES[1:] if looks[name]]
    return Totals(
        len(decided),
        len(compared) - len(decided),
        shipped,
        sum(one.rounds for one in decided),
        looks,
        {name: sum(name in one.missed for one in decided) for name in POLICIES},
        {name: round(looks["ours"] / looks[name], 3) for name in others},
        {name: round(shipped / looks[name], 3) for name in others},
    )


def compare_all(paths: Sequence[Path], *, workers: int) -> list[Compared]:
    """Return the comparison of each sweep, in their order."""
    if workers <= 1 or len(paths) < 4:
        return [compare(path) for path in paths]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(compare, paths, chunksize=4))


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def main(paths: tuple[Path, ...], as_json: bool) -> None:
    """Compare the looks that policies of choice need on recorded sweeps."""
    compared = compare_all(paths, workers=os.cpu_count() or 1)
    summed = totals(compared)
    if as_json:
        click.echo(json.dumps({"v": 1, "totals": asdict(summed), "cases": [asdict(one) for one in compared]}))
        return
    click.echo(f"{'sweep':<34} {'shipped':>8} {'rounds':>7}  {'ours':>5} {'fixed':>6} {'strongest':>10}  one by one")
    for one in compared:
        counts = [one.looks.get(name, 0) for name in POLICIES]
        note = f"  never: {', '.join(one.missed)}" if one.missed else "" if one.first else "  not decided"
        click.echo(
            f"{one.case:<34} {one.shipped:>8} {one.rounds:>7}  {counts[0]:>5} {counts[1]:>6} {counts[2]:>10}{note}"
        )
    click.echo(
        f"{summed.compared} decided, {summed.undecided} not; looks shipped {summed.shipped}, {dict(summed.looks)}"
    )
    click.echo(f"ours over the others, one by one: {dict(summed.ratios)}")
    click.echo(f"shipped over the others: {dict(summed.shipped_ratios)}")


if __name__ == "__main__":
    main()
