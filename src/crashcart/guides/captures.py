"""What the checks of a guide caught, and which of its names wait for that.

`<job>` in log text binds `{job}`, `as x` binds `{x.text}`, `{x.where}`, `{x.at}`, the captures and the fields of a look.
Binding is pure, so captures need no engine of their own: `bind` again with what was caught so far gives the net in which
the checks that waited can be asked, one instance of the cause for each value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crashcart.guides.judge import judge
from crashcart.guides.names import INSIDE, captures_in
from crashcart.model.guide import (
    Check,
    FieldClaim,
    FieldOf,
    FollowClaim,
    Path,
    PercentOf,
    Ref,
    Text,
    Times,
    Value,
)
from crashcart.model.net import BoundCheck, Net
from crashcart.model.observation import Look, LookId, Observation, Seen
from crashcart.model.spec import Catalogue
from crashcart.model.truth import Truth

MAX_VALUES = 8  # instances of one cause at one target; more are counted in Net.notes

Values = Mapping[str, str]  # dotted name -> what was caught
Captured = Mapping[str, tuple[Values, ...]]  # BoundCheck.key -> one entry for each distinct record, the newest first


def captured(net: Net, observations: Mapping[LookId, Observation], catalogue: Catalogue) -> Captured:
    """Return what the checks that came true have caught. A check that is false or unknown binds nothing."""
    found = {key: _values(check, observations, catalogue) for key, check in net.checks.items() if _binds(check)}
    return {key: values for key, values in found.items() if values}


def readings(net: Net) -> tuple[Look, ...]:
    """Return the looks that stand under **Read** alone: nothing weighs them, so no engine would choose them."""
    weighed = {edge.check for cause in net.causes for edge in cause.edges}
    weighed |= {key for cause in net.causes for key in cause.only_if}
    read = [check for key, check in net.checks.items() if _binds(check) and key not in weighed]
    found = {look.id: look for check in read for look in check.looks}
    return tuple(found[key] for key in sorted(found))


def used_by(check: Check) -> frozenset[str]:
    """Return the dotted names that a check uses."""
    look = check.look
    refs = [ref for ref in (look.ref, look.vantage, look.since.ref if look.since else None) if ref is not None]
    texts: list[str] = []
    for arg in look.args:
        if isinstance(arg.value, Ref):
            refs.append(arg.value)
        elif isinstance(arg.value, Text | Path):
            texts.append(arg.value.value)
    for claim in check.claims:
        if isinstance(claim, FollowClaim):
            texts.append(claim.text)
        elif isinstance(claim, FieldClaim):
            refs += _refs(claim.value)
            texts += [claim.value.value] if isinstance(claim.value, Text) else []
    inside = {found.group(1) for text in texts for found in INSIDE.finditer(text)}
    return frozenset(inside | {".".join(segments) for ref in refs for segments in ref.names})


def _refs(value: Value) -> Iterator[Ref]:
    operand = value.of if isinstance(value, PercentOf | Times | FieldOf) else value
    if isinstance(operand, FieldOf):
        operand = operand.of
    if isinstance(operand, Ref):
        yield operand


def _binds(check: BoundCheck) -> bool:
    return bool(check.capture) or any(captures_in(value) for look in check.looks for value in _texts(look))


def _texts(look: Look) -> list[str]:
    return [value for _, value in look.args] if look.kind == "log" else []


def _values(check: BoundCheck, observations: Mapping[LookId, Observation], catalogue: Catalogue) -> tuple[Values, ...]:
    if judge(check, observations, catalogue).truth is not Truth.TRUE:
        return ()
    found: dict[tuple[tuple[str, str], ...], None] = {}
    for look in check.looks:
        observation = observations.get(look.id)
        if observation is not None and isinstance(observation.outcome, Seen):
            for values in _of_look(check, observation.outcome):
                found[tuple(sorted(values.items()))] = None
    return tuple(dict(values) for values in found if values)


def _of_look(check: BoundCheck, seen: Seen) -> Iterator[dict[str, str]]:
    whole = {f"{check.capture}.{name}": value for name, value in _fields(seen)} if check.capture else {}
    for record in reversed(seen.records):
        values = dict(record.captures)
        if check.capture:
            own = {**values, "text": record.text, "where": record.where, "at": record.at}
            values |= whole | {f"{check.capture}.{name}": value for name, value in own.items()}
        yield values
    if not seen.records:
        yield whole


def _fields(seen: Seen) -> Iterator[tuple[str, str]]:
    for name, value in sorted(seen.fields.items()):
        yield name, ("yes" if value else "no") if isinstance(value, bool) else str(value)
