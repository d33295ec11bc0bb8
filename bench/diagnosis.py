"""How long one decision takes: feed what a batch showed, weigh, choose the next batch. Run: python bench/diagnosis.py

Synthetic nets: problems of ten causes, two symptoms each, four signs of its own a cause, of which one is a cell on a
look that all ten share. Findings are drawn from the net itself with a fixed seed. Laying out a net is shown apart:
it is done once a net and kept.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from datetime import UTC, datetime

from crashcart.diagnosis import Brief, Session, lay_out
from crashcart.model.diagnosis import Given
from crashcart.model.guide import FieldClaim, Number, Rel, Severity, StateClaim
from crashcart.model.net import BoundCause, BoundCheck, BoundHealth, BoundProblem, Edge, Finding, Net, Source
from crashcart.model.observation import Look
from crashcart.model.spans import NOWHERE
from crashcart.model.truth import Quant, Truth

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = Source("bench", "bench.md", NOWHERE, "a sentence")
CAUSES_PER_PROBLEM, PROBLEMS_PER_TARGET = 10, 5
RATES = (3.0, 1.0, 0.2, 0.05, 0.01)
LIKELIHOODS = (0.98, 0.85, 0.6)


def check(target: str, look: str, claim: StateClaim | FieldClaim, cost: float) -> BoundCheck:
    bound = Look("http", target, look)
    return BoundCheck(f"{bound.id} => {claim}", bound.id, Quant.EACH, (bound,), (claim,), "", 0.01, cost)


def edge(one: BoundCheck, likelihood: float, *, is_symptom: bool = False) -> Edge:
    return Edge(one.key, likelihood, None, False, is_symptom, SOURCE)


def synthetic(count: int) -> Net:
    """Return a net with that many causes."""
    chance, seen = random.Random(1), StateClaim("seen")
    causes: list[BoundCause] = []
    problems: list[BoundProblem] = []
    healthy: list[BoundHealth] = []
    checks: dict[str, BoundCheck] = {}
    for p in range(count // CAUSES_PER_PROBLEM):
        target = f"t{p // PROBLEMS_PER_TARGET:04}"
        health = check(target, "health", FieldClaim("status", Rel.EQ, Number(200)), 0.1)
        symptoms = [check(target, f"symptom {p} {j}", seen, 0.1) for j in range(2)]
        if health.key not in checks:
            healthy.append(BoundHealth(health.key, target, True, SOURCE))
        checks |= {one.key: one for one in (health, *symptoms)}
        for i in range(CAUSES_PER_PROBLEM):
            own = [check(target, f"sign {p} {i} {j}", seen, chance.choice((0.1, 1.0))) for j in range(3)]
            own.append(check(target, f"answer {p}", FieldClaim("status", Rel.EQ, Number(400 + i)), 0.1))
            checks |= {one.key: one for one in own}
            edges = [edge(one, 0.85, is_symptom=True) for one in symptoms]
            edges += [edge(one, chance.choice(LIKELIHOODS)) for one in own]
            name = f"c{p:05}_{i}"
            rate, home = chance.choice(RATES), (f"{target}:g.p{p:05}",)
            causes.append(
                BoundCause(f"{target}:g.{name}", "g", name, target, name, rate, tuple(edges), (), home, SOURCE)
            )
        keys = tuple(sorted(one.key for one in symptoms))
        problems.append(
            BoundProblem(f"{target}:g.p{p:05}", "g", f"p{p:05}", target, "", Severity.HIGH, keys, (), SOURCE)
        )
    causes.sort(key=lambda one: one.id)
    targets = tuple(sorted({cause.target for cause in causes}))
    return Net(tuple(causes), tuple(problems), dict(sorted(checks.items())), tuple(healthy), targets)


def draw(net: Net, fault: BoundCause, chance: random.Random) -> dict[str, Finding]:
    """Return what every check would say while that fault is there."""
    likely = {one.check: one.likelihood for one in fault.edges}
    well = {item.check: item.target != fault.target for item in net.healthy}
    found = {}
    for key, one in net.checks.items():
        p = likely.get(key, one.false_alarm)
        truth = well[key] if key in well else chance.random() < p
        found[key] = Finding(key, Truth.TRUE if truth else Truth.FALSE, "")
    return found


def measure(count: int, sessions: int) -> None:
    """Print what laying out and deciding cost at that size."""
    net, chance = synthetic(count), random.Random(2)
    began = time.perf_counter()
    frame = lay_out(net)
    compile_ms = 1000 * (time.perf_counter() - began)
    gc.collect()
    gc.freeze()  # a net is laid out once and kept; without this, half of a decision is the collector walking over it
    by_look: dict[str, list[str]] = {}
    for key, one in net.checks.items():
        by_look.setdefault(one.look_key, []).append(key)
    first: list[float] = []
    later: list[float] = []
    right = 0
    for _ in range(sessions):
        fault = chance.choice(net.causes)
        found = draw(net, fault, chance)
        session = Session(Brief(net, NOW, alerts=(Given("down", fault.target, None),)), frame=frame)
        batch = session.next()
        while batch is not None:
            findings = [found[key] for look in batch.looks for key in by_look[look.look_key]]
            began = time.perf_counter()
            session.feed(findings)
            batch = session.next()
            (later if len(findings) < 200 else first).append(1000 * (time.perf_counter() - began))
        best = session.diagnosis().first
        right += best is not None and best.cause == fault.id
    everything = sorted(first + later)
    p99 = everything[min(len(everything) - 1, int(0.99 * len(everything)))]
    print(
        f"{count:6} causes: lay out {compile_ms:.0f} ms; {len(everything)} decisions, median"
        f" {statistics.median(everything):.1f} ms, p99 {p99:.1f} ms; after the first round (all symptoms at once)"
        f" {statistics.median(first or [0.0]):.1f} ms; first and true {right} of {sessions}"
    )


if __name__ == "__main__":
    measure(1_000, 60)
    measure(10_000, 20)
