"""Parts that files declare, running or not: the entries of Procfile, supervisor, systemd and compose. Pure."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crashcart.survey.finding.addresses import at
from crashcart.survey.finding.commands import Command, Role, understand
from crashcart.survey.finding.declared import Declared
from crashcart.survey.finding.facts import Facts
from crashcart.survey.finding.groups import Group
from crashcart.survey.finding.parts import Anchor, Said, Sighting, Sure
from crashcart.survey.finding.running import HttpPorts, anchor_of

# image name -> (kind, port inside, name)
_IMAGES: Mapping[str, tuple[str, int, str]] = {
    "postgres": ("postgres", 5432, "postgres"),
    "postgis": ("postgres", 5432, "postgres"),
    "pgvector": ("postgres", 5432, "postgres"),
    "timescaledb": ("postgres", 5432, "postgres"),
    "redis": ("redis", 6379, "redis"),
    "valkey": ("redis", 6379, "redis"),
    "mysql": ("tcp", 3306, "mysql"),
    "mariadb": ("tcp", 3306, "mysql"),
    "mongo": ("tcp", 27017, "mongo"),
    "rabbitmq": ("tcp", 5672, "rabbitmq"),
    "memcached": ("tcp", 11211, "memcached"),
    "nginx": ("nginx", 80, "nginx"),
    "qdrant": ("http", 6333, "qdrant"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A declared part with its anchor; `command` is what its command line means."""

    anchor: Anchor
    kind: str
    one: Declared
    command: Command
    is_running: bool


def wanted(
    facts: Facts,
    declarations: Sequence[Declared],
    found: Sequence[Group],
    answered: HttpPorts,
    environ: Mapping[str, str],
) -> tuple[Wanted, ...]:
    """Return the declared parts; one that a running process belongs to has the anchor of that process."""
    made: list[Wanted] = []
    for one in declarations:
        command = understand(one.words, {**environ, **one.environ})
        group = _running(one, command, [group for group in found if group.head.pid in facts.project], made)
        anchor = anchor_of(group, answered) if group is not None else None
        if anchor is not None and group is not None:
            made.append(Wanted(anchor, "", one, command, True))
            continue
        place = _declared_place(one, command)
        if place is not None:
            made.append(Wanted(place[0], place[1], one, command, False))
    return tuple(made)


def sighting(facts: Facts, part: Wanted) -> Sighting:
    """Return what the declaration says of its part."""
    one, command = part.one, part.command
    state = "and is running" if part.is_running else "not seen running"
    how = f'"{one.name}" in {one.source}, {state}'
    keys: dict[str, Said] = {}
    kind = part.kind or command.kind or "worker"
    if not part.is_running and part.anchor.sort == "port":
        host = "127.0.0.1" if part.anchor.place == "here" else part.anchor.place
        scheme = {"postgres": "postgresql", "redis": "redis", "tcp": "tcp"}.get(kind, "http")
        sure = Sure.LIKELY if part.anchor.port in {port for _, port in command.binds} or one.ports else Sure.GUESS
        keys["url"] = Said(f"{scheme}://{host}:{part.anchor.port}", f"{one.source} says so", sure)
    if not part.is_running and command.words and kind in ("worker", "celery", "http"):
        keys["command"] = Said(" ".join(command.words), f"its command in {one.source}", Sure.LIKELY)
    if command.kind == "celery":
        if command.app:
            keys["app"] = Said(command.app, f"its command in {one.source}", Sure.LIKELY)
        queues = command.options.get("Q") or command.options.get("queues")
        if queues:
            keys["queues"] = Said(queues, f"its command in {one.source}", Sure.LIKELY)
    if one.service:
        keys["service"] = Said(one.service, f"{one.source} starts it", Sure.SURE)
    if one.logs:
        keys["logs"] = Said(tuple(facts.shown(path) for path in one.logs), f"{one.source} says so", Sure.LIKELY)
    existing = [os.path.join(one.folder, path) for path in one.env_files]
    env_file = next((path for path in existing if path in facts.files), "")
    if env_file:
        keys["env_file"] = Said(facts.shown(env_file), f"{one.source} gives it that file", Sure.SURE)
    return Sighting(part.anchor, kind, one.name, how, Sure.SURE if part.is_running else Sure.LIKELY, keys)


def _running(one: Declared, command: Command, found: Sequence[Group], made: Sequence[Wanted]) -> Group | None:
    """Return the running group that the declaration started, by tool, application and port."""
    if not command.tool or one.image:
        return None
    same = [group for group in found if _is_same(command, group.command)]
    told = {port for _, port in command.binds}
    exact = [group for group in same if told & {port for _, port in group.listens}]
    return next(iter((*exact, *same)), None)


def _is_same(one: Command, other: Command) -> bool:
    if one.tool != other.tool or one.role is not other.role:
        return False
    if one.app and other.app and os.path.basename(one.app) != os.path.basename(other.app):
        return False
    names = ("Q", "queues")
    return [one.options.get(name) for name in names] == [other.options.get(name) for name in names]


def _declared_place(one: Declared, command: Command) -> tuple[Anchor, str] | None:
    image = one.image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    known = next((said for name, said in _IMAGES.items() if re.match(rf"{name}\b", image)), None)
    if known is not None:
        outer = next((outer for outer, inner in one.ports if inner == known[1]), 0)
        return (at("", outer), known[0]) if outer else (Anchor("port", one.name, known[1]), known[0])
    if command.role in (Role.WRAPPER, Role.TOOL) and not one.ports:
        return None
    if one.ports and command.role in (Role.WEB, Role.OTHER, Role.WRAPPER):
        return at("", one.ports[0][0]), "http"
    port = next((port for _, port in command.binds if port), 0)
    if port and command.role in (Role.WEB, Role.STORE, Role.PROXY):
        return at("", port), command.kind
    if command.role is Role.OTHER and not command.words:
        return None
    return Anchor("command", " ".join((one.folder, *command.words))), command.kind or "worker"
