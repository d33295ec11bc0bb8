"""Remarks on what the system file does not know: hosts, settings, metrics and files that a guide speaks of.

A guide may be older than the system, and a system file may be incomplete: each remark says what is not known, and is
made only where the file knows things of that kind at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from crashcart.guides.foreign.text import word_set
from crashcart.guides.shell import Command, Found, Remark
from crashcart.guides.words import is_near

from .nouns import Place, Text, flat

_OWN_HOSTS = word_set("localhost 127.0.0.1 ::1 0.0.0.0")
_EXAMPLE = re.compile(
    r"example|your|<|>|\$|\{|\}|\*|xxx|domain|hostname|(?:^|\.)(?:test|invalid|local)$", re.IGNORECASE
)
_NAME = r"[A-Z][A-Z0-9]{0,40}(?:_[A-Z0-9]{1,40}){1,8}"  # of a setting: capitals with at least one _
_SET = re.compile(rf"^\s*(?:export\s+|ENV\s+|-\s+)?({_NAME})\s*=")
_ASKED = re.compile(
    rf"\$\{{?({_NAME})\b|\bprintenv\s+({_NAME})\b|(?:getenv|environ(?:\.get)?)[(\[]\s*[\"']({_NAME})[\"']|^\s*-?\s*name:\s*({_NAME})\s*$"
)
_SPAN = re.compile(rf"`({_NAME})(?:=[^`\n]{{0,100}})?`")
# What the shell, or whoever starts the service, sets.
_GIVEN = re.compile(r"(?:LC|XDG|SSH|GITHUB|CI|KUBERNETES|DOCKER|COMPOSE|PIP|UV|PYTHON)_\w+|OLD_PWD|BASH_\w+|LD_\w+")
_METRIC = re.compile(r"\b(?:promql|/api/v1/query|histogram_quantile|rate|increase|sum by)\b")
_LOG = re.compile(r"(?:^|/)[\w.-]+\.log$|^/var/log/[\w./-]+$")
_DATABASE = re.compile(r"(?:^|/)[\w.-]+\.(?:db|sqlite3?)$")
_ENV_FILE = re.compile(r"(?:^|/)\.env(?:\.[\w-]+)?$")


def unknown_to_system(text: Text) -> Iterator[Remark]:
    """What the guide speaks of and the system file does not know; each thing once."""
    if text.place is not None:
        yield from _hosts(text, text.place)
        yield from _settings(text, text.place)
        yield from _paths(text, text.place)
        yield from _metrics(text, text.place)


def _hosts(text: Text, place: Place) -> Iterator[Remark]:
    """A host that no target has is a slip, or a part of the system that nobody watches."""
    known = {host for host, _ in place.hosts} | place.names
    ports = {port for _, port in place.hosts}
    told: set[str] = set()
    for command, part in _parts(text):
        for host, port in _addresses(part):
            is_own = host in _OWN_HOSTS
            if is_own:
                is_missing = bool(port) and port not in ports
            else:
                is_missing = host not in known and host.split(".")[0] not in place.names
            name = f"{host}:{port}" if is_own else host
            if is_missing and name not in told:
                told.add(name)
                yield Remark(
                    "unknown-host", command.line, flat(command.text), f"the system file knows no target at {flat(name, 80)}",
                    "correct the address, or add a target to the system file",
                )  # fmt: skip


def _parts(text: Text) -> Iterator[tuple[Command, Command]]:
    for command in text.commands:
        for part in (command, *command.inner):
            yield command, part


def _addresses(part: Command) -> Iterator[tuple[str, int]]:
    for word in part.words:
        if word.is_placeholder or word.is_dynamic or not re.match(r"\w+://", word.text):
            continue
        try:
            url = urlsplit(word.text)
            host, port = url.hostname or "", url.port or 0
        except ValueError:
            continue  # no address at all, which is not for this rule to say
        if host and not _EXAMPLE.search(host):
            yield host, port


def _settings(text: Text, place: Place) -> Iterator[Remark]:
    """A setting that stands in no env file: a slip, or one that is left at its default."""
    if not place.settings:
        return
    own = _of_scripts(text)
    told: set[str] = set()
    for number, line in enumerate(text.lines, start=1):
        for name in _named(line):
            if name in place.settings or name in told or name in own or _GIVEN.fullmatch(name):
                continue
            told.add(name)
            near = next((known for known in sorted(place.settings) if is_near(name, known)), "")
            yield Remark(
                "unknown-setting", number, flat(line), f"no env file of the system sets {name}",
                f"perhaps {near}" if near else "correct the name; or say that it has a default, and which",
            )  # fmt: skip


def _named(line: str) -> Iterator[str]:
    if "_" not in line:
        return
    found = _SET.match(line)
    if found:
        yield found.group(1)
    for asked in _ASKED.finditer(line):
        yield next(group for group in asked.groups() if group)
    yield from (span.group(1) for span in _SPAN.finditer(line))


def _of_scripts(text: Text) -> set[str]:
    """Return the names that commands themselves set and no setting is: what a script computes, counts or loops over."""
    found: set[str] = set()
    for number in text.bodies:
        line = text.line(number)
        computed = re.match(rf"\s*(?:local\s+|readonly\s+)?({_NAME})\+?=(?:\$\(|[\"']?\$|\(|`)", line)
        looped = re.match(rf"\s*(?:for|read(?:\s+-\w+)*)\s+({_NAME})\b", line)
        found |= {match.group(1) for match in (computed, looped) if match}
    return found


def _paths(text: Text, place: Place) -> Iterator[Remark]:
    """A log, a database or an env file that no target has; compared by their whole path, or by their name."""
    told: set[str] = set()
    for command, part in _parts(text):
        for word in part.words[1:]:
            path = word.text.strip("\"'")
            kind = _kind_of(path)
            if word.is_placeholder or word.is_dynamic or not kind or path in told or _EXAMPLE.search(path):
                continue
            told.add(path)
            has_such = any(_kind_of(known) == kind for known in place.paths)
            if has_such and not any(_is_same(path, known) for known in place.paths):
                yield Remark(
                    "unknown-path", command.line, flat(command.text), f"no target of the system file has the {kind} {flat(path, 100)}",
                    "correct the path, or add it to the system file",
                )  # fmt: skip


def _kind_of(path: str) -> str:
    for kind, pattern in (("log", _LOG), ("database", _DATABASE), ("env file", _ENV_FILE)):
        if pattern.search(path):
            return kind
    return ""


def _is_same(path: str, known: str) -> bool:
    if path.startswith("/"):
        return fnmatchcase(path, known)
    return fnmatchcase(path.rsplit("/", 1)[-1], known.rsplit("/", 1)[-1])


def _metrics(text: Text, place: Place) -> Iterator[Remark]:
    """Metrics are asked for, and no target of the system file has a page of them: told once."""
    if place.has_metrics:
        return
    for command in text.commands:
        if command.found is not Found.SETTING and _METRIC.search(command.text):
            yield Remark(
                "unknown-metric", command.line, flat(command.text), "the guide asks for metrics, and the system file names none of a target",
                "say where they are: `metrics` of the target",
            )  # fmt: skip
            return
