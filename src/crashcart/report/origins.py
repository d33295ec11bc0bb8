"""The values in force with where each comes from, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final, Literal

import msgspec

from crashcart.model.origin import Origin
from crashcart.report.plain import line

VERSION: Final = 1
_VALUE = 46


def origins_text(found: Sequence[Origin]) -> str:
    """Return a table for each part of the file."""
    rows: list[str] = []
    for table, entries in groupby(found, key=lambda entry: entry.key.rpartition(".")[0]):
        shown = list(entries)
        width = max(len(entry.key.rpartition(".")[2]) for entry in shown)
        rows += ["", f"[{line(table)}]"] if rows else [f"[{line(table)}]"]
        for entry in shown:
            name = entry.key.rpartition(".")[2]
            rows.append(f"  {line(name):<{width}}  {line(entry.value, _VALUE):<{_VALUE}}  {line(entry.origin)}")
    return "\n".join(rows) + "\n"


class ValueJson(msgspec.Struct, frozen=True):
    """One value. Of a secret `value` says only whether it is set, its length and its fingerprint."""

    key: str
    value: str
    origin: str
    is_secret: bool
    is_set: bool


class ConfigJson(msgspec.Struct, frozen=True):
    """What `crashcart config show --json` prints. `v` changes when a reader of the old shape would be misled."""

    v: Literal[1]
    path: str
    values: tuple[ValueJson, ...]


def origins_json(found: Sequence[Origin], path: str) -> bytes:
    """Return the document, indented, with a newline at the end."""
    values = tuple(ValueJson(one.key, one.value, one.origin, one.is_secret, one.is_set) for one in found)
    document = ConfigJson(v=VERSION, path=path, values=values)
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n"
