"""A change of one setting in a text, whatever the format, proved by reading the result. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

from crashcart.probes.config.parse import Broken, TooLarge, parse


class CannotEdit(Exception):
    """This change cannot be made in this file; the message says why, without any value."""


@dataclass(frozen=True, slots=True)
class Change:
    """set, unset or append; `value` is text in the units of the file."""

    verb: str
    name: str
    value: str = ""


def settings(text: str, path: str) -> Mapping[str, str]:
    """Return all settings of the text, flat.

    Raises:
        CannotEdit: it cannot be parsed.
    """
    try:
        return parse(text, path)
    except Broken as error:
        raise CannotEdit(f"{path} cannot be parsed: {error}") from error
    except TooLarge as error:
        raise CannotEdit(f"{path} has more than 10,000 keys") from error


def is_made(text: str, path: str, change: Change) -> bool:
    """Say whether the text is as the change wants it.

    Raises:
        CannotEdit: it cannot be parsed.
    """
    found = settings(text, path)
    if change.verb == "append":
        return change.value in _list(found, change.name)
    if change.verb == "unset":
        return not _within(found, change.name)
    if change.name not in found:
        return False
    return found[change.name] == change.value or (_has_types(path) and _is_one_number(found[change.name], change.value))


def changed(text: str, path: str, change: Change) -> str:
    """Return the text with the change made: the same text when it is made already.

    Raises:
        CannotEdit: it cannot be made, or not without touching something else.
    """
    if is_made(text, path, change):
        return text
    before = settings(text, path)
    fresh = _edited(text, path, change, before)
    try:
        after = parse(fresh, path)
    except (Broken, TooLarge) as error:
        raise CannotEdit("after that change the file could not be parsed any more") from error
    if change.verb == "append":
        is_kept = _list(after, change.name) == [*_list(before, change.name), change.value]
    else:
        is_kept = is_made(fresh, path, change)
    if not is_kept or _others(before, change.name) != _others(after, change.name):
        raise CannotEdit("it cannot be changed without changing something else; by hand, then")
    return fresh


def _edited(text: str, path: str, change: Change, before: Mapping[str, str]) -> str:
    editor = _editor(path)
    mark = text[: text.startswith("\ufeff")]  # a byte order mark, which the parsers do not want
    match change.verb:
        case "set":
            edited = editor.assign(text.removeprefix(mark), change.name, change.value)
        case "unset":
            edited = editor.remove(text.removeprefix(mark), change.name)
        case _:
            edited = editor.extend(text.removeprefix(mark), change.name, change.value, old=before.get(change.name, ""))
    return f"{mark}{edited}"


def _ending(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[2].lower()


def _has_types(path: str) -> bool:
    return _ending(path) in ("toml", "yaml", "yml")


def _editor(path: str) -> ModuleType:
    from crashcart.actions.config import env_file, toml_file, yaml_file

    if _ending(path) in ("json", "ini", "cfg", "conf"):
        raise CannotEdit(f"{_ending(path)} files are not edited here: by hand, then")
    return {"toml": toml_file, "yaml": yaml_file, "yml": yaml_file}.get(_ending(path), env_file)


def _others(found: Mapping[str, str], name: str) -> Mapping[str, str]:
    within = set(_within(found, name))
    return {key: value for key, value in found.items() if key not in within}


def _within(found: Mapping[str, str], name: str) -> list[str]:
    return [key for key in found if key == name or key.startswith(f"{name}.")]


def _list(found: Mapping[str, str], name: str) -> list[str]:
    """Return the entries of a list as the format has it, or as JSON or commas in one text make it."""
    text = found.get(name, "")
    if text.lstrip().startswith("["):
        try:
            return [str(entry) for entry in json.loads(text)]
        except ValueError:
            return []
    if name in found:
        return text.split(",") if text.strip() else []
    return [found[key] for key in _within(found, name)]


def _is_one_number(one: str, other: str) -> bool:
    """Say whether 5 and 5.0 stand there, where a format has numbers."""
    try:
        return float(one) == float(other)
    except ValueError:
        return False
