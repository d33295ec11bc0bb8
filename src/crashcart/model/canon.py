"""Nouns to JSON values and back: one text for one value, so that its hash can stand for it.

Every noun says its class (`"#": "PlanStep"`), and only classes in the table come back: a file cannot name others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_CLASS = "#"
_TIME = "time"


def freeze(value: object) -> Json:
    """Return the JSON value of a noun. Tuples are lists; keys of mappings are text.

    Raises:
        TypeError: something in it has no JSON value.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return {_CLASS: _TIME, "at": value.isoformat()}
        case Enum():
            return {_CLASS: type(value).__name__, "is": freeze(value.value)}
        case list() | tuple():
            return [freeze(entry) for entry in value]
        case Mapping():
            return {str(key): freeze(entry) for key, entry in sorted(value.items())}
    if is_dataclass(value) and not isinstance(value, type):
        named = {entry.name: freeze(getattr(value, entry.name)) for entry in fields(value)}
        return {_CLASS: type(value).__name__, **named}
    raise TypeError(f"{type(value).__name__} has no JSON value")


def canonical(value: object) -> str:
    """Return the one JSON text of a noun: sorted keys, no spaces."""
    return json.dumps(freeze(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Thaw:
    """Reads nouns of a closed table of classes."""

    def __init__(self, *classes: type) -> None:
        self._classes = {entry.__name__: entry for entry in classes}

    def __call__(self, value: Json) -> object:
        """Return the noun that `freeze` made this from; lists come back as tuples.

        Raises:
            ValueError: a class is not in the table, or its fields are not those that it has now.
        """
        if isinstance(value, list):
            return tuple(self(entry) for entry in value)
        if not isinstance(value, dict):
            return value
        if _CLASS not in value:
            return {key: self(entry) for key, entry in value.items()}
        name = value[_CLASS]
        if name == _TIME:
            return datetime.fromisoformat(str(value["at"]))
        known = self._classes.get(str(name))
        if known is None:
            raise ValueError(f'there is no class "{name}" here')
        given = {key: self(entry) for key, entry in value.items() if key != _CLASS}
        try:
            return known(*given.values()) if issubclass(known, Enum) else known(**given)
        except TypeError as error:
            raise ValueError(f"{name}: {error}") from error
