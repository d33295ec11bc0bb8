"""From facts to parts: all sightings, gathered by what they are of, named and joined. Pure."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence

from crashcart.redact import is_secret_name
from crashcart.survey.finding import nginx, running, source, wanted
from crashcart.survey.finding.addresses import at, bare, has_password, store
from crashcart.survey.finding.commands import Command, Role
from crashcart.survey.finding.declared import declared
from crashcart.survey.finding.facts import Facts
from crashcart.survey.finding.groups import Group, groups
from crashcart.survey.finding.joining import Found, join
from crashcart.survey.finding.parts import Anchor, Edge, Said, Sighting, Sure, Survey
from crashcart.survey.finding.providers import providers
from crashcart.survey.finding.settings import Setting, env_files, in_force, settings

_CLIENTS = (Role.WEB, Role.WORKER, Role.TIMER, Role.OTHER)
_PLACES = ("ENVIRONMENT", "APP_ENV", "ENV", "DEPLOY_ENV", "FLASK_ENV", "DJANGO_ENV", "SENTRY_ENVIRONMENT")


def ports_to_ask(facts: Facts) -> tuple[tuple[str, int], ...]:
    """Return where the project's processes listen that may speak HTTP: each will be asked by one GET."""
    found = []
    for group in groups(facts):
        if group.head.pid in facts.project and group.command.role in (Role.WEB, Role.OTHER, Role.PROXY):
            found += [("127.0.0.1" if host in ("", "0.0.0.0", "::") else host, port) for host, port in group.listens]
    return tuple(dict.fromkeys(found))


def decide(facts: Facts, statuses: Mapping[str, int]) -> Survey:
    """Return the parts. `statuses` are what GETs answered, by url; a port that speaks HTTP has one for its root."""
    found = Found()
    everyone = groups(facts)
    answered = {int(url.split(":")[2].split("/")[0]): status for url, status in statuses.items() if url.count(":") == 2}
    environ = {name: value for table in env_files(facts).values() for name, value in table.items()}
    declarations = wanted.wanted(facts, declared(facts), everyone, answered, environ)
    for part in declarations:
        found.add(wanted.sighting(facts, part))
    found.take(running.sightings(facts, everyone, answered))
    found.take(_fronts(facts, everyone, answered))
    workers = [group.command for group in everyone if group.head.pid in facts.project]
    found.take(_idle(facts, [*workers, *(part.command for part in declarations)]))
    found.take(running.connections(facts, everyone, answered))
    found.take(running.held_databases(facts, everyone, answered))
    owners = _owners(facts, everyone, answered)
    declared_owners = [(part.anchor, part.one) for part in declarations]
    aliases = {part.one.name: part.anchor for part in declarations if part.one.image or part.one.ports}
    known = list(in_force(settings(facts, owners, declared_owners)))
    clients = tuple(
        dict.fromkeys(
            [anchor for anchor, _ in owners] + [part.anchor for part in declarations if part.command.role in _CLIENTS]
        )
    )
    found.take(_stores(facts, known, clients, aliases, found))
    found.take(_providers(facts, known, clients))
    found.take(_needs(declarations))
    _describe(facts, found, clients, statuses)
    parts, asides = join(found)
    return Survey(_name(facts), _environment(known), parts, (*asides, *_unsaid(facts), *_unseen(facts, owners)))


def _owners(facts: Facts, found: Sequence[Group], answered: running.HttpPorts) -> list[tuple[Anchor, Group]]:
    """Return the project's own programs: those that read settings."""
    return [
        (anchor, group)
        for group in found
        if group.head.pid in facts.project and group.command.role in _CLIENTS
        if (anchor := running.anchor_of(group, answered)) is not None
    ]


def _fronts(facts: Facts, found: Sequence[Group], answered: running.HttpPorts) -> Iterator[Sighting | Edge]:
    """Yield nginx, where it passes requests on to a part of the project or has its settings in the folder."""
    served = {port for group in found if group.head.pid in facts.project for _, port in group.listens}
    texts = {
        path: text
        for path, text in facts.files.items()
        if path.endswith((".conf", "/default")) or "/sites-enabled/" in path or "/conf.d/" in path
    }
    texts = {path: text for path, text in texts.items() if nginx.is_nginx(text)}
    if not texts:
        return
    for path, text in sorted(texts.items()):
        front = nginx.front([text])
        upstreams = [
            (host, int(port))
            for host, _, port in (name.rpartition(":") for name in front.upstreams)
            if port.isdecimal()
        ]
        is_ours = facts.inside(path) or any(port in served for _, port in upstreams)
        listens = [
            (host, int(port)) for host, _, port in (name.rpartition(":") for name in front.listens) if port.isdecimal()
        ]
        if not is_ours or not listens:
            continue
        anchor = at(*listens[0])
        group = next(
            (one for one in found if one.command.tool == "nginx" and listens[0][1] in {p for _, p in one.listens}), None
        )
        shown = facts.shown(path)
        how = f"nginx is running with {shown}" if group else f"{shown} reads like settings of nginx, not seen running"
        keys = {
            "url": Said(f"http://127.0.0.1:{listens[0][1]}", f"listen in {shown}", Sure.SURE if group else Sure.LIKELY)
        }
        keys["path"] = Said(facts.shown(path), "the file that says so", Sure.SURE)
        logs = dict.fromkeys((*front.logs, *(running.log_files(group.opened) if group else ())))
        if logs:
            keys["logs"] = Said(
                tuple(facts.shown(log) for log in logs), f"access_log and error_log in {shown}", Sure.SURE
            )
        yield Sighting(anchor, "nginx", "nginx", how, Sure.SURE if group else Sure.LIKELY, keys)
        for host, port in upstreams:
            # Nobody may listen there right now: that is when one looks.
            url = Said(f"http://{host}:{port}", f"{shown} passes requests on to it", Sure.LIKELY)
            yield Sighting(at(host, port), "http", "upstream", url.how, Sure.LIKELY, {"url": url})
            yield Edge(anchor, at(host, port), url.how, Sure.SURE)


def _idle(facts: Facts, commands: Sequence[Command]) -> Iterator[Sighting]:
    """Yield the worker of a Celery application for which none runs and none is declared."""
    if any(command.kind == "celery" for command in commands):
        return
    for module, path in source.celery_apps(facts).items():
        how = f"{path} makes an application of Celery; no worker of it is seen"
        keys = {
            "app": Said(module, path, Sure.LIKELY),
            "command": Said(f"celery {module} worker", "how such a worker is started", Sure.GUESS),
        }
        yield Sighting(Anchor("command", f"celery {module}"), "celery", "worker", how, Sure.LIKELY, keys)


def _stores(
    facts: Facts, known: Sequence[Setting], clients: Sequence[Anchor], aliases: Mapping[str, Anchor], found: Found
) -> Iterator[Sighting | Edge]:
    """Yield the databases, caches and brokers that settings name, and who needs them."""
    for setting in known:
        named = store(setting.value, setting.folder, aliases)
        if named is None:
            continue
        key = "path" if named.kind == "sqlite" else "url"
        shown = facts.shown(named.url) if named.kind == "sqlite" else named.url
        keys = {key: Said(shown, setting.how, setting.sure)}
        if setting.env_file and named.kind != "sqlite":
            keys = {
                key: Said(f"env:{setting.name}", setting.how, setting.sure),
                "env_file": Said(facts.shown(setting.env_file), setting.how, setting.sure),
            }
            found.prefer(named.anchor, keys)
        elif named.kind != "sqlite" and not has_password(setting.value):
            found.prefer(named.anchor, {key: Said(bare(shown), setting.how, setting.sure)})
        yield Sighting(
            named.anchor, named.kind, _store_name(named.kind, named.word, named.url), setting.how, setting.sure, keys
        )
        for owner in setting.owners or clients:
            yield Edge(owner, named.anchor, setting.how, setting.sure)


def _store_name(kind: str, word: str, url: str) -> str:
    if kind == "sqlite":
        return os.path.splitext(os.path.basename(url))[0]
    return {
        "postgresql": "postgres",
        "postgis": "postgres",
        "rediss": "redis",
        "valkey": "redis",
        "amqp": "broker",
        "amqps": "broker",
        "pyamqp": "broker",
    }.get(word, word)


def _providers(facts: Facts, known: Sequence[Setting], clients: Sequence[Anchor]) -> Iterator[Sighting | Edge]:
    """Yield the APIs of others that settings lead to."""
    values = {setting.name: setting.value for setting in reversed(known) if setting.value}
    by_name = {setting.name: setting for setting in reversed(known)}
    for provider in providers(values):
        key = by_name[provider.key_name]
        how = f"{key.how}" + (f" and {provider.url_name}" if provider.url_name else ", at its usual address")
        url_setting = by_name.get(provider.url_name)
        url = Said(provider.url, how, Sure.LIKELY)
        if url_setting is not None and url_setting.env_file:
            url = Said(f"env:{provider.url_name}", url_setting.how, Sure.SURE)
        keys = {"url": url, "key": Said(f"env:{provider.key_name}", key.how, Sure.SURE)}
        if key.env_file:
            keys["env_file"] = Said(facts.shown(key.env_file), key.how, Sure.SURE)
        if provider.probe:
            keys["probe"] = Said(provider.probe, "a free path of that API, by its reference", Sure.LIKELY)
        if provider.key_header:
            keys["key_header"] = Said(provider.key_header, "how that API takes its key, by its reference", Sure.LIKELY)
        anchor = Anchor("provider", provider.host)
        yield Sighting(anchor, "provider", provider.prefix.lower().replace("_", "-"), how, Sure.LIKELY, keys)
        for owner in key.owners or clients:
            yield Edge(owner, anchor, how, Sure.LIKELY)


def _needs(declarations: Sequence[wanted.Wanted]) -> Iterator[Edge]:
    by_name = {part.one.name: part.anchor for part in declarations}
    for part in declarations:
        for name in part.one.needs:
            if name in by_name:
                yield Edge(part.anchor, by_name[name], f"{part.one.source} says so", Sure.SURE)


def _describe(facts: Facts, found: Found, clients: Sequence[Anchor], statuses: Mapping[str, int]) -> None:
    """Add what the project as a whole says of its own programs: env file, health path, metrics."""
    env_file = _env_file(facts)
    metrics = source.has_metrics(facts)
    for anchor in clients:
        keys: dict[str, Said] = {}
        if env_file is not None:
            keys["env_file"] = env_file
        base = found.value(anchor, "url") if found.kind(anchor) == "http" else ""
        if base:
            health = _health(facts, base, statuses)
            if health is not None:
                keys["health"] = health
            if 200 <= statuses.get(f"{base}/metrics", 0) < 300 and metrics:
                keys["metrics"] = Said("/metrics", f"it answers there, and {metrics} makes it", Sure.SURE)
        found.complete(anchor, keys)


def _health(facts: Facts, base: str, statuses: Mapping[str, int]) -> Said | None:
    for path, how in source.health_paths(facts):
        if 200 <= statuses.get(base + path, 0) < 300:
            return Said(path, f"{how}; a GET answered {statuses[base + path]}", Sure.SURE)
    return None


def _env_file(facts: Facts) -> Said | None:
    tables = {path: table for path, table in env_files(facts).items() if os.path.basename(path) in (".env", "env")}
    for path, table in tables.items():
        holders = [process for process in facts.of_project() if table and table.keys() <= process.environ.keys()]
        if holders:
            return Said(facts.shown(path), "all its settings are in the environment of the process", Sure.SURE)
        return Said(facts.shown(path), "it lies in the project", Sure.LIKELY)
    return None


def _name(facts: Facts) -> Said:
    for path, text in facts.named("pyproject.toml").items():
        if os.path.dirname(path) == facts.folder:
            try:
                name = tomllib.loads(text).get("project", {}).get("name", "")
            except tomllib.TOMLDecodeError:
                break
            if name:
                return Said(str(name), "the name in pyproject.toml", Sure.SURE)
    return Said(os.path.basename(facts.folder) or "system", "the name of the folder", Sure.LIKELY)


def _environment(known: Sequence[Setting]) -> Said | None:
    for name in _PLACES:
        for setting in known:
            if (
                setting.name == name
                and re.fullmatch(r"[A-Za-z][\w-]{1,30}", setting.value)
                and not is_secret_name(name)
            ):
                return Said(setting.value.lower(), setting.how, Sure.LIKELY)
    return None


def _unseen(facts: Facts, owners: Sequence[tuple[Anchor, Group]]) -> Iterator[str]:
    """Yield a warning when no program of the project runs: a stopped one leaves nothing that says where it listened."""
    if not owners and any(True for _ in source.frameworks(facts)):
        yield "no program of this project is running: what is stopped may be missing here; start it and run init again"


def _unsaid(facts: Facts) -> Iterator[str]:
    """Yield what was noticed and makes no part of its own."""
    for name, path in source.frameworks(facts).items():
        yield f"{name}: {path}"
    for path in facts.named("alembic.ini"):
        yield f"migrations by Alembic: {facts.shown(path)}"
