"""Parts seen at work: the project's processes, where they listen, what they hold open and whom they talk to. Pure."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence

from crashcart.ports import OpenFile
from crashcart.survey.finding.addresses import at
from crashcart.survey.finding.commands import Role
from crashcart.survey.finding.facts import Facts
from crashcart.survey.finding.groups import Group
from crashcart.survey.finding.parts import Anchor, Edge, Said, Sighting, Sure

_TAKING = (Role.WEB, Role.STORE, Role.PROXY, Role.OTHER)
_LOG_NAME = re.compile(r"(?:\.log(?:\.|\Z)|\.out\Z|\.err\Z|[_-]log\Z)|/logs?/[^/]+\Z")
_NO_LOG = re.compile(r"\.(?:db|sqlite3?|pid|lock|sock|wal|shm|aof|rdb|py|json)\Z|/pg_wal/")
HttpPorts = Mapping[int, int]  # port -> the status of a GET


def anchor_of(group: Group, answered: HttpPorts) -> Anchor | None:
    """Return what the group is known by: the port it listens on, else its command; None when it is no part."""
    role = group.command.role
    if role in (Role.WRAPPER, Role.TOOL):
        return None
    listen = listen_of(group, answered)
    if listen is not None and role in _TAKING:
        return at(*listen)
    if role in (Role.WORKER, Role.TIMER, Role.WEB) or _is_own_script(group):
        return Anchor("command", " ".join((group.head.around.folder, *group.command.words)))
    return None


def listen_of(group: Group, answered: HttpPorts) -> tuple[str, int] | None:
    """Return the address that counts: the one it was told, else one that speaks HTTP, else the lowest port."""
    told = {port for _, port in group.command.binds}
    listens = sorted(group.listens, key=lambda end: (end[1] not in told, end[1] not in answered, end[1]))
    return listens[0] if listens else None


def kind_of(group: Group, answered: HttpPorts) -> str:
    """Return the kind of target that a group is."""
    if group.command.kind:
        return group.command.kind
    listen = listen_of(group, answered)
    return "worker" if listen is None else "http" if listen[1] in answered else "tcp"


def sightings(facts: Facts, found: Sequence[Group], answered: HttpPorts) -> Iterator[Sighting]:
    """Yield the parts among the project's own processes."""
    for group in found:
        anchor = anchor_of(group, answered) if group.head.pid in facts.project else None
        if anchor is not None:
            yield sighting(facts, group, anchor, answered)


def sighting(facts: Facts, group: Group, anchor: Anchor, answered: HttpPorts) -> Sighting:
    """Return what one group says of its part."""
    command, kind = group.command, kind_of(group, answered)
    listen = listen_of(group, answered)
    shown = _shown(command.words) or command.tool
    how = f"{shown} is running" + (f" and listens on port {listen[1]}" if listen else "")
    sure = Sure.SURE if command.kind or listen else Sure.LIKELY
    keys: dict[str, Said] = {}
    if listen is not None and kind in ("http", "nginx", "tcp"):
        keys["url"] = Said(_url(kind, listen), f"{shown} listens there", Sure.SURE)
    elif listen is not None and kind in ("postgres", "redis"):
        keys["url"] = Said(_url(kind, listen), f"{command.tool} listens there", Sure.SURE)
    keys |= _of_worker(group)
    if kind in ("worker", "celery") or (kind == "http" and len(command.words) > 1):
        keys["command"] = Said(_shown(command.words), "the words of its command line", Sure.SURE)
    logs = log_files(group.opened)
    if logs:
        shown_logs = tuple(facts.shown(path) for path in logs)
        keys["logs"] = Said(shown_logs, "it has them open for writing", Sure.SURE)
    if group.head.unit:
        keys["service"] = Said(f"systemd:{group.head.unit}", "its control group", Sure.SURE)
    return Sighting(anchor, kind, name_hint(group), how, sure, keys)


def _of_worker(group: Group) -> Mapping[str, Said]:
    command = group.command
    if command.kind != "celery":
        return {}
    keys = {}
    if command.app:
        keys["app"] = Said(command.app, "its command line", Sure.SURE)
    queues = command.options.get("Q") or command.options.get("queues")
    if queues:
        keys["queues"] = Said(queues, "its command line", Sure.SURE)
    return keys


def name_hint(group: Group) -> str:
    """Return how one would call the part, from what it runs."""
    command = group.command
    if command.role in (Role.STORE, Role.PROXY):
        return {"postmaster": "postgres", "valkey-server": "redis", "redis-server": "redis"}.get(
            command.tool, command.tool
        )
    if command.role is Role.WORKER:
        return "worker"
    if command.role is Role.TIMER:
        return "beat" if "beat" in command.tool else "timer"
    if command.tool in ("flower",):
        return command.tool
    app = re.split(r"[:(]", command.app)[0].removesuffix(".py")
    parts = [
        part
        for part in app.replace("/", ".").split(".")
        if part not in ("wsgi", "asgi", "app", "main", "manage", "src", "")
    ]
    return parts[0] if parts else "web" if command.role is Role.WEB else os.path.splitext(command.tool)[0]


def log_files(opened: Sequence[OpenFile]) -> tuple[str, ...]:
    """Return the files that are written as logs: by their name, or because standard output goes there."""
    found = [
        file.path
        for file in opened
        if file.is_written
        and not _NO_LOG.search(file.path)
        and (file.descriptor in (1, 2) or _LOG_NAME.search(file.path) or file.path.startswith("/var/log/"))
        and not file.path.startswith(("/dev/", "/proc/"))
        and not file.path.endswith(" (deleted)")
    ]
    return tuple(sorted(set(found)))


def held_databases(facts: Facts, found: Sequence[Group], answered: HttpPorts) -> Iterator[Sighting | Edge]:
    """Yield the SQLite files that the project's processes have open, and who needs them."""
    known = set(facts.databases)
    for group in found:
        source = anchor_of(group, answered) if group.head.pid in facts.project else None
        if source is None or group.command.role is Role.STORE:
            continue
        for path in sorted({file.path for file in group.opened} & known):
            target = Anchor("file", path)
            how = f"{group.command.tool} has it open"
            said = Said(facts.shown(path), how, Sure.SURE)
            yield Sighting(target, "sqlite", _stem(path), how, Sure.SURE, {"path": said})
            yield Edge(source, target, how, Sure.SURE)


def connections(facts: Facts, found: Sequence[Group], answered: HttpPorts) -> Iterator[Sighting | Edge]:
    """Yield whom the project's processes are connected to: a store of this machine becomes a part by that."""
    owners = {port: group for group in found for _, port in group.listens}
    for group in found:
        source = anchor_of(group, answered) if group.head.pid in facts.project else None
        for host, port in group.peers if source is not None else ():
            owner = owners.get(port) if at(host, port).place == "here" else None
            if owner is None or owner is group:
                continue
            target = anchor_of(owner, answered)
            if source is None or target is None or target == source:
                continue
            how = f"{group.command.tool} has a connection to it"
            yield sighting(facts, owner, target, answered)
            yield Edge(source, target, how, Sure.SURE)


def _is_own_script(group: Group) -> bool:
    """Say whether this is a program of the project, and no passing command: an interpreter with a script or module."""
    head = os.path.basename(group.head.words[0]) if group.head.words else ""
    return head.startswith("python") and bool(group.command.app)


def _url(kind: str, listen: tuple[str, int]) -> str:
    host = "127.0.0.1" if listen[0] in ("", "0.0.0.0", "::", "127.0.0.1") else listen[0]
    host = f"[{host}]" if ":" in host else host
    scheme = {"postgres": "postgresql", "redis": "redis", "tcp": "tcp"}.get(kind, "http")
    return f"{scheme}://{host}:{listen[1]}"


def _shown(words: Sequence[str]) -> str:
    return " ".join(f'"{word}"' if " " in word else word for word in words)


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]
