"""One check at real targets: references become literals, plural targets become looks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from crashcart.guides.dimensions import is_of_members
from crashcart.guides.environment import Environment, Unbound
from crashcart.guides.show import show_claim, show_plain
from crashcart.model.guide import (
    Arg,
    Check,
    Claim,
    FieldClaim,
    FieldOf,
    FollowClaim,
    Item,
    Number,
    Path,
    PercentOf,
    Ref,
    Rel,
    Setting,
    Text,
    Times,
    Value,
    Word,
)
from crashcart.model.net import BoundCheck
from crashcart.model.observation import Look
from crashcart.model.spec import Alarm, Catalogue, Dimension, LookSpec
from crashcart.model.system import Target
from crashcart.model.truth import Quant

QUESTION_COST_S = 30.0
_HOLE = re.compile(r"<(?:\*|[A-Za-z_][A-Za-z0-9_]*)>")
_MEASURED = (Dimension.TIME, Dimension.BYTES, Dimension.PERCENT)


@dataclass(frozen=True, slots=True)
class BoundItem:
    """An item with one of the checks it became."""

    item: Item
    check: BoundCheck


class CheckBinder:
    """Binds checks; knows the kinds, for costs and false alarms."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def item(self, item: Item, env: Environment) -> list[BoundItem]:
        """Return the item's check at its targets: one for each under *each*, else one over all of them."""
        return [BoundItem(item, check) for check in self.check(item.check, env)]

    def check(self, check: Check, env: Environment) -> list[BoundCheck]:
        """Return the bound checks. One that cannot be asked has no looks and says why."""
        if check.look.kind == "ask":
            return [self.question(check, env)]
        spec = self.catalogue.kinds[check.look.kind].look(check.look.look)
        assert spec is not None  # the compiler looked it up in the same catalogue
        try:
            return self.looks(check, spec, env)
        except Unbound as reason:
            return [self.unbound(check, spec, env, str(reason))]

    def looks(self, check: Check, spec: LookSpec, env: Environment) -> list[BoundCheck]:
        targets = env.targets(check.look.ref)
        vantages = env.targets(check.look.vantage) if check.look.vantage else ()
        claims = tuple(self.claim(claim, env) for claim in check.claims)
        args = self.args(check, claims, env)
        others = tuple(look for claim in claims for look in self.aside(claim, check, args, env))
        made = [[self.look(check, target, vantage, args) for vantage in vantages or (None,)] for target in targets]
        flat = tuple(look for row in made for look in row)
        # Of several vantage points under *each*, every one is a check of its own over all the targets.
        columns = [tuple(row[at] for row in made) for at in range(len(made[0]))]
        if any(is_of_members(claim, check.look) for claim in claims):
            return [self.made(check, spec, Quant.ALL, column, claims, others, is_of_members=True) for column in columns]
        if check.look.quant is not Quant.EACH:
            return [self.made(check, spec, check.look.quant, column, claims, others) for column in columns]
        if check.look.vantage_quant is not Quant.EACH:
            return [self.made(check, spec, check.look.vantage_quant, tuple(row), claims, others) for row in made]
        return [self.made(check, spec, Quant.EACH, (look,), claims, others) for look in flat]

    def look(self, check: Check, target: Target, vantage: Target | None, args: tuple[tuple[str, str], ...]) -> Look:
        expr = check.look
        over = expr.over.base if expr.over else None
        if over is None and check.hold is not None and expr.kind == "log":
            over = check.hold.base  # "unseen for 2 min" is what the last 2 minutes of the log say
        since = None
        if expr.since is not None:
            if expr.since.ref.names != (("onset",),):
                raise Unbound(f"{{{'.'.join(expr.since.ref.names[0])}}} is bound by no check before this one")
            since = expr.since.minus.base if expr.since.minus else 0.0
        return Look(expr.kind, target.name, expr.look, args, over, since, vantage.name if vantage else "")

    def made(
        self,
        check: Check,
        spec: LookSpec,
        quant: Quant,
        looks: tuple[Look, ...],
        claims: tuple[Claim, ...],
        others: tuple[Look, ...],
        *,
        is_of_members: bool = False,
    ) -> BoundCheck:
        quant_word = "" if quant is Quant.EACH else f"{quant.value} "
        look_key = quant_word + " | ".join(sorted(look.id for look in looks))
        text = " and ".join(show_claim(claim) for claim in claims)
        tail = f" within {show_plain(check.within.base)} s" if check.within else ""
        tail += f" for {show_plain(check.hold.base)} s" if check.hold else ""
        return BoundCheck(
            key=f"{look_key} => {text}{tail}", look_key=look_key, quant=quant, looks=looks, claims=claims, claim_text=text + tail,
            false_alarm=_false_alarm(claims, spec), cost_s=_cost_s(spec, looks), others=others,
            within_s=check.within.base if check.within else None, hold_s=check.hold.base if check.hold else None,
            capture=check.capture, is_of_members=is_of_members,
        )  # fmt: skip

    def unbound(self, check: Check, spec: LookSpec, env: Environment, reason: str) -> BoundCheck:
        key = f"{check.text} at {env.self_.name}"
        return BoundCheck(
            key=key, look_key=key, quant=check.look.quant, looks=(), claims=check.claims, claim_text=check.text,
            false_alarm=_false_alarm(check.claims, spec), cost_s=spec.cost.value, unknown_because=reason,
        )  # fmt: skip

    def question(self, check: Check, env: Environment) -> BoundCheck:
        text = check.look.args[0].value
        assert isinstance(text, Text)
        try:
            question = env.text(text.value)
        except Unbound as reason:
            return replace(self._asked(check, env, text.value), unknown_because=str(reason))
        return self._asked(check, env, question)

    def _asked(self, check: Check, env: Environment, question: str) -> BoundCheck:
        look = Look("ask", env.self_.name, args=(("question", question),))
        claim = show_claim(check.claims[0])
        return BoundCheck(
            key=f"{look.id} => {claim}", look_key=str(look.id), quant=Quant.EACH, looks=(look,), claims=check.claims,
            claim_text=claim, false_alarm=Alarm.PERSON.value, cost_s=QUESTION_COST_S, is_question=True,
        )  # fmt: skip

    # -- arguments and values

    def args(self, check: Check, claims: Iterable[Claim], env: Environment) -> tuple[tuple[str, str], ...]:
        fit = _without_holes if check.look.kind == "log" else str
        found = [(arg.name, self.arg(arg, env, fit)) for arg in check.look.args]
        for claim in claims:
            if isinstance(claim, FollowClaim):
                found += [("follow", claim.text), ("follow_s", show_plain(claim.window.base))]
        return tuple(found)

    def arg(self, arg: Arg, env: Environment, fit: Callable[[str], str]) -> str:
        match arg.value:
            case Word():
                return arg.value.value
            case Path():
                return env.filled(arg.value.value, lambda value: quote(value, safe=""))
            case Text():
                return env.filled(arg.value.value, fit)
            case Number():
                return show_plain(arg.value.base)
            case Ref():
                value = env.value(arg.value)
                return fit(value.value) if isinstance(value, Text) else show_plain(value.base)
            case Setting():
                raise AssertionError("a look has no settings")

    def claim(self, claim: Claim, env: Environment) -> Claim:
        if isinstance(claim, FieldClaim) and claim.rel is Rel.MATCHES and isinstance(claim.value, Text):
            # A value is text and no expression: the dots of a host name are dots.
            return replace(claim, value=Text(env.filled(claim.value.value, re.escape)))
        if isinstance(claim, FieldClaim):
            return replace(claim, value=self.value(claim.value, env))
        if isinstance(claim, FollowClaim):
            return replace(claim, text=env.filled(claim.text, _without_holes))
        return claim

    def value(self, value: Value, env: Environment) -> Value:
        match value:
            case Text():
                return Text(env.text(value.value))
            case Ref():
                return env.value(value)
            case FieldOf() if value.of is not None:
                return FieldOf(value.field, _one(value.of, env))
            case PercentOf():
                return self.scaled(value, value.percent / 100, env)
            case Times() if value.of is not None:
                return self.scaled(value, value.factor, env)
            case _:
                return value

    def scaled(self, value: PercentOf | Times, factor: float, env: Environment) -> Value:
        """Return a share of a literal as the number it is; a share of a field waits for what is seen."""
        operand = value.of
        if isinstance(operand, FieldOf):
            return replace(value, of=FieldOf(operand.field, _one(operand.of, env))) if operand.of is not None else value
        assert operand is not None
        literal = env.value(operand)
        if isinstance(literal, Text):
            raise Unbound(f'{{{".".join(operand.names[0])}}} is "{literal.value}", and a number is wanted')
        if not literal.value:
            raise Unbound(f"{{{'.'.join(operand.names[0])}}} is zero, and a share of zero says nothing")
        return replace(literal, value=literal.value * factor)

    def aside(self, claim: Claim, check: Check, args: tuple[tuple[str, str], ...], env: Environment) -> list[Look]:
        if not isinstance(claim, FieldClaim):
            return []
        value = claim.value
        operand = value if isinstance(value, FieldOf) else getattr(value, "of", None)
        if not isinstance(operand, FieldOf) or operand.of is None:
            return []
        target = env.system.targets[operand.of.names[0][0]]
        return [self.look(check, target, None, args)]


def _one(ref: Ref, env: Environment) -> Ref:
    targets = env.targets(ref)
    if len(targets) != 1:
        raise Unbound(f"{{{'.'.join(ref.names[0])}}} means {len(targets)} targets, and one is wanted")
    return Ref(((targets[0].name,),))


def _without_holes(value: str) -> str:
    """Return a value for log text. The log kind has no way to write `<x>` itself, and it must not match anything."""
    hole = _HOLE.search(value)
    if hole:
        raise Unbound(f'the value "{value}" holds {hole.group()}, which in log text would match anything')
    return value


def _cost_s(spec: LookSpec, looks: Sequence[Look]) -> float:
    """Return what the slowest look takes; one that watches costs the time it watches as well."""
    return spec.cost.value + max((spec.watch_s(look.over_s) for look in looks), default=0.0)


def _false_alarm(claims: Sequence[Claim], spec: LookSpec) -> float:
    """Return the kind's false alarm; a threshold on something measured is crossed more often by chance."""
    for claim in claims:
        if not isinstance(claim, FieldClaim):
            continue
        table = spec.field(claim.field)
        is_measured = table is not None and table.dimension in _MEASURED
        if claim.stat is not None or is_measured or isinstance(claim.value, PercentOf | Times):
            return max(spec.alarm.value, Alarm.THRESHOLD.value)
    return spec.alarm.value
