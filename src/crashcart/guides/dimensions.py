"""Does a claim make sense: the field's dimension against the relation and the value."""

from __future__ import annotations

from collections.abc import Sequence

from crashcart.guides.complaints import Rejected
from crashcart.guides.names import Scope, check_value, is_plural
from crashcart.guides.pattern import BadPattern, pattern
from crashcart.model.guide import (
    Claim,
    FieldClaim,
    FieldOf,
    FollowClaim,
    LookExpr,
    Number,
    PercentOf,
    Presence,
    PresenceClaim,
    Ref,
    Rel,
    Stat,
    Text,
    Times,
    Word,
)
from crashcart.model.spans import Span
from crashcart.model.spec import Dimension, FieldSpec, LookSpec
from crashcart.model.truth import Quant

OVER_MEMBERS = (Stat.SUM, Stat.MIN, Stat.MEAN, Stat.MAX)
_ORDERED = (Dimension.NUMBER, Dimension.PERCENT, Dimension.TIME, Dimension.BYTES)
_ORDER_RELS = (Rel.LT, Rel.LE, Rel.GT, Rel.GE)
_TEXT_RELS = (Rel.CONTAINS, Rel.LACKS, Rel.MATCHES)
_EXAMPLES = {
    Dimension.NUMBER: "a plain number: 5",
    Dimension.PERCENT: "a percentage: 95%",
    Dimension.TIME: "a duration: 2 s",
    Dimension.BYTES: "a size: 500 MiB",
    Dimension.TEXT: 'text in quotes: "ok"',
    Dimension.FLAG: "yes or no",
}


def check_claim_types(claim: Claim, table: LookSpec, look: LookExpr, scope: Scope, span: Span) -> None:
    """Check one claim against the field it is about.

    Raises:
        Rejected: the relation or the unit does not fit the field, or a statistic has nothing to range over.
    """
    if isinstance(claim, FollowClaim):
        if table.default_state != "seen":
            raise Rejected(
                "guide-no-follow", "only log text can be followed by other text", span, word="followed",
                hint="a look of kind log",
            )  # fmt: skip
        return
    if isinstance(claim, PresenceClaim) and claim.presence is Presence.DIFFERS and not is_plural(look.ref, scope):
        raise Rejected(
            "guide-no-members", "one value of one target cannot differ", span, word="differs", hint="a plural target"
        )
    if not isinstance(claim, FieldClaim):
        return
    field = table.field(claim.field)
    assert field is not None  # the parser found it in this very table
    _check_stat(claim, field, look, scope, span)
    _check_rel(claim, field, span)
    _check_value(claim, field, table, scope, span)


def is_of_members(claim: Claim, look: LookExpr) -> bool:
    """Whether a claim is about several targets together, and not about each of them."""
    if isinstance(claim, PresenceClaim):
        return claim.presence is Presence.DIFFERS
    is_timed = look.over is not None or look.since is not None
    return isinstance(claim, FieldClaim) and claim.stat in OVER_MEMBERS and not is_timed


def check_together(claims: Sequence[Claim], look: LookExpr, place: Span) -> None:
    """Refuse claims about several targets together beside claims about each, and under a quantifier."""
    of_members = [claim for claim in claims if is_of_members(claim, look)]
    if of_members and len(of_members) < len(claims):
        raise Rejected(
            "guide-mixed-claims", "one claim is about all targets together, another about each", place, word="and",
            hint="two checks",
        )  # fmt: skip
    if of_members and look.quant is not Quant.EACH:
        raise Rejected(
            "guide-mixed-claims", f'"{look.quant.value}" counts targets, and the claim takes them together', place,
            word=look.quant.value, hint="no quantifier",
        )  # fmt: skip


def check_range(number: Number, span: Span) -> None:
    """Refuse a bare negative duration or size: no field has one."""
    if number.value < 0 and number.unit:
        raise Rejected(
            "guide-negative", f"{number.value:g}{number.unit} is below zero", span, word=f"{number.value:g}",
            hint="a number that is not negative",
        )  # fmt: skip


def _check_stat(claim: FieldClaim, field: FieldSpec, look: LookExpr, scope: Scope, span: Span) -> None:
    stat = claim.stat
    if stat is None:
        return
    is_timed = look.over is not None or look.since is not None
    if stat in (Stat.GROWTH, Stat.P50, Stat.P95, Stat.P99, Stat.SHARE) and not is_timed:
        raise Rejected(
            "guide-no-window", f'"{stat.value}" needs a time to range over', span, word=stat.value, hint='"over 1 h"'
        )
    if not is_timed and not is_plural(look.ref, scope):
        raise Rejected(
            "guide-no-members", f'"{stat.value}" of one value of one target is that value', span, word=stat.value,
            hint='"over 1 h", or a plural target',
        )  # fmt: skip
    if stat is not Stat.SHARE and field.dimension not in _ORDERED:
        raise Rejected(
            "guide-no-statistic",
            f'"{field.name}" is {field.dimension.value}, which has no {stat.value}',
            span,
            word=stat.value,
            hint="a field that is measured or counted",
        )


def _check_rel(claim: FieldClaim, field: FieldSpec, span: Span) -> None:
    # What stands at a place in a JSON body, or in a setting, may be a number: `value > 100`.
    is_number = field.dimension is Dimension.TEXT and isinstance(claim.value, Number | Ref)
    is_ordered = field.dimension in _ORDERED or claim.stat is Stat.SHARE or is_number
    if claim.rel in _ORDER_RELS and not is_ordered and field.dimension is not Dimension.INSTANT:
        raise Rejected(
            "guide-relation", f'"{field.name}" is {field.dimension.value} and cannot be {claim.rel.value} anything', span,
            word=claim.rel.value, hint='"=" or "!="' + (', "contains"' if field.dimension is Dimension.TEXT else ""),
        )  # fmt: skip
    if claim.rel in _TEXT_RELS and field.dimension is not Dimension.TEXT:
        raise Rejected(
            "guide-relation", f'"{claim.rel.value}" is for text, and "{field.name}" is {field.dimension.value}', span,
            word=claim.rel.value, hint="one of: =, !=" + (", <, <=, >, >=" if is_ordered else ""),
        )  # fmt: skip


def _check_value(claim: FieldClaim, field: FieldSpec, table: LookSpec, scope: Scope, span: Span) -> None:
    value = claim.value
    wanted = Dimension.PERCENT if claim.stat is Stat.SHARE else field.dimension
    match value:
        case Number():
            _check_number(value, wanted, claim, field, span)
        case Text():
            if wanted is not Dimension.TEXT:
                raise _misfit(field, wanted, f'"{value.value}"', span)
            if claim.rel is Rel.MATCHES:
                _check_pattern(value.value, span)
        case FieldOf():
            other = table.field(value.field)
            if other is not None and other.dimension is not field.dimension:
                raise _misfit(field, wanted, value.field, span)
        case PercentOf() | Times():
            if wanted not in _ORDERED:
                raise _misfit(field, wanted, "a share of something", span)
            if isinstance(value.of, Ref):
                _check_ref(value.of, field, wanted, scope, span)
            elif value.of is not None:
                other = table.field(value.of.field)
                if other is not None and other.dimension is not wanted:
                    raise _misfit(field, wanted, value.of.field, span)
        case Ref():
            _check_ref(value, field, wanted, scope, span)
            if claim.rel is Rel.MATCHES:
                raise Rejected(
                    "guide-bad-pattern", "a pattern stands in quotes, where it can be checked", span,
                    word=show_names(value), hint="text in quotes, which may hold the name",
                )  # fmt: skip
        case Word():
            return


def _check_ref(ref: Ref, field: FieldSpec, wanted: Dimension, scope: Scope, span: Span) -> None:
    found = check_value(ref, scope)
    if found is None or found is wanted:
        return
    # Attributes of a target are text as the system file has them: `port = {self.port}` is a number all the same.
    is_attribute = len(ref.names[0]) > 1
    if (is_attribute and wanted is Dimension.NUMBER) or (found is Dimension.NUMBER and wanted is Dimension.TEXT):
        return
    raise _misfit(field, wanted, show_names(ref), span, is_what=found)


def show_names(ref: Ref) -> str:
    """Return a reference as it is written."""
    return "{" + ", ".join(".".join(segments) for segments in ref.names) + "}"


def _check_number(value: Number, wanted: Dimension, claim: FieldClaim, field: FieldSpec, span: Span) -> None:
    written = f"{value.value:g}{value.unit}{value.per}"
    if wanted is Dimension.TEXT and claim.rel not in _TEXT_RELS and not value.unit and not value.per:
        return
    if value.dimension is not wanted:
        raise _misfit(field, wanted, written, span)
    if (claim.stat is Stat.GROWTH) != bool(value.per):
        what = "growth is a rate and needs a time" if claim.stat is Stat.GROWTH else f'"{field.name}" is no rate'
        raise Rejected(
            "guide-rate",
            f"{what}: {written}",
            span,
            word=written,
            hint='"1 MiB/min"' if not value.per else "no /s, /min or /h",
        )


def _check_pattern(text: str, span: Span) -> None:
    try:
        pattern(text)
    except BadPattern as error:
        raise Rejected(
            "guide-bad-pattern",
            f'"{text}" is no regular expression that can be searched: {error}',
            span,
            word=text,
            hint="contains, for plain text",
        ) from error


def _misfit(
    field: FieldSpec, wanted: Dimension, written: str, span: Span, *, is_what: Dimension | None = None
) -> Rejected:
    table = f"one of: {', '.join(field.words)}" if wanted is Dimension.WORD else _EXAMPLES.get(wanted, "")
    return Rejected(
        "guide-dimension",
        f'"{field.name}" is {wanted.value}, and {written} is {is_what.value if is_what else "not"}',
        span,
        word=written,
        hint=table or "a number, as the field is",
    )
