"""Settings files of five kinds as one flat table: dotted key -> text. Pure."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import yaml

from crashcart.probes.env.dotenv import parse as parse_env

_KEYS = 10_000
_DEPTH = 32  # an alias in YAML may lead back to where it stands
_LINE = re.compile(r"line (\d+)")


class Broken(Exception):
    """The text is not what its name promises; the message tells the line and nothing of the content."""


class TooLarge(Exception):
    """There are more keys than any settings file has."""


def parse(text: str, name: str) -> Mapping[str, str]:
    """Return the settings of a file by the ending of its name; without a known one it is an env file.

    Raises:
        Broken: it cannot be parsed.
        TooLarge: it has more than 10,000 keys.
    """
    ending = name.rpartition("/")[2].rpartition(".")[2].lower()
    read = _READERS.get(ending, parse_env)
    try:
        found = read(text.removeprefix("\ufeff"))
    except (ValueError, configparser.Error, yaml.YAMLError, RecursionError) as error:
        raise Broken(_where(error)) from error
    flat: dict[str, str] = {}
    for key, value in _flat(found, "", 0):
        flat[key] = value
        if len(flat) > _KEYS:
            raise TooLarge
    return flat


def _ini(text: str) -> Mapping[str, object]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as it stands, not in lower case
    parser.read_string(text)
    return {section: dict(parser[section]) for section in parser.sections()} | dict(parser.defaults())


_READERS: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {
        "ini": _ini, "cfg": _ini, "conf": _ini, "json": json.loads, "toml": tomllib.loads,
        "yaml": yaml.safe_load, "yml": yaml.safe_load,
    }
)  # fmt: skip


def _flat(value: object, key: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and depth < _DEPTH:
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else str(name), depth + 1)
    elif isinstance(value, list) and depth < _DEPTH:
        for place, inner in enumerate(value):
            yield from _flat(inner, f"{key}.{place}" if key else str(place), depth + 1)
    elif key:
        yield key, _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"  # as all these formats write it
    return "" if value is None else str(value)


def _where(error: Exception) -> str:
    # The messages of the parsers quote what they stumbled over, and that may be a secret.
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark is not None else getattr(error, "lineno", None)
    found = _LINE.search(str(error)) if line is None else None
    line = found[1] if found else line
    return f"line {line}" if line is not None else "not the format of its name"
