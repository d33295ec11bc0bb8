"""Which causes could never be told from each other, whatever the system answers. Looks at the guides, not at a case."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from crashcart.diagnosis.choose import shapes
from crashcart.diagnosis.frame import Frame, lay_out
from crashcart.diagnosis.weights import DECIDED, decibans, settle
from crashcart.model.diagnosis import Difference, Twins
from crashcart.model.net import Net

# What takes two rivals of equal odds to "decided": 19 to 1, 12.8 dB.
ENOUGH_DB = decibans(math.log(DECIDED / (1.0 - DECIDED)))


def twins(net: Net, *, enough_db: float = ENOUGH_DB) -> tuple[Twins, ...]:
    """Return the pairs of causes that no look, and not all of them together, is expected to tell apart; worst first.

    The expectation is that of the log likelihood ratio under the cause that is true (its
    relative entropy), look by look, with looks taken as independent. Questions to people
    count as looks.
    """
    frame = lay_out(net)
    found = [
        _compare(frame, a, b, enough_db) for a, b in combinations(range(len(net.causes)), 2) if _may_meet(frame, a, b)
    ]
    return tuple(sorted((one for one in found if one.db < enough_db), key=lambda one: (one.db, one.first, one.second)))


def _may_meet(frame: Frame, a: int, b: int) -> bool:
    """Say whether both can be in the running at once: one cause at two targets that share nothing is no riddle."""
    return bool(set(frame.homes[a]) & set(frame.homes[b])) or bool(frame.staked[a] & frame.staked[b])


def _compare(frame: Frame, a: int, b: int, enough_db: float) -> Twins:
    nodes = sorted({link.node for cause in (a, b) for link in frame.links[cause]})
    found = [(node, _tells(frame, a, b, node)) for node in nodes]
    told = [
        Difference(frame.nodes[node].key, min(pair), frame.nodes[node].blocked_because)
        for node, pair in found
        if min(pair) > 0.0
    ]
    open_pairs = [pair for node, pair in found if not frame.nodes[node].blocked_because]
    db = min(math.fsum(pair[0] for pair in open_pairs), math.fsum(pair[1] for pair in open_pairs))
    names = sorted((frame.net.causes[a].id, frame.net.causes[b].id))
    ranked = sorted(told, key=lambda one: (-one.db, one.look))
    is_curable = settle(math.fsum(one.db for one in ranked)) >= enough_db
    return Twins(names[0], names[1], settle(db), tuple(ranked), is_curable)


def _tells(frame: Frame, a: int, b: int, node: int) -> tuple[float, float]:
    """Return the expected weight in decibans for a when a is true, and for b when b is."""
    mine, theirs = shapes(frame, a, node)[0], shapes(frame, b, node)[0]
    return _relative_entropy(mine, theirs), _relative_entropy(theirs, mine)


def _relative_entropy(p: Sequence[float], q: Sequence[float]) -> float:
    nats = math.fsum(x * math.log(x / y) for x, y in zip(p, q, strict=True) if x > 0.0)
    return decibans(max(0.0, nats))
