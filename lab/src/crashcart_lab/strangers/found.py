"""What `init` wrote, beside what is there."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crashcart_lab.strangers.stranger import There


@dataclass(frozen=True, slots=True)
class Compared:
    """Parts found, parts missed, and targets of the file that are no part."""

    found: tuple[str, ...]
    missed: tuple[str, ...]
    invented: tuple[str, ...]


def compare(path: Path, there: Sequence[There]) -> Compared:
    """Match each part with one target: of a right kind, with the part's mark in one of its lines."""
    targets = tomllib.loads(path.read_text())["targets"] if path.exists() else {}
    free = dict(targets)
    found, missed = [], []
    for part in there:
        name = next((name for name, table in free.items() if _is(part, name, table)), None)
        if name is None:
            missed.append(part.name)
        else:
            del free[name]
            found.append(part.name)
    return Compared(tuple(found), tuple(missed), tuple(free))


def target_of(path: Path, part: There) -> str:
    """Return the name of the target that is the part; empty when there is none."""
    targets = tomllib.loads(path.read_text())["targets"] if path.exists() else {}
    return next((name for name, table in targets.items() if _is(part, name, table)), "")


def _is(part: There, name: str, table: dict[str, object]) -> bool:
    return table.get("kind") in part.kinds and part.mark in f"{name} {table}"
