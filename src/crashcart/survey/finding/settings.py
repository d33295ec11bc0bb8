"""Settings wherever they are given, in one list: env files, environments of processes, settings files, source. Pure."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crashcart.probes.env.dotenv import parse as parse_dotenv
from crashcart.survey.finding.addresses import URL
from crashcart.survey.finding.declared import Declared
from crashcart.survey.finding.facts import Facts
from crashcart.survey.finding.folding import assigned
from crashcart.survey.finding.groups import Group
from crashcart.survey.finding.parts import Anchor, Sure

# Lines such as `url = postgres://...`, `URL: "..."`, `"url": "..."`; the name is what stands before the last sign.
_LINE = re.compile(r"[\"']?([A-Za-z_][\w.-]*)[\"']?\]?\s*[:=]\s*[\"']?(" + URL.pattern + ")")
_TEXT_FILES = (".ini", ".cfg", ".toml", ".yml", ".yaml", ".conf")
_OTHER_PURPOSE = ("compose", "poetry.lock", "uv.lock", "pyproject")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `env_file` is the path of the file when it is one; `owners` are the parts that get it, all when empty."""

    name: str
    value: str
    how: str
    sure: Sure
    folder: str
    env_file: str = ""
    owners: tuple[Anchor, ...] = ()
    is_default: bool = False  # it stands in a file of the project, where an environment may say otherwise


def env_files(facts: Facts) -> Mapping[str, Mapping[str, str]]:
    """Return the settings of every env file that was read, by path."""
    found = {}
    for path, text in sorted(facts.files.items(), key=lambda item: (item[0].count("/"), item[0])):
        name = os.path.basename(path)
        if name.startswith(".env") or name.endswith(".env") or name == "env":
            found[path] = parse_dotenv(text)
    return found


def settings(
    facts: Facts, owners: Sequence[tuple[Anchor, Group]], wanted: Sequence[tuple[Anchor, Declared]]
) -> Iterator[Setting]:
    """Yield every setting, those first that are nearest to what really runs."""
    files = env_files(facts)
    for path, table in files.items():
        for name, value in table.items():
            yield Setting(name, value, f"{name} in {facts.shown(path)}", Sure.LIKELY, os.path.dirname(path), path)
    for anchor, group in owners:
        for name, value in sorted(group.environ.items()):
            how = f"{name} in the environment of {group.command.tool}"
            yield Setting(name, value, how, Sure.SURE, group.head.around.folder, owners=(anchor,))
        for name, value in sorted(group.command.options.items()):
            if "://" in value:
                how = f"option {name} of {group.command.tool}"
                yield Setting(name, value, how, Sure.SURE, group.head.around.folder, owners=(anchor,))
    for anchor, one in wanted:
        for name, value in one.environ.items():
            yield Setting(name, value, f"{name} in {one.source}", Sure.LIKELY, one.folder, owners=(anchor,))
    yield from _of_files(facts, {name: value for table in files.values() for name, value in table.items()})


def in_force(known: Iterable[Setting]) -> Iterator[Setting]:
    """Yield the settings that hold: what a file of the source says is only the default of the environment's setting."""
    told: set[str] = set()
    for setting in known:
        if setting.is_default and setting.name in told:
            continue
        if not setting.is_default:
            told.add(setting.name)
        yield setting


def _of_files(facts: Facts, environ: Mapping[str, str]) -> Iterator[Setting]:
    """Yield what settings files and source say; `environ` fills in what the source reads from there."""
    known = dict(environ)
    for process in facts.of_project():
        known |= process.environ
    for path, text in sorted(facts.files.items()):
        name = os.path.basename(path)
        shown = facts.shown(path)
        base = _base_of(facts, path)
        if name.endswith(".py") or (name.endswith(".cfg") and not text.lstrip().startswith("[")):
            for key, value in assigned(text, path, known):
                yield Setting(key, value, f"{key} in {shown}", Sure.LIKELY, base, is_default=True)
        elif name.endswith(_TEXT_FILES) and not any(part in name for part in _OTHER_PURPOSE):
            for line in text.splitlines():
                found = None if line.lstrip().startswith(("#", ";")) else _LINE.search(line)
                if found:
                    value = found[2].replace("%(here)s", os.path.dirname(path))
                    yield Setting(found[1], value, f"{found[1]} in {shown}", Sure.LIKELY, base, is_default=True)


def _base_of(facts: Facts, path: str) -> str:
    """Return the folder that relative paths in a file are meant from: where the project runs."""
    folders = sorted({process.around.folder for process in facts.of_project() if facts.inside(process.around.folder)})
    return folders[0] if len(folders) == 1 else facts.folder if facts.inside(path) else os.path.dirname(path)
