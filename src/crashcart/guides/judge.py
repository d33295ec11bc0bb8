"""A check against what was seen: true, false or unknown, and in words what was seen."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from crashcart.guides.pattern import MAX_SEARCHED_CHARS, BadPattern, pattern
from crashcart.guides.watched import is_made, statistic
from crashcart.model.guide import (
    Claim,
    FieldClaim,
    FieldOf,
    FollowClaim,
    Number,
    PercentOf,
    Presence,
    PresenceClaim,
    Rel,
    Stat,
    StateClaim,
    Text,
    Times,
    Value,
    Word,
)
from crashcart.model.net import BoundCheck, Finding
from crashcart.model.observation import Look, LookId, Observation, Scalar, Seen, Unseen
from crashcart.model.spec import LONGEST_WATCH_S, Catalogue, Dimension, LookSpec
from crashcart.model.truth import Quant, Truth, conjunction, negation, quantify

_TINY = 1e-9  # numbers are compared after rounding to this, so that 0.1 + 0.2 is 0.3 on every processor


# As text a number is what a person would write; `float` also takes "1_000", "infinity" and "nan".
_DECIMAL = re.compile(r"\s*[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,2})?\s*")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.*(?:Z|[-+][0-9]{2}:[0-9]{2})$")


class _Unknown(Exception):
    """A claim cannot be judged; says why."""


def judge(check: BoundCheck, observations: Mapping[LookId, Observation], catalogue: Catalogue) -> Finding:
    """Return the truth of a check.

    A look that is missing from `observations`, or that could not see, leaves the claim unknown, never false.
    """
    looks = tuple(look.id for look in check.looks)
    if check.unknown_because or not check.looks:
        return Finding(check.key, Truth.UNKNOWN, check.unknown_because or "nothing to look at", looks)
    if check.is_of_members:
        return _judge_members(check, observations, catalogue)
    judged = [_judge_look(check, look, observations, catalogue) for look in check.looks]
    truth = judged[0][0] if check.quant is Quant.EACH else quantify(check.quant, [entry[0] for entry in judged])
    return Finding(check.key, truth, _joined(check, judged, truth), looks)


def is_answered(answer: str, check: BoundCheck) -> Finding:
    """Judge a question by a person's answer: "yes", "no", anything else is *do not know*."""
    looks = tuple(look.id for look in check.looks)
    claim = check.claims[0]
    if answer not in ("yes", "no") or not isinstance(claim, StateClaim):
        return Finding(check.key, Truth.UNKNOWN, "nobody knows", looks)
    truth = Truth.TRUE if answer == claim.state else Truth.FALSE
    return Finding(check.key, negation(truth) if claim.is_negated else truth, f'answered "{answer}"', looks)


def _joined(check: BoundCheck, judged: Sequence[tuple[Truth, str]], truth: Truth) -> str:
    if len(judged) == 1:
        return judged[0][1]
    # Of a plural target the members that made the truth are worth telling, not all of them.
    telling = [(look, saw) for look, (one, saw) in zip(check.looks, judged, strict=True) if one is truth]
    telling = telling or [(look, saw) for look, (_, saw) in zip(check.looks, judged, strict=True)]
    shown = "; ".join(f"{look.target}: {saw}" for look, saw in telling[:3])
    return f"{shown}; and {len(telling) - 3} more" if len(telling) > 3 else shown


def _judge_look(
    check: BoundCheck, look: Look, observations: Mapping[LookId, Observation], catalogue: Catalogue
) -> tuple[Truth, str]:
    observation = observations.get(look.id)
    if observation is None:
        return Truth.UNKNOWN, "not looked at"
    outcome = observation.outcome
    if isinstance(outcome, Unseen):
        return Truth.UNKNOWN, outcome.reason
    spec = catalogue.kinds[look.kind].look(look.look)
    assert spec is not None
    if check.hold_s is not None and look.over_s is None:
        return Truth.UNKNOWN, f"one look cannot tell what holds for {check.hold_s:g} s"
    truths: list[Truth] = []
    words: list[str] = []
    for claim in check.claims:
        truth, saw = _judge_claim(claim, outcome, spec, look, check, observations)
        truths.append(truth)
        words.append(saw)
    if check.within_s is not None:
        is_late = observation.took_s > check.within_s
        truths.append(Truth.FALSE if is_late else Truth.TRUE)
        if is_late:
            words.append(f"after {observation.took_s:.3g} s")
    return conjunction(truths), ", ".join(dict.fromkeys(words))


def _judge_claim(
    claim: Claim, seen: Seen, spec: LookSpec, look: Look, check: BoundCheck, observations: Mapping[LookId, Observation]
) -> tuple[Truth, str]:
    try:
        match claim:
            case StateClaim():
                return _judge_state(claim, seen, spec)
            case PresenceClaim():
                return _judge_presence(claim, seen, spec)
            case FollowClaim():
                return _judge_follow(seen)
            case FieldClaim():
                return _judge_field(claim, seen, spec, look, check, observations)
    except _Unknown as reason:
        return Truth.UNKNOWN, str(reason)


def _judge_state(claim: StateClaim, seen: Seen, spec: LookSpec) -> tuple[Truth, str]:
    state = spec.state(claim.state)
    assert state is not None
    value = seen.fields.get(state.field)
    if value is None:
        raise _Unknown(f"{state.field} was not seen")
    truth = Truth.TRUE if value == state.value else Truth.FALSE
    return (negation(truth) if claim.is_negated else truth), _state_words(seen, spec, state.field, value)


def _state_words(seen: Seen, spec: LookSpec, field: str, value: Scalar) -> str:
    """Say a state as the kind says it: the state that holds, and how often when the look counts."""
    holding = [state.name for state in spec.states if state.field == field and state.value == value]
    word = holding[0] if holding else f"{field} = {shown(value, spec, field)}"
    count = seen.fields.get("count")
    if isinstance(count, int) and word == "seen":
        last = seen.fields.get("last")
        times = "once" if count == 1 else f"{count} times"
        return f"seen {times}" + (f", last {str(last)[11:19]}" if isinstance(last, str) else "")
    return word


def _judge_presence(claim: PresenceClaim, seen: Seen, spec: LookSpec) -> tuple[Truth, str]:
    if claim.presence is Presence.DIFFERS:
        raise _Unknown("one value of one target cannot differ")
    is_there = claim.field in seen.fields
    truth = Truth.TRUE if is_there is (claim.presence is Presence.PRESENT) else Truth.FALSE
    return (
        truth,
        f"{claim.field} = {shown(seen.fields[claim.field], spec, claim.field)}"
        if is_there
        else f"{claim.field} is absent",
    )


def _judge_follow(seen: Seen) -> tuple[Truth, str]:
    left = seen.fields.get("unfollowed")
    if not isinstance(left, int | float):
        raise _Unknown("what follows was not counted")
    return (Truth.TRUE if left > 0 else Truth.FALSE), f"{left:g} not followed"


def _judge_field(
    claim: FieldClaim,
    seen: Seen,
    spec: LookSpec,
    look: Look,
    check: BoundCheck,
    observations: Mapping[LookId, Observation],
) -> tuple[Truth, str]:
    if claim.stat is not None and claim.stat is not Stat.SHARE:
        made, saw = _statistic(claim.stat, claim.field, seen, spec, look)
        wanted = _wanted(claim.value, seen, look, check, observations)
        return (Truth.TRUE if _holds(claim.rel, made, wanted) else Truth.FALSE), saw
    name = "share" if claim.stat is Stat.SHARE else claim.field
    value = seen.fields.get(name)
    if value is None:
        raise _Unknown(f"{name} was not seen")
    wanted = _wanted(claim.value, seen, look, check, observations)
    truth = Truth.TRUE if _holds(claim.rel, value, wanted) else Truth.FALSE
    return truth, f"{name} = {shown(value, spec, name)}"


def _statistic(stat: Stat, field: str, seen: Seen, spec: LookSpec, look: Look) -> tuple[float, str]:
    """Return a statistic over what was watched, and in words; unknown when that would take a history."""
    name = f"{stat.value} {field}"
    if not spec.watch_s(look.over_s):
        short = f"; over at most {LONGEST_WATCH_S:g} s it is watched while you wait" if spec.is_watched else ""
        raise _Unknown(f"{name} needs a history, and none is kept yet{short}")
    if not is_made(stat):
        raise _Unknown(
            f"{name} needs a history, and none is kept yet: a watch of {look.over_s:g} s is too short for it"
        )
    samples = seen.watched.get(field, ())
    if not samples:
        raise _Unknown(f"{field} was not seen all the time")
    try:
        value = round(statistic(stat, samples), 9)
    except ValueError as error:
        raise _Unknown(f"{name} cannot be told: {error}") from error
    told = f"{shown(value * 60, spec, field)}/min" if stat is Stat.GROWTH else shown(value, spec, field)
    first, last, low, high = (
        shown(number, spec, field)
        for number in (samples[0][1], samples[-1][1], min(v for _, v in samples), max(v for _, v in samples))
    )
    went = f"{first} to {last} in {_duration(samples[-1][0])}, {len(samples)} samples between {low} and {high}"
    return value, f"{name} = {told} ({went})"


def _wanted(
    value: Value, seen: Seen, look: Look, check: BoundCheck, observations: Mapping[LookId, Observation]
) -> Scalar:
    match value:
        case Number():
            return value.base
        case Text():
            return value.value
        case Word():
            return {"yes": True, "no": False}.get(value.value, value.value)
        case FieldOf():
            return _operand(value, seen, check, observations)
        case PercentOf():
            return _share(value.of, value.percent / 100, seen, check, observations)
        case Times():
            if value.of is None:
                raise _Unknown("usual needs 7 days of history, and none is kept yet")
            return _share(value.of, value.factor, seen, check, observations)
        case _:
            raise _Unknown(f"{value} has no value here")


def _share(
    operand: object, factor: float, seen: Seen, check: BoundCheck, observations: Mapping[LookId, Observation]
) -> float:
    if not isinstance(operand, FieldOf):
        raise _Unknown(f"{operand} has no value here")
    whole = _operand(operand, seen, check, observations)
    if isinstance(whole, bool | str):
        raise _Unknown(f"{operand.field} is no number")
    if math.isnan(whole):
        raise _Unknown(f"{operand.field} is no number")
    if not whole:
        raise _Unknown(f"{operand.field} is zero, and a share of zero says nothing")
    return whole * factor


def _operand(operand: FieldOf, seen: Seen, check: BoundCheck, observations: Mapping[LookId, Observation]) -> Scalar:
    fields = seen.fields
    if operand.of is not None:
        target = operand.of.names[0][0]
        other = next((look for look in check.others if look.target == target), None)
        observation = observations.get(other.id) if other is not None else None
        if observation is None or isinstance(observation.outcome, Unseen):
            raise _Unknown(f"{operand.field} of {target} was not seen")
        fields = observation.outcome.fields
    value = fields.get(operand.field)
    if value is None:
        raise _Unknown(f"{operand.field} was not seen")
    return value


def _holds(rel: Rel, value: Scalar, wanted: Scalar) -> bool:
    if rel in (Rel.CONTAINS, Rel.LACKS, Rel.MATCHES):
        return _text_holds(rel, str(value), str(wanted))
    if isinstance(value, str) and isinstance(wanted, str):
        instants = _instant(value), _instant(wanted)
        if instants[0] is None or instants[1] is None:
            return _equal_holds(rel, value, wanted)  # "1.10" is not "1.1"
        value, wanted = instants[0], instants[1]
    one, other = _number(value), _number(wanted)
    if one is None or other is None or isinstance(value, bool) or isinstance(wanted, bool):
        return _equal_holds(rel, _plain(value), _plain(wanted))
    gap = 0.0 if one == other else round(one - other, 9)
    match rel:
        case Rel.EQ:
            return abs(gap) < _TINY
        case Rel.NE:
            return abs(gap) >= _TINY
        case Rel.LT:
            return gap < 0
        case Rel.LE:
            return gap <= 0
        case Rel.GT:
            return gap > 0
        case _:
            return gap >= 0


def _text_holds(rel: Rel, value: str, wanted: str) -> bool:
    if rel is Rel.CONTAINS:
        return wanted in value
    if rel is Rel.LACKS:
        return wanted not in value
    if len(value) > MAX_SEARCHED_CHARS:
        raise _Unknown(f"the text has more than {MAX_SEARCHED_CHARS} characters")
    try:
        return pattern(wanted).is_in(value)
    except BadPattern as error:
        raise _Unknown(f'"{wanted}" cannot be searched: {error}') from error


def _instant(value: str) -> float | None:
    """Return the seconds of an instant as looks write it, ISO 8601 with a zone; None when it is other text."""
    if not _INSTANT.match(value):
        return None
    try:
        return datetime.fromisoformat(value).timestamp()
    except (ValueError, OverflowError):
        return None


def _equal_holds(rel: Rel, value: str, wanted: str) -> bool:
    if rel is Rel.EQ:
        return value == wanted
    if rel is Rel.NE:
        return value != wanted
    raise _Unknown(f'"{value}" and "{wanted}" have no order')


def _plain(value: Scalar) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _number(value: Scalar) -> float | None:
    if isinstance(value, str):
        return float(value) if _DECIMAL.fullmatch(value) else None
    try:
        number = float(value)
    except OverflowError as error:
        raise _Unknown("the number is too large to compare") from error
    if math.isnan(number):
        raise _Unknown("what was seen is no number")
    return number


# -- plural targets


def _judge_members(check: BoundCheck, observations: Mapping[LookId, Observation], catalogue: Catalogue) -> Finding:
    looks = tuple(look.id for look in check.looks)
    if check.hold_s is not None:
        return Finding(check.key, Truth.UNKNOWN, f"one look cannot tell what holds for {check.hold_s:g} s", looks)
    truths: list[Truth] = []
    words: list[str] = []
    for claim in check.claims:
        try:
            truth, saw = _judge_member_claim(claim, check, observations, catalogue)
        except _Unknown as reason:
            truth, saw = Truth.UNKNOWN, str(reason)
        truths.append(truth)
        words.append(saw)
    if check.within_s is not None:
        took = [observations[look].took_s for look in looks if look in observations]
        truths.append(Truth.UNKNOWN if len(took) < len(looks) else Truth.TRUE)
        if took and max(took) > check.within_s:
            truths.append(Truth.FALSE)
            words.append(f"after {max(took):.3g} s")
    return Finding(check.key, conjunction(truths), ", ".join(words), looks)


def _judge_member_claim(
    claim: Claim, check: BoundCheck, observations: Mapping[LookId, Observation], catalogue: Catalogue
) -> tuple[Truth, str]:
    spec = catalogue.kinds[check.looks[0].kind].look(check.looks[0].look)
    assert spec is not None
    if not isinstance(claim, FieldClaim | PresenceClaim):
        raise _Unknown("only fields range over several targets")
    values = [_member(look, claim.field, observations) for look in check.looks]
    if isinstance(claim, PresenceClaim):
        distinct = {_plain(value) for value in values}
        listed = ", ".join(
            f"{look.target}: {shown(value, spec, claim.field)}" for look, value in zip(check.looks, values, strict=True)
        )
        return (Truth.TRUE if len(distinct) > 1 else Truth.FALSE), f"{claim.field} {listed}"
    numbers = [_number(value) for value in values]
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers) or claim.stat is None:
        raise _Unknown(f"{claim.field} is no number")
    made = {
        Stat.SUM: math.fsum(known),
        Stat.MIN: min(known),
        Stat.MAX: max(known),
        Stat.MEAN: math.fsum(known) / len(known),
    }
    value = round(made[claim.stat], 9)
    truth = _holds(claim.rel, value, _wanted(claim.value, Seen({}), check.looks[0], check, observations))
    return (
        Truth.TRUE if truth else Truth.FALSE
    ), f"{claim.stat.value} {claim.field} = {shown(value, spec, claim.field)}"


def _member(look: Look, field: str, observations: Mapping[LookId, Observation]) -> Scalar:
    observation = observations.get(look.id)
    if observation is None or isinstance(observation.outcome, Unseen):
        raise _Unknown(f"{field} of {look.target} was not seen")
    value = observation.outcome.fields.get(field)
    if value is None:
        raise _Unknown(f"{field} of {look.target} was not seen")
    return value


# -- words


def shown(value: Scalar, spec: LookSpec, field: str) -> str:
    """Return a value as people read it: with its unit, four significant digits, long text cut."""
    table = spec.field(field)
    dimension = table.dimension if table else Dimension.TEXT
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        text = value if len(value) <= 60 else value[:57] + "..."
        return f'"{text}"' if dimension is Dimension.TEXT else text
    if abs(value) == math.inf:
        return "unlimited"
    match dimension:
        case Dimension.PERCENT:
            return f"{value:.4g}%"
        case Dimension.TIME:
            return _duration(value)
        case Dimension.BYTES:
            return _size(value)
        case _:
            return (
                str(value)[:60] if isinstance(value, int) else f"{value:.12g}" if value.is_integer() else f"{value:.4g}"
            )


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    for limit, unit, name in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds / 86400:.3g} d"


def _size(size: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(size) < 1024 or unit == "GiB":
            return f"{size:.4g} {unit}"
        size /= 1024
    return f"{size:.4g} GiB"
