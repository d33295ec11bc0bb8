"""A net laid out for arithmetic: numbered causes, nodes (one a look), and the links between them. Built once a net."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from crashcart.diagnosis.cells import Implied, Shift, Stake, telling
from crashcart.diagnosis.claims import check_implies
from crashcart.diagnosis.weights import (
    CONDITION_ELSE,
    KIN_SHARE,
    KIN_SIGN,
    QUESTION_S,
    SHIFT_ELSE,
    UNKNOWN_PER_MONTH,
    WARN_ALARM,
    clamp,
    prior_odds_log,
)
from crashcart.model.net import (
    BoundCause,
    BoundCheck,
    BoundHealth,
    BoundProblem,
    Edge,
    Net,
)
from crashcart.model.observation import LookId


@dataclass(frozen=True, slots=True)
class Node:
    """One look with all that is claimed of it. `alarms` are P(true | nothing wrong), by claim."""

    key: str
    checks: tuple[str, ...]
    implied: Implied
    alarms: tuple[float, ...]
    looks: tuple[LookId, ...]
    cost_s: float
    is_question: bool
    blocked_because: str  # "" when at least one check can be asked


@dataclass(frozen=True, slots=True)
class Link:
    """What one cause expects of one node."""

    node: int
    stakes: tuple[Stake, ...]
    symptoms: tuple[Stake, ...]  # what is left when only that counts which its problems' other causes share
    shifts: tuple[Shift, ...]
    conditions: tuple[int, ...]  # claims that must hold
    idle: tuple[Stake, ...] = ()  # stakes that follow from the others: shown, never weighed

    @property
    def is_own(self) -> bool:
        """Whether this look could give the cause evidence of its own."""
        return any(not stake.is_symptom for stake in self.stakes)


@dataclass(frozen=True, slots=True)
class Vital:
    """A sign that a target is impaired: a health item that is false, or a symptom that is true."""

    node: int
    claim: int
    alarm: float
    is_symptom: bool
    check: str
    health: BoundHealth | None


@dataclass(slots=True)
class Frame:
    """The layout. Everything in here is fixed; `shapes` only remembers what was worked out (see `choose`)."""

    net: Net
    nodes: tuple[Node, ...]
    places: Mapping[str, tuple[int, int]]  # check key -> (node, claim)
    links: tuple[tuple[Link, ...], ...]  # by cause
    users: tuple[tuple[tuple[int, int], ...], ...]  # by node: (cause, position in its links)
    staked: tuple[frozenset[int], ...]  # by cause: the nodes on which it has stakes
    priors: tuple[float, ...]  # log odds, by cause
    index: Mapping[str, int]  # cause id -> number
    problems: Mapping[str, BoundProblem]
    homes: tuple[tuple[str, ...], ...]  # by cause: its own target and those of its problems
    kin_target: tuple[str, ...]  # by cause: the target under which its look-alike is reported
    kin_of: Mapping[str, tuple[int, ...]]  # the same the other way round
    health: Mapping[str, tuple[Vital, ...]]  # by target
    health_at: Mapping[int, tuple[str, ...]]  # node -> targets whose health it tells
    signs: Mapping[str, tuple[Vital, ...]]  # by target: health and symptoms
    signs_at: Mapping[int, tuple[str, ...]]  # node -> targets of which it is a sign
    told_by: Mapping[int, frozenset[int]]  # node of a sign -> claims on it that some cause holds as its own evidence
    above: Mapping[str, tuple[str, ...]]  # target -> those that need it, directly or not
    reach: Mapping[str, tuple[int, ...]]  # target -> causes that can impair it
    unknown_prior: Mapping[str, float]  # by target, log odds of the row that resembles no known cause
    shapes: dict[tuple[int, int], tuple[tuple[float, ...], tuple[float, ...]]] = field(default_factory=dict)
    cells: dict[int, tuple[tuple[tuple[bool, ...], ...], tuple[float, ...]]] = field(default_factory=dict)


def lay_out(net: Net) -> Frame:
    """Return the layout of a net; pure, and worth keeping when the same net is diagnosed again."""
    conditions = {key for cause in net.causes for key in cause.only_if}
    nodes = _nodes(net, conditions)
    places = {key: (i, claim) for i, node in enumerate(nodes) for claim, key in enumerate(node.checks)}
    problems = {problem.id: problem for problem in net.problems}
    links = _with_kin([_links(cause, net, nodes, places) for cause in net.causes], nodes)
    health = _health(net, places)
    signs = _signs(net, nodes, places, health)
    kin_target = tuple(_kin_target(cause, problems) for cause in net.causes)
    above = _above(net)
    return Frame(
        net=net,
        nodes=nodes,
        places=places,
        links=links,
        users=_users(links, len(nodes)),
        staked=tuple(frozenset(link.node for link in own if link.stakes) for own in links),
        priors=tuple(prior_odds_log(cause.per_month) for cause in net.causes),
        index={cause.id: i for i, cause in enumerate(net.causes)},
        problems=problems,
        homes=tuple(_homes(cause, problems) for cause in net.causes),
        kin_target=kin_target,
        kin_of=_kin_of(kin_target),
        health=health,
        health_at=_targets_at(health),
        signs=signs,
        signs_at=_targets_at(signs),
        told_by=_told_by(links, signs),
        above=above,
        reach=_reach(net, problems, above),
        unknown_prior=_unknown_priors(net, problems),
    )


def _nodes(net: Net, conditions: Iterable[str]) -> tuple[Node, ...]:
    groups: dict[str, list[BoundCheck]] = defaultdict(list)
    for key in sorted(net.checks):
        groups[net.checks[key].look_key].append(net.checks[key])
    alarms = {key: net.checks[key].false_alarm for key in net.checks}
    for key in conditions:
        alarms[key] = CONDITION_ELSE
    for cause in net.causes:
        for edge in cause.edges:
            alarms[edge.check] = max(alarms[edge.check], _otherwise(edge, net))
    return tuple(_node(key, groups[key], alarms) for key in sorted(groups))


def _node(key: str, checks: Sequence[BoundCheck], alarms: Mapping[str, float]) -> Node:
    open_checks = [check for check in checks if not check.unknown_because]
    looks = {look.id for check in open_checks or checks for look in (*check.looks, *check.others)}
    is_question = any(check.is_question for check in checks)
    return Node(
        key=key,
        checks=tuple(check.key for check in checks),
        implied=_implied(checks),
        alarms=tuple(clamp(alarms[check.key]) for check in checks),
        looks=tuple(sorted(looks)),
        cost_s=QUESTION_S if is_question else max(check.cost_s for check in checks),
        is_question=is_question,
        blocked_because="" if open_checks else checks[0].unknown_because,
    )


def _implied(checks: Sequence[BoundCheck]) -> Implied:
    if len(checks) == 1:
        return (frozenset((0,)),)
    return tuple(
        frozenset(j for j, b in enumerate(checks) if i == j or check_implies(a, b)) for i, a in enumerate(checks)
    )


def _otherwise(edge: Edge, net: Net) -> float:
    if edge.otherwise is not None:
        return clamp(edge.otherwise)
    return SHIFT_ELSE if edge.is_shift else clamp(net.checks[edge.check].false_alarm)


def _edges_once(cause: BoundCause) -> Iterable[Edge]:
    """Yield one edge a check: evidence before the symptom it repeats, then the more likely."""
    best: dict[tuple[str, bool], Edge] = {}
    for edge in cause.edges:
        key = (edge.check, edge.is_shift)
        kept = best.get(key)
        if kept is None or (not edge.is_symptom, edge.likelihood) > (not kept.is_symptom, kept.likelihood):
            best[key] = edge
    return (best[key] for key in sorted(best))


def _links(
    cause: BoundCause, net: Net, nodes: Sequence[Node], places: Mapping[str, tuple[int, int]]
) -> tuple[Link, ...]:
    stakes: dict[int, list[Stake]] = defaultdict(list)
    shifts: dict[int, list[Shift]] = defaultdict(list)
    conditions: dict[int, list[int]] = defaultdict(list)
    for edge in _edges_once(cause):
        node, claim = places[edge.check]
        h, otherwise = clamp(edge.likelihood), _otherwise(edge, net)
        if edge.is_shift:
            shifts[node].append(Shift(claim, h, otherwise))
        else:
            stakes[node].append(Stake(claim, h, otherwise, edge.is_symptom))
    for key in cause.only_if:
        conditions[places[key][0]].append(places[key][1])
    return tuple(
        _link(node, nodes[node].implied, stakes.get(node, ()), shifts.get(node, ()), conditions.get(node, ()))
        for node in sorted({*stakes, *shifts, *conditions})
    )


def _link(
    node: int, implied: Implied, stakes: Sequence[Stake], shifts: Sequence[Shift], conditions: Sequence[int]
) -> Link:
    kept = telling(stakes, implied)
    return Link(
        node,
        kept,
        telling([stake for stake in stakes if stake.is_symptom], implied),
        tuple(shifts),
        tuple(sorted(set(conditions))),
        tuple(stake for stake in stakes if stake not in kept) if len(kept) < len(stakes) else (),
    )


def _with_kin(links: Sequence[tuple[Link, ...]], nodes: Sequence[Node]) -> tuple[tuple[Link, ...], ...]:
    """Fill in `Stake.kin`: how likely the unknown look-alike shows a sign, by how many known causes share it."""
    sharing: dict[tuple[int, int], int] = defaultdict(int)
    for own in links:
        for link in own:
            implied = nodes[link.node].implied
            for claim in {other for stake in link.stakes for other in implied[stake.claim]}:
                sharing[link.node, claim] += 1
    same: dict[tuple[Stake, ...], tuple[Stake, ...]] = {}
    return tuple(tuple(_kin_link(link, sharing, same) for link in own) for own in links)


def _kin_link(
    link: Link, sharing: Mapping[tuple[int, int], int], same: dict[tuple[Stake, ...], tuple[Stake, ...]]
) -> Link:
    """Return the link with `Stake.kin`; equal stakes become one object, so that they are weighed once."""
    if not link.stakes:
        return link
    stakes = tuple(
        Stake(s.claim, s.h, s.f, s.is_symptom, s.h * (1.0 - (1.0 - KIN_SIGN) / sharing[link.node, s.claim]))
        for s in link.stakes
    )
    return Link(link.node, same.setdefault(stakes, stakes), link.symptoms, link.shifts, link.conditions, link.idle)


def _told_by(links: Sequence[tuple[Link, ...]], signs: Mapping[str, tuple[Vital, ...]]) -> Mapping[int, frozenset[int]]:
    nodes = {vital.node for found in signs.values() for vital in found}
    claims: dict[int, set[int]] = defaultdict(set)
    for own in links:
        for link in own:
            if link.node in nodes:
                claims[link.node] |= {stake.claim for stake in link.stakes if not stake.is_symptom}
    return {node: frozenset(found) for node, found in claims.items()}


def _users(links: Sequence[tuple[Link, ...]], count: int) -> tuple[tuple[tuple[int, int], ...], ...]:
    users: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for cause, own in enumerate(links):
        for position, link in enumerate(own):
            users[link.node].append((cause, position))
    return tuple(tuple(entry) for entry in users)


def _homes(cause: BoundCause, problems: Mapping[str, BoundProblem]) -> tuple[str, ...]:
    found = {problems[key].target for key in cause.problems if key in problems}
    return tuple(sorted(found | {cause.target}))


def _kin_target(cause: BoundCause, problems: Mapping[str, BoundProblem]) -> str:
    return next((problems[key].target for key in cause.problems if key in problems), cause.target)


def _health(net: Net, places: Mapping[str, tuple[int, int]]) -> Mapping[str, tuple[Vital, ...]]:
    found: dict[str, list[Vital]] = defaultdict(list)
    for item in sorted(net.healthy, key=lambda item: (item.target, item.check)):
        node, claim = places[item.check]
        alarm = clamp(net.checks[item.check].false_alarm)
        alarm = alarm if item.is_failure else max(alarm, WARN_ALARM)
        found[item.target].append(Vital(node, claim, alarm, False, item.check, item))
    return {target: tuple(vitals) for target, vitals in found.items()}


def _kin_of(kin_target: Sequence[str]) -> Mapping[str, tuple[int, ...]]:
    found: dict[str, list[int]] = defaultdict(list)
    for cause, target in enumerate(kin_target):
        found[target].append(cause)
    return {target: tuple(causes) for target, causes in sorted(found.items())}


def _targets_at(by_target: Mapping[str, tuple[Vital, ...]]) -> Mapping[int, tuple[str, ...]]:
    found: dict[int, set[str]] = defaultdict(set)
    for target, vitals in by_target.items():
        for vital in vitals:
            found[vital.node].add(target)
    return {node: tuple(sorted(targets)) for node, targets in found.items()}


def _signs(
    net: Net,
    nodes: Sequence[Node],
    places: Mapping[str, tuple[int, int]],
    health: Mapping[str, tuple[Vital, ...]],
) -> Mapping[str, tuple[Vital, ...]]:
    found: dict[str, dict[str, Vital]] = defaultdict(dict)
    for problem in net.problems:
        for key in problem.symptoms:
            node, claim = places[key]
            found[problem.target][key] = Vital(node, claim, nodes[node].alarms[claim], True, key, None)
    return {
        target: (*health.get(target, ()), *(found[target][key] for key in sorted(found[target])))
        for target in sorted({*health, *found})
    }


def _above(net: Net) -> Mapping[str, tuple[str, ...]]:
    """Return for each target those that need it; a cycle ends where it meets itself."""
    direct: dict[str, set[str]] = defaultdict(set)
    for target, needs in net.depends.items():
        for need in needs:
            direct[need].add(target)
    found: dict[str, tuple[str, ...]] = {}
    for target in net.targets:
        seen: set[str] = set()
        rest = sorted(direct.get(target, ()))
        while rest:
            other = rest.pop()
            if other not in seen:
                seen.add(other)
                rest += sorted(direct.get(other, ()))
        found[target] = tuple(sorted(seen - {target}))
    return found


def _reach(
    net: Net, problems: Mapping[str, BoundProblem], above: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[int, ...]]:
    found: dict[str, list[int]] = defaultdict(list)
    for i, cause in enumerate(net.causes):
        for target in sorted({*_homes(cause, problems), *above.get(cause.target, ())}):
            found[target].append(i)
    return {target: tuple(causes) for target, causes in found.items()}


def _unknown_priors(net: Net, problems: Mapping[str, BoundProblem]) -> Mapping[str, float]:
    rates: dict[str, float] = {}
    for cause in net.causes:
        for target in _homes(cause, problems):
            rates[target] = max(rates.get(target, 0.0), cause.per_month)
    targets = {*net.targets, *rates, *(problem.target for problem in net.problems)}
    most = {target: KIN_SHARE * rates[target] for target in rates}
    return {
        target: prior_odds_log(min(UNKNOWN_PER_MONTH, most.get(target, UNKNOWN_PER_MONTH)))
        for target in sorted(targets)
    }
