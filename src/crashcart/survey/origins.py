"""Where each value of a system file comes from: a line of it, the environment, an env file, a default. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crashcart.model.origin import Origin
from crashcart.model.spec import AttributeSpec, Catalogue
from crashcart.model.system import System, Target
from crashcart.probes.env.dotenv import parse
from crashcart.redact import Scrubber, fingerprint

Keys = tuple[str, ...]
_MAX_LINES = 400  # of one value; no system file has a longer one


@dataclass(frozen=True, slots=True)
class Ground:
    """What the values were made of. `env_texts` has the text of each env file that could be read, by its path."""

    name: str  # of the system file, as a person would type it
    text: str
    system: System
    defaults: Mapping[str, str]  # settings in force that the file may leave out, by key: "settings.budget_s"
    secrets: Mapping[tuple[str, str], str | None]  # (target, attribute) -> value
    environ: Mapping[str, str]
    env_texts: Mapping[str, str]
    env_names: Mapping[str, str]  # those paths as a person would type them


def origins(ground: Ground, catalogue: Catalogue, scrubber: Scrubber) -> tuple[Origin, ...]:
    """Return every value in force, in the order of the file: what it gives, then what holds unless said."""
    lines = lines_of(ground.text)
    given = _leaves(tomllib.loads(ground.text))
    own = [_of_system(keys, value, lines, ground) for keys, value in given.items() if keys[0] != "targets"]
    told = {entry.key for entry in own}
    own += [Origin(key, value, "default") for key, value in ground.defaults.items() if key not in told]
    found = list(own)
    for target in ground.system.targets.values():
        found += _of_target(target, given, lines, ground, catalogue)
    return tuple(
        entry if entry.is_secret else Origin(entry.key, scrubber.text(entry.value), entry.origin, False, entry.is_set)
        for entry in found
    )


def lines_of(text: str) -> dict[Keys, int]:
    """Return the line of each value in a TOML document; a value inside a table on one line has that line.

    TOML readers keep no places. So the document is taken apart into statements, the shortest runs of lines that
    are TOML by themselves, and each is read alone.
    """
    found: dict[Keys, int] = {}
    table: Keys = ()
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        parsed, length = _statement(lines, at)
        if lines[at].lstrip().startswith("["):
            table = _only_path(parsed)
        else:
            found |= {(*table, *keys): at + 1 for keys in _leaves(parsed)}
        at += length
    return found


def _statement(lines: list[str], at: int) -> tuple[Mapping[str, object], int]:
    for length in range(1, min(_MAX_LINES, len(lines) - at) + 1):
        try:
            return tomllib.loads("\n".join(lines[at : at + length])), length
        except tomllib.TOMLDecodeError:
            continue
    return {}, 1


def _only_path(tree: object) -> Keys:
    """Return the path of `[a.b]`, read alone."""
    if isinstance(tree, dict) and len(tree) == 1:
        key, inner = next(iter(tree.items()))
        return (str(key), *_only_path(inner))
    return ()


def _leaves(tree: Mapping[str, object], above: Keys = ()) -> dict[Keys, object]:
    found: dict[Keys, object] = {}
    for key, value in tree.items():
        found |= _leaves(value, (*above, key)) if isinstance(value, dict) else {(*above, key): value}
    return found


def _of_system(keys: Keys, value: object, lines: Mapping[Keys, int], ground: Ground) -> Origin:
    return Origin(".".join(keys), _words(value), _at(keys, lines, ground))


def _of_target(
    target: Target, given: Mapping[Keys, object], lines: Mapping[Keys, int], ground: Ground, catalogue: Catalogue
) -> Iterator[Origin]:
    specs = {spec.name: spec for spec in catalogue.targets[target.kind].attributes}
    head = ("targets", target.name)
    told = [keys for keys in given if keys[:2] == head]
    for keys in told:
        spec = specs.get(keys[2])
        reference = str(given[keys])
        if spec is not None and spec.is_reference and reference.startswith(("env:", "file:")):
            yield _referred(target, spec, reference, _at(keys, lines, ground), ground)
        else:
            yield Origin(".".join(keys), _words(given[keys]), _at(keys, lines, ground))
    for name, value in sorted(target.attributes.items()):
        if (*head, name) not in told:
            yield Origin(f"targets.{target.name}.{name}", value, "derived from url")
    if (*head, "via") not in told:
        yield Origin(f"targets.{target.name}.via", target.via, "default")


def _referred(target: Target, spec: AttributeSpec, reference: str, at: str, ground: Ground) -> Origin:
    key = f"targets.{target.name}.{spec.name}"
    origin = f"{_source(target, reference, ground)}, by {at}"
    if spec.is_secret:
        secret = ground.secrets.get((target.name, spec.name))
        return Origin(key, _secret_words(secret), origin, is_secret=True, is_set=bool(secret))
    value = target.attributes.get(spec.name)
    return Origin(key, value if value is not None else "unset", origin, is_set=value is not None)


def _source(target: Target, reference: str, ground: Ground) -> str:
    scheme, _, name = reference.partition(":")
    if scheme == "file":
        return f"file {name}"
    if ground.environ.get(name):
        return f"environment {name}"
    text = ground.env_texts.get(target.env_file)
    file = ground.env_names.get(target.env_file, "")
    if text is None or not parse(text).get(name):
        return f"{name} is not set in {f'{file} or ' if file else ''}the environment"
    return f"{file}:{_line_of_setting(text, name)}"


def _line_of_setting(text: str, name: str) -> int:
    """Return the line of a setting; the last one of a name wins, as for whoever reads the file."""
    lines = text.splitlines()
    wins = [number for number, line in enumerate(lines, start=1) if name in parse(line)]
    return wins[-1] if wins else 1


def _secret_words(value: str | None) -> str:
    return f"set, {len(value)} characters, fingerprint {fingerprint(value)}" if value else "unset"


def _at(keys: Keys, lines: Mapping[Keys, int], ground: Ground) -> str:
    line = lines.get(keys)
    return f"{ground.name}:{line}" if line else ground.name


def _words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_words(entry) for entry in value) or "(none)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
