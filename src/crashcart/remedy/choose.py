"""From a diagnosis to the remedies worth trying, the one with the least expected cost of repair first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crashcart.model.diagnosis import Diagnosis
from crashcart.model.net import BoundCause, BoundCheck, Net, Source
from crashcart.model.observation import CLIENT, Look
from crashcart.model.plan import BoundRemedy, BoundStep, Plan, PlanCheck, PlanStep, worst
from crashcart.model.spans import NOWHERE
from crashcart.model.spec import Risk
from crashcart.model.touch import Touch
from crashcart.model.truth import Quant

LEAST_P = 0.02  # below this a remedy is not worth a line
TOUCH_S = 5.0
BY_HAND_S = 600.0  # somebody reads, thinks, types
# What a risk is worth in seconds of repair, for the target and for each that needs it: a restart is a minute of nobody
# being served, lost data an hour of a person's work, destruction a day of it.
RISK_S = {Risk.SAFE: 0.0, Risk.RESTARTS: 60.0, Risk.LOSES_DATA: 3600.0, Risk.DESTRUCTIVE: 86400.0}
RELIEF_WORTH = 0.5  # the symptoms end, the cause stays and must be fixed as well
# A guess of four tries of which nine in ten held, until outcomes say better (Beta prior).
_TRIES, _HELD = 4.0, 0.9


@dataclass(frozen=True, slots=True)
class Candidate:
    """A remedy that may be planned, with what it is expected to cost in seconds until the repair."""

    remedy: BoundRemedy
    cause: BoundCause
    p: float  # that its cause is there; of remedies that touch alike, of all their causes together
    risk: Risk
    touched: tuple[str, ...]
    blast: tuple[str, ...]
    cost_s: float


Record = tuple[int, int]  # how often a remedy held, how often it was tried


def candidates(
    diagnosis: Diagnosis,
    net: Net,
    remedies: Mapping[str, tuple[BoundRemedy, ...]],
    *,
    records: Mapping[tuple[str, str], Record] | None = None,
) -> tuple[Candidate, ...]:
    """Return the remedies of the ranked causes, the least expected cost first; ties by cause and name.

    `records` tells by (guide cause, remedy name) what became of earlier runs. A remedy that cannot be bound here comes
    last.
    """
    causes = {cause.id: cause for cause in net.causes}
    likely = {row.cause: row.p for row in diagnosis.ranked if row.cause in causes and not row.ruled_out_by}
    found = [
        _candidate(causes[key], remedy, p, net, records or {}, remedies.get(key, ()))
        for key, p in likely.items()
        if p >= LEAST_P
        for remedy in remedies.get(key, ())
        if remedy.steps or remedy.unbound_because
    ]
    found = [_joined(entry, found) for entry in found]
    return tuple(sorted(found, key=_order))


def of_cause(
    cause: str, diagnosis: Diagnosis, net: Net, remedies: Mapping[str, tuple[BoundRemedy, ...]]
) -> tuple[Candidate, ...]:
    """Return the remedies of one cause that a person chose, however unlikely it is."""
    bound = next(entry for entry in net.causes if entry.id == cause)
    p = next((row.p for row in diagnosis.ranked if row.cause == cause), 0.0)
    of_it = remedies.get(cause, ())
    found = [_candidate(bound, remedy, p, net, {}, of_it) for remedy in of_it]
    return tuple(sorted(found, key=_order))


def _order(entry: Candidate) -> tuple[bool, float, str, str]:
    return bool(entry.remedy.unbound_because), round(entry.cost_s, 9), entry.cause.id, entry.remedy.name


def _candidate(
    cause: BoundCause,
    remedy: BoundRemedy,
    p: float,
    net: Net,
    records: Mapping[tuple[str, str], Record],
    alternatives: Sequence[BoundRemedy],
) -> Candidate:
    risk = worst(tuple(step.risk for step in remedy.steps))
    touched = _touched(remedy)
    blast = blast_radius(touched, net.depends)
    held, tried = records.get((f"{cause.guide}.{cause.cause}", remedy.name), (0, 0))
    success = (_TRIES * _HELD + held) / (_TRIES + tried)
    worth = RELIEF_WORTH if remedy.is_relief else 1.0
    cost = (_duration_s(remedy) + _risk_s(remedy, net, alternatives)) / max(p * worth * success, 1e-9)
    return Candidate(remedy, cause, p, risk, touched, blast, cost)


def _touched(remedy: BoundRemedy) -> tuple[str, ...]:
    return tuple(sorted({step.touch.target for step in remedy.steps if step.touch is not None}))


def _risk_s(remedy: BoundRemedy, net: Net, alternatives: Sequence[BoundRemedy]) -> float:
    """Return what the risk of a remedy is worth. What a person does by hand risks no less than what a machine would."""
    if _touched(remedy) or not remedy.steps:
        risk = worst(tuple(step.risk for step in remedy.steps))
        return RISK_S[risk] * (1 + len(blast_radius(_touched(remedy), net.depends)))
    return min((_risk_s(other, net, ()) for other in alternatives if _touched(other)), default=0.0)


def _joined(entry: Candidate, others: Sequence[Candidate]) -> Candidate:
    """Return a remedy with the probability of all causes that the very same touches would end."""
    own = _touches(entry)
    if not own:
        return entry
    alike = {other.cause.id: other.p for other in others if _touches(other) == own}
    p = min(1.0, sum(alike.values()))
    return replace(entry, p=p, cost_s=entry.cost_s * entry.p / p) if p else entry


def _touches(entry: Candidate) -> tuple[Touch | None, ...]:
    steps = entry.remedy.steps
    return tuple(step.touch for step in steps) if all(step.touch is not None for step in steps) else ()


def _duration_s(remedy: BoundRemedy) -> float:
    steps = sum(TOUCH_S if step.touch is not None else BY_HAND_S for step in remedy.steps)
    return steps + max(((entry.check.hold_s or 0.0) for entry in remedy.verify), default=0.0)


def blast_radius(touched: Sequence[str], depends: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the targets that need one of these, directly or through others, without these themselves."""
    reached = set(touched)
    while more := {name for name, needs in depends.items() if name not in reached and reached.intersection(needs)}:
        reached |= more
    return tuple(sorted(reached.difference(touched)))


# -- values that are asked for


def answered(remedy: BoundRemedy, values: Mapping[tuple[int, str], tuple[str, str]]) -> BoundRemedy:
    """Return a remedy with the values that were asked for, by (step from 1, setting): (value, how it is shown).

    Of a secret the value here is its fingerprint: the secret itself never comes this way.
    """
    steps = tuple(_filled(step, number, values) for number, step in enumerate(remedy.steps, start=1))
    return replace(remedy, steps=steps)


def _filled(step: BoundStep, number: int, values: Mapping[tuple[int, str], tuple[str, str]]) -> BoundStep:
    text, touch = step.text, step.touch
    for name, is_secret in step.asked:
        if (number, name) not in values or touch is None:
            continue
        value, shown = values[number, name]
        touch = replace(touch, args=(*[pair for pair in touch.args if pair[0] != "value"], ("value", value)))
        before, mark, after = text.rpartition("= ?secret" if is_secret else "= ?")
        text = f"{before}= {shown}{after}" if mark else text
    return replace(step, touch=touch, text=text)


def open_values(remedy: BoundRemedy) -> tuple[tuple[int, str, bool], ...]:
    """Return what must still be asked for: (step from 1, setting, is secret)."""
    return tuple(
        (number, name, is_secret)
        for number, step in enumerate(remedy.steps, start=1)
        for name, is_secret in step.asked
        if step.touch is not None and not step.touch.arg("value")
    )


# -- the plan


def deciding(cause: BoundCause, net: Net) -> tuple[PlanCheck, ...]:
    """Return what named the cause: its evidence, symptoms and conditions, as far as a machine can look at them."""
    sources = {edge.check: edge.source for edge in cause.edges} | dict.fromkeys(cause.only_if, cause.source)
    found = ((net.checks[key], source) for key, source in sorted(sources.items()) if key in net.checks)
    return tuple(PlanCheck(check, source) for check, source in found if check.looks and not check.is_question)


def healthy(net: Net) -> tuple[PlanCheck, ...]:
    """Return what holds when all is well, of all guides at all targets; warnings left out."""
    found = {entry.check: entry.source for entry in net.healthy if entry.is_failure and net.checks[entry.check].looks}
    return tuple(PlanCheck(net.checks[key], source) for key, source in sorted(found.items()))


def client(argv: Sequence[str], within_s: float, system: str) -> PlanCheck | None:
    """Return the check by the client of the system file, None when there is none. Only a run may ask it."""
    if not argv:
        return None
    look = Look(CLIENT, system, args=tuple((str(at), word) for at, word in enumerate(argv)))
    text = f"well within {within_s:g} s"
    check = BoundCheck(f"{CLIENT} {{{system}}} => {text}", look.id, Quant.EACH, (look,), (), text, 0.0, within_s)
    return PlanCheck(check, Source("", "", NOWHERE, "a user is served"))


def plan(
    candidate: Candidate,
    net: Net,
    steps: Sequence[PlanStep],
    *,
    system: str,
    environment: str,
    now: datetime,
    engine: str,
    is_blind: bool,
    client: PlanCheck | None = None,
) -> Plan:
    """Return the plan that a yes is asked for. `now` is when its evidence was taken."""
    remedy, cause = candidate.remedy, candidate.cause
    outside = (client,) if client is not None else ()
    notes = [_told_client(entry) for entry in outside]
    if is_blind:
        notes.append("nothing is healthy already: whether it gets *worse* cannot be seen")
    if not remedy.verify and not outside:
        notes.append("nothing verifies it: a person must look whether it held")
    if remedy.is_relief:
        notes.append("this ends the symptoms and leaves the cause")
    return Plan(
        system=system, environment=environment, cause=cause.id, title=cause.title, target=cause.target,
        p=round(candidate.p, 9), remedy=remedy.name, is_relief=remedy.is_relief, steps=tuple(steps),
        deciding=deciding(cause, net), verify=(*remedy.verify, *outside), verified_by=remedy.verified_by, healthy=(*healthy(net), *outside),
        touched=candidate.touched, blast=candidate.blast, risk=candidate.risk, made_at=now, is_blind=is_blind,
        notes=tuple(notes), engine=engine,
    )  # fmt: skip


def _told_client(entry: PlanCheck) -> str:
    argv = " ".join(value for _, value in entry.check.looks[0].args)
    return f"with your yes, the client of the system file acts as a user before and after: {argv}"
