"""Edits of TOML that keep comments, order and every other byte. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AbstractTable, Array, Item, String
from tomlkit.toml_document import TOMLDocument

from crashcart.actions.config.change import CannotEdit

Table = TOMLDocument | AbstractTable


def assign(text: str, name: str, value: str) -> str:
    """Return the text in which that key has the value, of the type that it had; a new key goes into its section.

    Raises:
        CannotEdit: the value has another type, or there is no such section.
    """
    document = _document(text)
    table, key = _table_of(document, name)
    was = table.get(key)
    table[key] = _typed(value, was.unwrap() if isinstance(was, Item) else was, name)
    return tomlkit.dumps(document)


def remove(text: str, name: str) -> str:
    """Return the text without that key. Raises CannotEdit: there is no such section."""
    document = _document(text)
    table, key = _table_of(document, name)
    table.pop(key, None)
    return tomlkit.dumps(document)


def extend(text: str, name: str, value: str, *, old: str) -> str:
    """Return the text in which that array, or text of values joined by commas, has one more entry.

    Raises:
        CannotEdit: it is neither.
    """
    document = _document(text)
    table, key = _table_of(document, name)
    was = table.get(key)
    if isinstance(was, String):
        return assign(text, name, f"{old},{value}" if old.strip() else value)
    if not isinstance(was, Array):
        raise CannotEdit(f"{name} is no list")
    entries = was.unwrap()
    was.append(_typed(value, entries[-1] if entries else "", name))
    return tomlkit.dumps(document)


def _document(text: str) -> TOMLDocument:
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise CannotEdit("the file is no TOML") from error
    if tomlkit.dumps(document) != text:
        raise CannotEdit("the file would not stay as it is around the change")
    return document


def _table_of(document: TOMLDocument, name: str) -> tuple[Table, str]:
    *sections, key = name.split(".")
    table: Table = document
    for section in sections:
        inner = table.get(section)
        if not isinstance(inner, AbstractTable):
            raise CannotEdit(f"there is no section {section} for {name}")
        table = inner
    return table, key


def _typed(value: str, was: object, name: str) -> Item:
    if was is None:
        return next(item for read in (_number, _flag, tomlkit.string) if (item := read(value)) is not None)
    read = _READERS.get(type(was))
    item = read(value) if read is not None else None
    if item is None:
        raise CannotEdit(f"{name} is {_TOLD.get(type(was), 'no single value')}, and the new value is not")
    return item


def _integer(value: str) -> Item | None:
    try:
        return tomlkit.integer(int(value))
    except ValueError:
        return None


def _float(value: str) -> Item | None:
    try:
        return tomlkit.float_(repr(float(value)))
    except ValueError:
        return None


def _number(value: str) -> Item | None:
    return _integer(value) or _float(value)


def _flag(value: str) -> Item | None:
    return tomlkit.boolean(value) if value in ("true", "false") else None


_READERS: Mapping[type, Callable[[str], Item | None]] = MappingProxyType(
    {bool: _flag, int: _integer, float: _float, str: tomlkit.string}
)
_TOLD = MappingProxyType({bool: "true or false", int: "a whole number", float: "a number", str: "text"})
