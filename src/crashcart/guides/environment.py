"""What the names of a guide mean at one target."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from crashcart.guides.names import INSIDE
from crashcart.guides.show import show_number, show_plain
from crashcart.model.guide import Guide, Number, Ref, Text, Value
from crashcart.model.system import System, Target


class Unbound(Exception):
    """A name has no value here; says why, for the finding that stays unknown."""


@dataclass(frozen=True, slots=True)
class Environment:
    """One guide at one target: roles to targets, parameters to values."""

    system: System
    guide: Guide
    self_: Target
    roles: Mapping[str, tuple[str, ...]]
    params: Mapping[str, Number | Text]
    captures: Mapping[str, str] = field(default_factory=dict)  # dotted name -> what a check caught
    waiting: frozenset[str] = frozenset()  # names that some check here binds, whether or not it has caught anything

    def targets(self, ref: Ref) -> tuple[Target, ...]:
        """Return the targets that a reference means, in order of name. Raises Unbound when there is none."""
        names: dict[str, None] = {}
        for segments in ref.names:
            names |= dict.fromkeys(self._targets(segments[0]))
        return tuple(self.system.targets[name] for name in names)

    def _targets(self, word: str) -> tuple[str, ...]:
        if word == "self":
            return (self.self_.name,)
        if word == "dependants":
            found = self.system.dependants(self.self_.name)
            if not found:
                raise Unbound(f"nothing depends on {self.self_.name}")
            return found
        if word in self.roles:
            if not self.roles[word]:
                kind = next(need.kind for need in self.guide.needs if need.role == word)
                raise Unbound(f'{self.self_.name} depends on no target of kind "{kind}" ({{{word}}})')
            return self.roles[word]
        if word in self.system.targets:
            return (word,)
        if word in self.captures:
            if self.captures[word] not in self.system.targets:
                raise Unbound(f'"{self.captures[word]}" ({{{word}}}) is no target of the system file')
            return (self.captures[word],)
        raise Unbound(f"{{{word}}} is bound by no check before this one")

    def value(self, ref: Ref) -> Number | Text:
        """Return the literal behind a reference. Raises Unbound when it has none."""
        segments = ref.names[0]
        if segments[0] in self.params:
            return self.params[segments[0]]
        if len(segments) == 2 and (segments[0] in ("self", *self.roles) or segments[0] in self.system.targets):
            (target, *more) = self.targets(Ref(((segments[0],),)))
            if more:
                raise Unbound(f"{{{segments[0]}}} means {1 + len(more)} targets, and a value is wanted")
            return Text(attribute(target, segments[1]))
        if ".".join(segments) in self.captures:
            return Text(self.captures[".".join(segments)])
        if segments[0] == "onset":
            raise Unbound("{onset} is known to looks alone (`since {onset}`), and to no claim")
        if segments[0] in self.waiting:
            raise Unbound(f"nothing was caught as {{{'.'.join(segments)}}}")
        raise Unbound(f"{{{'.'.join(segments)}}} is bound by no check before this one")

    def text(self, text: str) -> str:
        """Return quoted text with its references filled in; braces that name nothing stay. Raises Unbound."""
        return self.filled(text, str)

    def filled(self, text: str, made: Callable[[str], str]) -> str:
        """Return text with its references filled in once, each value first made fit for its place.

        What was filled in is not looked at again: a value that holds braces, or says `{self.key}`, stays that text.
        """

        def value(found: re.Match[str]) -> str:
            segments = tuple(found.group(1).split("."))
            if segments[0] not in self.names and segments[0] not in self.waiting:
                return found.group()
            return made(plain(self.value(Ref((segments,)))))

        return INSIDE.sub(value, text)

    def shown(self, text: str) -> str:
        """Return text for a person: values and roles as what they mean here; what means nothing stays as it is."""

        def meant(found: re.Match[str]) -> str:
            ref = Ref((tuple(found.group(1).split(".")),))
            try:
                if self._is_value(ref):
                    return plain(self.value(ref))
                return " ".join(f"{{{target.name}}}" for target in self.targets(ref))
            except Unbound:
                return found.group()

        return INSIDE.sub(meant, text)

    def _is_value(self, ref: Ref) -> bool:
        segments = ref.names[0]
        return len(segments) > 1 or segments[0] in self.params

    @property
    def names(self) -> Collection[str]:
        """The names that mean something here; other braces are text."""
        caught = {name.split(".")[0] for name in self.captures}
        return {"self", "dependants", *self.roles, *self.params, *self.system.targets, *caught}

    def with_captures(self, captures: Mapping[str, str]) -> Environment:
        """Return this environment with what was caught."""
        return replace(self, captures={**self.captures, **captures}) if captures else self

    def awaiting(self, names: frozenset[str]) -> Environment:
        """Return this environment with names that some check binds: until then they are no plain text."""
        return replace(self, waiting=self.waiting | names) if names else self

    def with_roles(self, roles: Mapping[str, tuple[str, ...]]) -> Environment:
        """Return this environment with other targets in some roles."""
        return replace(self, roles={**self.roles, **roles})

    def with_params(self, params: Mapping[str, Value]) -> Environment:
        """Return this environment with other values for some parameters."""
        given: dict[str, Number | Text] = dict(self.params)
        for name, value in params.items():
            if isinstance(value, Number | Text):
                given[name] = value
            elif isinstance(value, Ref):
                given[name] = self.value(value)
            default = self.params.get(name)
            if isinstance(default, Number) and not _is_like(given[name], default):
                raise Unbound(
                    f'"{name}" is {show_number(default)} in the guide "{self.guide.name}", and {plain(given[name])} is not like it'
                )
        return replace(self, params=given)


def plain(value: Number | Text) -> str:
    """Return a value as it stands in text: a number without its unit."""
    return value.value if isinstance(value, Text) else show_plain(value.value)


def _is_like(value: Number | Text, default: Number) -> bool:
    return isinstance(value, Number) and value.dimension is default.dimension and bool(value.per) is bool(default.per)


def attribute(target: Target, name: str) -> str:
    """Return one attribute of a target as text. Raises Unbound when it is not known, and says why."""
    if name == "name":
        return target.name
    common = {
        "env_file": target.env_file, "service": target.service, "command": target.command, "pid_file": target.pid_file,
        "timezone": target.timezone, "via": target.via,
    }  # fmt: skip
    value = target.attributes.get(name) or common.get(name, "")
    if value:
        return value
    raise Unbound(target.unresolved.get(name) or f'"{name}" is not set for target {target.name} in the system file')


def has(target: Target, key: str) -> bool:
    """Whether the system file says that of a target."""
    own = {"logs": bool(target.logs), "env_file": bool(target.env_file), "service": bool(target.service)}
    own |= {"command": bool(target.command), "pid_file": bool(target.pid_file)}
    # An attribute whose value is not known now is there all the same; its hand says what is wrong with it.
    return bool(target.attributes.get(key) or key in target.unresolved or target.touch.get(key) or own.get(key))


def environment(system: System, guide: Guide, target: Target) -> Environment:
    """Return what the guide's names mean when it stands for that target."""
    return Environment(
        system, guide, target,
        {need.role: _role(system, target, need.role, need.kind) for need in guide.needs},
        {param.name: param.default for param in guide.params},
    )  # fmt: skip


def _role(system: System, target: Target, role: str, kind: str) -> tuple[str, ...]:
    named = target.roles.get(role)
    if named is not None:
        return (named,) if named in system.targets and system.targets[named].kind == kind else ()
    return tuple(
        sorted(name for name in target.depends if name in system.targets and system.targets[name].kind == kind)
    )
