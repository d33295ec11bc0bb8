"""Which looks next: the expected drop of entropy over the best hypotheses, for what a look costs."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest

from crashcart.diagnosis.belief import Belief, Standing, weigh_link
from crashcart.diagnosis.frame import Frame, Node
from crashcart.diagnosis.weights import (
    BATCH,
    BEST,
    BITS_PER_NAT,
    MIN_GAIN_BITS,
    NEGLIGIBLE,
    PER_LOOK_S,
    SHORTLIST,
    settle,
)
from crashcart.model.diagnosis import NextLook

NOTHING_WRONG = "nothing"  # the name of the empty hypothesis in `NextLook.separates`

# An **Only if** that does not hold rules its cause out; not quite 0 here, so that logarithms stay finite.
_CONDITION_FAILS = 0.02


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One of the best hypotheses: its probability, and the name of the class it is counted in."""

    name: str
    p: float


class Chooser:
    """The choice at one moment: fixed belief, many nodes compared."""

    def __init__(self, belief: Belief, standing: Standing) -> None:
        self._belief = belief
        self._frame = belief.frame
        self._standing = standing
        self.best = best_causes(belief.scores())
        self._is_best = frozenset(self.best)
        self._gains: dict[int, float] = {}

    def nodes(self) -> set[int]:
        """Return the nodes about which the best causes differ from the rest."""
        return {link.node for cause in self.best for link in self._frame.links[cause]}

    def gain(self, node: int) -> float:
        """Return the expected drop of entropy in bits, settled.

        Mutual information between the node's cell and the class of the fault. Unknown look-alikes count as one class
        a target, so telling known from unknown is worth as much as telling two causes apart.
        """
        if node not in self._gains:
            self._gains[node] = settle(self._information(node) * BITS_PER_NAT)
        return self._gains[node]

    def batch(self, nodes: Collection[int]) -> list[int]:
        """Return the nodes to look at together: the best for its cost first, then what tells most beside it.

        Looks of a batch run side by side, so one that is no slower than the slowest costs only its load.
        """
        frame = self._frame
        first = min(nodes, key=lambda n: (-_per_s(self.gain(n), frame.nodes[n]), n), default=None)
        if first is None:
            return []
        chosen, slowest = [first], frame.nodes[first].cost_s
        gains = {n: self.gain(n) for n in nodes if n != first and frame.nodes[n].cost_s <= slowest}
        while len(chosen) < BATCH and gains:
            short = nlargest(SHORTLIST, gains, key=lambda n: (gains[n], -n))
            for n in short:
                gains[n] = min(gains[n], self._beside(n, chosen[-1]))
            pick = max(short, key=lambda n: (gains[n], -n))
            if gains[pick] < MIN_GAIN_BITS:
                break
            chosen.append(pick)
            del gains[pick]
        return chosen

    def describe(self, node: int, *, blocked_because: str = "") -> NextLook:
        """Return the look with what it is expected to tell."""
        one = self._frame.nodes[node]
        return NextLook(
            one.key, one.looks, self.gain(node), one.cost_s, self._separates(node), blocked_because=blocked_because
        )

    def _linked(self, node: int) -> list[int]:
        return [cause for cause, _ in self._frame.users[node] if cause in self._is_best]

    def _information(self, node: int) -> float:
        rest = cells(self._frame, node)[1]
        known = self._linked(node)
        if not known:
            return 0.0
        standing, mass, parts = self._standing, 1.0, []
        classes: dict[str, list[tuple[float, tuple[float, ...]]]] = defaultdict(list)
        for cause in known:
            mine, kin = shapes(self._frame, cause, node)
            parts.append((standing.cause(cause), mine))
            classes[self._frame.kin_target[cause]].append((standing.kin(cause), kin))
            mass -= standing.cause(cause)
        for target, found in sorted(classes.items()):
            p = standing.unknown[target]
            other = max(0.0, p - math.fsum(q for q, _ in found))
            parts.append((p, _mix([*found, (other, rest)])))
            mass -= p
        parts.append((max(0.0, mass), rest))
        spread = _entropy(_mix(parts)) - math.fsum(p * _entropy(shape) for p, shape in parts)
        return max(0.0, spread)

    def _beside(self, node: int, other: int) -> float:
        """Return the gain of a node when another one of the batch is seen too, in bits."""
        shared = sorted({*self._linked(node), *self._linked(other)})
        mine, theirs = cells(self._frame, node)[1], cells(self._frame, other)[1]
        standing, mass, parts = self._standing, 1.0, []
        for cause in shared:
            a, b = shapes(self._frame, cause, node), shapes(self._frame, cause, other)
            parts += [(standing.cause(cause), a[0], b[0]), (standing.kin(cause), a[1], b[1])]
            mass -= standing.cause(cause) + standing.kin(cause)
        parts.append((max(0.0, mass), mine, theirs))
        joint = _entropy(_mix([(p, tuple(x * y for x in a for y in b)) for p, a, b in parts]))
        alone = _entropy(_mix([(p, b) for p, _, b in parts]))
        noise = math.fsum(p * _entropy(a) for p, a, _ in parts)
        return settle(max(0.0, joint - alone - noise) * BITS_PER_NAT)

    def _separates(self, node: int) -> tuple[str, ...]:
        """Return the likeliest cause with a stake here, and the likeliest hypothesis that expects something else."""
        linked = self._linked(node)
        if not linked:
            return ()
        first = max(linked, key=lambda cause: (settle(self._standing.cause(cause)), -cause))
        mine = shapes(self._frame, first, node)[0]
        others = [(one, self._shape(one.name, node)) for one in self._rivals() if one.name != self._name(first)]
        far = [(settle(one.p * _distance(mine, shape)), one.name) for one, shape in others]
        return (self._name(first), min(far, key=lambda pair: (-pair[0], pair[1]))[1]) if far else (self._name(first),)

    def _name(self, cause: int) -> str:
        return self._frame.net.causes[cause].id

    def _rivals(self) -> list[Hypothesis]:
        standing = self._standing
        found = [Hypothesis(self._name(cause), standing.cause(cause)) for cause in self.best[:20]]
        found += [Hypothesis(f"unknown:{target}", p) for target, p in standing.unknown.items()]
        return [*found, Hypothesis("unknown", standing.anywhere), Hypothesis(NOTHING_WRONG, standing.nothing)]

    def _shape(self, name: str, node: int) -> tuple[float, ...]:
        cause = self._frame.index.get(name)
        return cells(self._frame, node)[1] if cause is None else shapes(self._frame, cause, node)[0]


def best_causes(scores: Sequence[float]) -> list[int]:
    """Return the most probable causes, best first: at most BEST, none that is negligible beside the best."""
    least = max(scores, default=0.0) - NEGLIGIBLE
    near = [cause for cause, score in enumerate(scores) if score >= least and score > -math.inf]
    return nlargest(BEST, near, key=lambda cause: (scores[cause], -cause))


def cells(frame: Frame, node: int) -> tuple[tuple[tuple[bool, ...], ...], tuple[float, ...]]:
    """Return the cells of a node as truths by claim, and their probabilities when nothing here is the matter.

    One cell a claim, in which it is the most specific true one, and one in which none is true.
    """
    if node not in frame.cells:
        frame.cells[node] = _cells(frame.nodes[node])
    return frame.cells[node]


def _cells(node: Node) -> tuple[tuple[tuple[bool, ...], ...], tuple[float, ...]]:
    claims = range(len(node.checks))
    weights: dict[tuple[bool, ...], float] = {}
    for claim in claims:
        narrower = [i for i in claims if claim in node.implied[i] and i not in node.implied[claim]]
        taken = max((node.alarms[i] for i in narrower), default=0.0)
        truths = tuple(i in node.implied[claim] for i in claims)
        weights[truths] = max(node.alarms[claim] - taken, node.alarms[claim] / 2)
    none = tuple(False for _ in claims)
    weights[none] = max(0.05, 1.0 - math.fsum(weights.values()))
    total = math.fsum(weights.values())
    return tuple(weights), tuple(weight / total for weight in weights.values())


def shapes(frame: Frame, cause: int, node: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the probabilities of a node's cells under a cause and under its unknown look-alike.

    In proportion to probability without the cause times likelihood ratio: the update's own numbers, made to sum to 1.
    """
    kept = frame.shapes.get((cause, node))
    if kept is None:
        kept = frame.shapes[cause, node] = _shapes(frame, cause, node)
    return kept


def _shapes(frame: Frame, cause: int, node: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    link = next((link for link in frame.links[cause] if link.node == node), None)
    truths_of, base = cells(frame, node)
    if link is None:
        return base, base
    mine, kin = [], []
    for truths, p in zip(truths_of, base, strict=True):
        weight = weigh_link(link, truths, frame)
        holds = all(truths[claim] for claim in link.conditions)
        mine.append(p * math.exp(weight.cause) * (1.0 if holds else _CONDITION_FAILS))
        kin.append(p * math.exp(weight.kin))
    return _normal(mine), _normal(kin)


def _normal(weights: Sequence[float]) -> tuple[float, ...]:
    total = math.fsum(weights)
    return tuple(weight / total for weight in weights)


def _mix(parts: Sequence[tuple[float, tuple[float, ...]]]) -> tuple[float, ...]:
    """Return the average of the shapes by their masses; zeros when there is no mass."""
    total = math.fsum(p for p, _ in parts)
    if total <= 0.0:
        return tuple(0.0 for _ in parts[0][1])
    return tuple(math.fsum(p * shape[i] for p, shape in parts) / total for i in range(len(parts[0][1])))


def _entropy(shape: Iterable[float]) -> float:
    return -math.fsum(p * math.log(p) for p in shape if p > 0.0)


def _distance(a: Sequence[float], b: Sequence[float]) -> float:
    return math.fsum(abs(x - y) for x, y in zip(a, b, strict=True))


def _per_s(gain: float, node: Node) -> float:
    return settle(gain / (node.cost_s + PER_LOOK_S))


def worth_it(gains: Mapping[int, float], nodes: Sequence[Node]) -> set[int]:
    """Return the nodes that tell enough: a slow look must tell more, in proportion to its seconds."""
    return {n for n, gain in gains.items() if gain >= MIN_GAIN_BITS * max(1.0, nodes[n].cost_s)}
