"""Merging: shapes that say the same thing become one cluster.

Only shapes with equal gaps are compared. Three steps, each a function of all shapes and their counts together, so
that the order in which they came does not matter:

1. Words that are values by their looks are blanked; shapes that are then equal are one.
2. `_partition`: a set of shapes is one cluster if every place in which they differ looks like a value's place.
   If not, the place with the fewest words tells statements apart, and each part is tried in turn.
3. `_join_neighbours`: what differs in one place only is joined if the words there give reason to.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from crashcart.logs.mining.lex import HOLE, NOTHING, Shape, is_value

Key = tuple[str, ...]

# So many different words in one place are values whatever else is known; fewer need a reason.
_MANY = 5
# With fewer words than that, the place must still bring new ones: a keyword's vocabulary is closed, a value's is not.
# Good and Turing: the chance that the next line brings an unseen word is the share of lines whose word came once.
_FEW = 3
_NEW_WORD_SHARE = 0.1
_ROUNDS = 4
_64_BITS = (1 << 64) - 1
# What follows is the name of a person or a machine. Only these: "worker", "instance", "task" are followed by verbs
# as often, and a longer list made more wrong than right.
_INTRODUCES_A_NAME = frozenset(("user", "username", "account", "host", "node"))
_HOLES = {HOLE, NOTHING}
_QUALIFIED = re.compile(r"\w[./@\\$]+\w")
_NUMBERED = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Shapes taken as one statement: `key` has a hole where they differ, `members` are their places in the input."""

    gaps: tuple[str, ...]
    key: Key
    members: tuple[int, ...]
    lines: int


def cluster(shapes: Sequence[Shape], lines: Sequence[int]) -> list[Cluster]:
    """Return the clusters of shapes, given how many lines each stands for; every shape is in exactly one."""
    by_gaps: dict[tuple[str, ...], dict[Key, list[int]]] = defaultdict(lambda: defaultdict(list))
    for i, shape in enumerate(shapes):
        by_gaps[shape.gaps][_first_key(shape)].append(i)
    found: list[Cluster] = []
    for gaps, by_key in by_gaps.items():
        group = [Cluster(gaps, key, tuple(at), sum(lines[i] for i in at)) for key, at in by_key.items()]
        found.extend(_join_neighbours(_partition(group)))
    return found


def _first_key(shape: Shape) -> Key:
    key = tuple(HOLE if is_value(word, gap) else word for word, gap in zip(shape.words, shape.gaps, strict=False))
    # A line of nothing but values says nothing: what is left of it are its words.
    return key if _literals(key) or not _literals(shape.words) else shape.words


def _literals(words: Iterable[str]) -> int:
    return sum(1 for word in words if HOLE not in word and any(map(str.isalpha, word)))


def _joined(clusters: Sequence[Cluster]) -> Cluster:
    if len(clusters) == 1:
        return clusters[0]
    columns = zip(*(c.key for c in clusters), strict=True)
    key = tuple(column[0] if len(set(column)) == 1 else HOLE for column in columns)
    members = tuple(sorted(i for c in clusters for i in c.members))
    return Cluster(clusters[0].gaps, key, members, sum(c.lines for c in clusters))


def _partition(clusters: list[Cluster]) -> list[Cluster]:
    if len(clusters) == 1:
        return clusters
    columns = [set(column) for column in zip(*(c.key for c in clusters), strict=True)]
    words = [p for p, column in enumerate(columns) if len(column) > 1 and not _HOLES & column]
    if _is_one_statement(clusters, columns, words):
        return [_joined(clusters)]
    choice = words or [p for p, column in enumerate(columns) if len(column) > 1]
    at = min(choice, key=lambda p: (len(columns[p]), p))
    parts: dict[str, list[Cluster]] = defaultdict(list)
    for c in clusters:
        parts[c.key[at]].append(c)
    return [c for part in parts.values() for c in _partition(part)]


def _is_one_statement(clusters: Sequence[Cluster], columns: Sequence[set[str]], words: Sequence[int]) -> bool:
    fixed = _literals(next(iter(column)) for column in columns if len(column) == 1)
    if not fixed or fixed < len(words):
        return False
    gaps = clusters[0].gaps
    if any(q == p + 1 and gaps[q] == " " for p, q in pairwise(words)):
        return False  # two words side by side that both vary are a phrase, and phrases are statements
    # Little text around it is little evidence that the place is the same place.
    enough = {1: _MANY, 2: _FEW + 1}.get(fixed, _FEW)
    return all(
        _are_names(columns[p], clusters[0].key[p - 1] if p else "", fixed)
        or (len(columns[p]) >= enough and (len(columns[p]) >= _MANY or _is_open(clusters, p)))
        for p in words
    )


def _are_names(words: set[str], before: str, fixed: int) -> bool:
    """Say whether two words or more in one place are names of things: numbered, qualified, or said to be."""
    if fixed < 2:
        return False
    if before.lower() in _INTRODUCES_A_NAME:
        return True
    return 2 * sum(1 for word in words if _QUALIFIED.search(word) or _NUMBERED.search(word)) > len(words)


def _is_open(clusters: Sequence[Cluster], at: int) -> bool:
    seen: Counter[str] = Counter()
    for c in clusters:
        seen[c.key[at]] += c.lines
    return sum(1 for n in seen.values() if n == 1) >= _NEW_WORD_SHARE * sum(seen.values())


def _join_neighbours(clusters: list[Cluster]) -> list[Cluster]:
    for _ in range(_ROUNDS):
        if len(clusters) == 1:
            break
        fewer = _join_round(clusters)
        if len(fewer) == len(clusters):
            break
        clusters = fewer
    return clusters


def _join_round(clusters: Sequence[Cluster]) -> list[Cluster]:
    parent = list(range(len(clusters)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for at, alike in _neighbours(clusters):
        key = clusters[alike[0]].key
        fixed = _literals(key[:at] + key[at + 1 :])
        if _is_value_place({clusters[i].key[at] for i in alike}, key[at - 1] if at else "", fixed):
            for i in alike[1:]:
                parent[root(i)] = root(alike[0])
    families: dict[int, list[Cluster]] = defaultdict(list)
    for i, c in enumerate(clusters):
        families[root(i)].append(c)
    return [_joined(family) for family in families.values()]


def _neighbours(clusters: Sequence[Cluster]) -> list[tuple[int, list[int]]]:
    """Return (place, clusters that are equal but for that place), two or more each."""
    # A key without one place is told by the sum of its other words' numbers: building the shorter tuples would be
    # quadratic. The numbers are well mixed, not `hash` of (place, word), whose sums agree when two words swap places.
    marks: dict[tuple[int, str], int] = defaultdict(lambda: _mix(len(marks)))
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, c in enumerate(clusters):
        numbers = [marks[place] for place in enumerate(c.key)]
        whole = sum(numbers)
        for p, number in enumerate(numbers):
            alike[p, whole - number].append(i)
    return [(at, found) for (at, _), found in alike.items() if len(found) > 1]


def _mix(n: int) -> int:
    """Return 64 bits that look random: splitmix64 (Steele, Lea and Flood 2014)."""
    n = (n + 1) * 0x9E3779B97F4A7C15 & _64_BITS
    n = (n ^ n >> 30) * 0xBF58476D1CE4E5B9 & _64_BITS
    n = (n ^ n >> 27) * 0x94D049BB133111EB & _64_BITS
    return n ^ n >> 31


def _is_value_place(words: set[str], before: str, fixed: int) -> bool:
    if _HOLES & words:
        return fixed >= 1
    return (fixed >= 2 and len(words) >= _MANY) or _are_names(words, before, fixed)
