"""What files say shall run: Procfile, supervisor, systemd and compose, each read as its own tool reads it. Pure."""

from __future__ import annotations

import configparser
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from crashcart.survey.finding.facts import Facts


@dataclass(frozen=True, slots=True)
class Declared:
    """One thing that a file says shall run. `images` and `ports` only compose knows; `service` names who starts it."""

    name: str
    words: tuple[str, ...]
    source: str  # how a person would name the place: "Procfile", "compose.yml"
    folder: str = ""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    env_files: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    service: str = ""
    image: str = ""
    ports: tuple[tuple[int, int], ...] = ()  # (on this machine, inside)
    needs: tuple[str, ...] = ()


def declared(facts: Facts) -> tuple[Declared, ...]:
    """Return everything that the files declare for this project."""
    found: list[Declared] = []
    for path, text in sorted(facts.files.items()):
        name = os.path.basename(path)
        if name.startswith("Procfile"):
            found += _procfile(facts, path, text)
        elif name.endswith(".service"):
            found += _unit(facts, path, text)
        elif re.fullmatch(r"(docker-)?compose[\w.-]*\.ya?ml", name):
            found += _compose(facts, path, text)
        elif name.endswith((".conf", ".ini")) and "[program:" in text:
            found += _supervisor(facts, path, text)
    return tuple(found)


def split(text: str) -> tuple[str, ...]:
    """Return the words of a command line; one with an odd quote is split at its blanks."""
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())


def _procfile(facts: Facts, path: str, text: str) -> Iterator[Declared]:
    folder = os.path.dirname(path)
    for line in text.splitlines():
        found = re.match(r"([A-Za-z0-9_-]+):\s*(.+)", line)
        if found and found[1] not in ("release",):
            yield Declared(found[1], split(found[2]), facts.shown(path), folder)


def _ini(text: str) -> configparser.RawConfigParser | None:
    reader = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(" ;",), allow_no_value=True)
    reader.optionxform = str  # type: ignore[assignment,method-assign]  # names of systemd keep their case
    try:
        reader.read_string(text)
    except configparser.Error:
        return None
    return reader


def _supervisor(facts: Facts, path: str, text: str) -> Iterator[Declared]:
    reader = _ini(text)
    for section in reader.sections() if reader else ():
        if reader is None or not section.startswith("program:"):
            continue
        table = {key: (value or "").replace("%(here)s", os.path.dirname(path)) for key, value in reader.items(section)}
        name = section.partition(":")[2]
        folder = table.get("directory", "")
        one = Declared(
            name,
            split(table.get("command", "")),
            facts.shown(path),
            folder or os.path.dirname(path),
            _pairs(table.get("environment", "")),
            logs=_logs(table, ("stdout_logfile", "stderr_logfile"), folder or os.path.dirname(path)),
            service=f"supervisor:{name}",
        )
        if facts.inside(path) or _touches(facts, one):
            yield one


def _unit(facts: Facts, path: str, text: str) -> Iterator[Declared]:
    # A unit may say a key several times; of `Environment` all count.
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    pairs = [line.partition("=")[::2] for line in lines if "=" in line and not line.lstrip().startswith(("#", ";"))]
    table = {key.strip(): value.strip() for key, value in pairs}
    if not table.get("ExecStart"):
        return
    environ = {
        name: value
        for key, text in pairs
        if key.strip() == "Environment"
        for word in split(text)
        for name, is_set, value in (word.partition("="),)
        if is_set
    }
    logs = [
        value.partition(":")[2]
        for key in ("StandardOutput", "StandardError")
        if (value := table.get(key, "")).startswith(("file:", "append:", "truncate:"))
    ]
    one = Declared(
        os.path.basename(path).removesuffix(".service").partition("@")[0],
        split(table["ExecStart"].lstrip("-@:+!")),
        facts.shown(path),
        table.get("WorkingDirectory", "").lstrip("-"),
        environ,
        tuple(value.lstrip("-") for key, value in pairs if key.strip() == "EnvironmentFile"),
        tuple(dict.fromkeys(logs)),
        f"systemd:{os.path.basename(path)}",
        needs=tuple(
            name.removesuffix(".service")
            for key in ("Requires", "Wants")
            for name in table.get(key, "").split()
            if name.endswith(".service")
        ),
    )
    if facts.inside(path) or _touches(facts, one):
        yield one


def _touches(facts: Facts, one: Declared) -> bool:
    return facts.inside(one.folder) or any(facts.inside(word) for word in one.words if word.startswith("/"))


def _compose(facts: Facts, path: str, text: str) -> Iterator[Declared]:
    import yaml

    try:
        tree = yaml.safe_load(text)
    except yaml.YAMLError:
        return
    services = tree.get("services") if isinstance(tree, dict) else None
    for name, table in (services or {}).items() if isinstance(services, dict) else ():
        if not isinstance(table, dict):
            continue
        command = table.get("command") or table.get("entrypoint") or ""
        env_file = table.get("env_file") or []
        files = [env_file] if isinstance(env_file, str) else [_path_of(entry) for entry in env_file]
        yield Declared(
            str(name),
            tuple(map(str, command)) if isinstance(command, list) else split(str(command)),
            facts.shown(path),
            os.path.dirname(path),
            _environment(table.get("environment")),
            tuple(os.path.join(os.path.dirname(path), file) for file in files if file),
            image=str(table.get("image") or ""),
            ports=_published(table.get("ports")),
            needs=tuple(map(str, table.get("depends_on") or ())),
        )


def _path_of(entry: object) -> str:
    return str(entry.get("path", "")) if isinstance(entry, dict) else str(entry)


def _environment(given: object) -> Mapping[str, str]:
    if isinstance(given, dict):
        return {str(key): "" if value is None else str(value) for key, value in given.items()}
    entries = given if isinstance(given, list) else []
    return {name: value for entry in entries for name, is_set, value in (str(entry).partition("="),) if is_set}


def _published(given: object) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for entry in given if isinstance(given, list) else []:
        if isinstance(entry, dict):
            outer, inner = str(entry.get("published", "")), str(entry.get("target", ""))
        else:
            parts = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(entry)).partition("/")[0].split(":")
            outer, inner = parts[-2] if len(parts) > 1 else "", parts[-1]
        if outer.isdecimal() and inner.isdecimal():
            found.append((int(outer), int(inner)))
    return tuple(found)


def _pairs(text: str) -> Mapping[str, str]:
    """Return supervisor's `A="1",B="2"`."""
    found = re.findall(r'(\w+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\'|([^,]*))', text)
    return {name: double or single or bare.strip() for name, double, single, bare in found}


def _logs(table: Mapping[str, str], keys: tuple[str, ...], folder: str) -> tuple[str, ...]:
    told = [table[key] for key in keys if table.get(key, "") not in ("", "NONE", "AUTO", "syslog")]
    return tuple(dict.fromkeys(os.path.join(folder, path) for path in told if not path.startswith("/dev/")))
