"""Which names a statement may use, and what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from crashcart.guides.complaints import Rejected
from crashcart.guides.words import hint_for, is_near
from crashcart.model.guide import Check, Number, Param, Ref, Text
from crashcart.model.spans import Span
from crashcart.model.spec import Catalogue, Dimension

INSIDE = re.compile(r"\{\s*([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)\s*\}")
_CAPTURE = re.compile(r"<([A-Za-z_][A-Za-z0-9_]*)>")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class Meaning(Enum):
    """What a name stands for."""

    TARGET = "target"
    TARGETS = "targets"
    PARAM = "parameter"
    CAPTURE = "captured value"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Name:
    """One name in scope. `target_kind` of targets ("" when it may be any), `param` of parameters."""

    meaning: Meaning
    target_kind: str = ""
    param: Param | None = None
    has_fields: bool = False  # a record captured with `as`: `{x.field}` is allowed
    is_one: bool = False  # a target that is surely one: a role may be filled by several


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a statement may use."""

    catalogue: Catalogue
    names: Mapping[str, Name] = field(default_factory=dict)

    def plus(self, more: Mapping[str, Name]) -> Scope:
        """Return this scope with more names."""
        return replace(self, names={**self.names, **more})

    def attributes(self, target_kind: str) -> tuple[str, ...]:
        """Return what `{target.NAME}` may name for a target of that kind ("" is any kind)."""
        kinds = [self.catalogue.targets[target_kind]] if target_kind else list(self.catalogue.targets.values())
        names = {attribute.name for kind in kinds for attribute in kind.attributes}
        names |= {name for kind in kinds for name in kind.derived}
        names |= {attribute.name for attribute in self.catalogue.common}
        return tuple(sorted(names | {"name"}))


def parse_ref(text: str, span: Span) -> Ref:
    """Return the names between braces. Raises Rejected when they are no names."""
    names = []
    for part in text.split(","):
        segments = tuple(part.strip().split("."))
        if not all(NAME.fullmatch(segment) for segment in segments):
            raise Rejected(
                "guide-bad-name",
                f'"{{{text}}}" is no name',
                span,
                word=text or "{}",
                hint="letters, digits, - and _ between braces",
            )
        names.append(segments)
    return Ref(tuple(names), span)


def check_targets(ref: Ref, scope: Scope) -> tuple[str, ...]:
    """Return the target kinds that the reference can mean ("" is any). Raises Rejected when it names no target."""
    kinds = []
    for segments in ref.names:
        name = _known(segments[0], ref, scope)
        if name.meaning not in (Meaning.TARGET, Meaning.TARGETS, Meaning.CAPTURE):
            raise Rejected(
                "guide-not-a-target", f'"{{{segments[0]}}}" is a {name.meaning.value}, not a target', ref.span,
                word=segments[0], hint=hint_for("", [key for key in scope.names if is_target(key, scope)]),
            )  # fmt: skip
        if len(segments) > 1:
            raise Rejected(
                "guide-not-a-target", f'"{{{".".join(segments)}}}" is a value, and a look goes at a target', ref.span,
                word=".".join(segments), hint=f'"{{{segments[0]}}}"',
            )  # fmt: skip
        kinds.append(name.target_kind)
    return tuple(kinds)


def is_target(word: str, scope: Scope) -> bool:
    """Whether a name stands for targets."""
    return word in scope.names and scope.names[word].meaning in (Meaning.TARGET, Meaning.TARGETS)


def is_plural(ref: Ref, scope: Scope) -> bool:
    """Whether the reference may mean several targets."""
    return len(ref.names) > 1 or not (ref.names[0][0] in scope.names and scope.names[ref.names[0][0]].is_one)


def check_instant(ref: Ref, scope: Scope) -> None:
    """Raise Rejected unless the reference is an instant: the onset, or a field of what was captured."""
    check_value(ref, scope)
    word = ref.names[0][0]
    if scope.names[word].meaning not in (Meaning.INSTANT, Meaning.CAPTURE):
        raise Rejected(
            "guide-not-an-instant", f'"{{{word}}}" is a {scope.names[word].meaning.value}, not an instant', ref.span,
            word=word, hint='"{onset}"',
        )  # fmt: skip


def check_value(ref: Ref, scope: Scope) -> Dimension | None:
    """Return what a referenced value measures (None: known only when bound). Raises Rejected for unknown names."""
    if len(ref.names) != 1:
        shown = ", ".join(".".join(segments) for segments in ref.names)
        raise Rejected(
            "guide-plural-value", "a value is one name, not several", ref.span, word=shown, hint="one check for each"
        )
    segments = ref.names[0]
    name = _known(segments[0], ref, scope)
    if name.meaning is Meaning.TARGET:
        return _attribute(segments, name, ref, scope)
    if name.meaning is Meaning.CAPTURE and len(segments) == 2 and name.has_fields:
        return None
    if len(segments) > 1:
        raise Rejected(
            "guide-no-part", f'"{{{segments[0]}}}" is a {name.meaning.value} and has no part "{segments[1]}"', ref.span,
            word=".".join(segments), hint=f'"{{{segments[0]}}}"',
        )  # fmt: skip
    if name.meaning is Meaning.PARAM and name.param is not None:
        return name.param.default.dimension if isinstance(name.param.default, Number) else Dimension.TEXT
    if name.meaning is Meaning.TARGETS:
        raise Rejected(
            "guide-plural-value", f'"{{{segments[0]}}}" are targets, not a value', ref.span, word=segments[0],
            hint='"{self.host}" or another attribute',
        )  # fmt: skip
    return None


def _attribute(segments: tuple[str, ...], name: Name, ref: Ref, scope: Scope) -> Dimension:
    table = scope.attributes(name.target_kind)
    if len(segments) == 2 and segments[1] in table:
        return Dimension.TEXT
    wrong = segments[1] if len(segments) > 1 else ""
    what = f'a target of kind "{name.target_kind or "any"}" has no attribute "{wrong}"' if wrong else (
        f'"{{{segments[0]}}}" is a target, not a value'
    )  # fmt: skip
    raise Rejected("guide-unknown-attribute", what, ref.span, word=wrong or segments[0], hint=hint_for(wrong, table))


def _known(word: str, ref: Ref, scope: Scope) -> Name:
    if word in scope.names:
        return scope.names[word]
    if word == "old":
        raise Rejected(
            "guide-unknown-name", '"{old}" is what was there before, and known only when undoing', ref.span, word=word,
            hint="an undo",
        )  # fmt: skip
    raise Rejected(
        "guide-unknown-name", f'"{{{word}}}" names nothing here', ref.span, word=word, hint=hint_for(word, scope.names)
    )


def check_text(text: str, span: Span, scope: Scope) -> None:
    """Check the references inside quoted text; braces that name nothing are text, unless they read like a slip."""
    for ref in refs_in(text, span):
        word = ref.names[0][0]
        if word in scope.names:
            check_value(ref, scope)
            continue
        near = [known for known in scope.names if is_near(word, known)]
        if near:
            raise Rejected(
                "guide-unknown-name", f'"{{{word}}}" names nothing here and reads like a slip', span, word=word,
                hint=f'"{{{near[0]}}}"',
            )  # fmt: skip


def refs_in(text: str, span: Span) -> Iterator[Ref]:
    """Yield the references that stand inside quoted text."""
    for found in INSIDE.finditer(text):
        yield Ref((tuple(found.group(1).split(".")),), span)


def captures_in(text: str) -> tuple[str, ...]:
    """Return the names that `<name>` captures bind in quoted log text."""
    return tuple(dict.fromkeys(_CAPTURE.findall(text)))


def bound_by(check: Check) -> frozenset[str]:
    """Return the names that a check binds."""
    texts = [arg.value.value for arg in check.look.args if isinstance(arg.value, Text) and check.look.kind == "log"]
    names = {name for text in texts for name in captures_in(text)}
    return frozenset(names | ({check.capture} if check.capture else set()))
