"""Importing again: what people wrote since stays, what the source changed since is shown.

Each problem of a draft carries the fingerprint of what the import wrote there, in a comment below its heading. The
comment travels with the file, so there is no second file to lose; and a fingerprint is enough to tell who changed what.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from enum import Enum

_MARK = re.compile(r"<!-- imported ([0-9a-f]{12}) -->")
_PLACE = re.compile(r"\b[Ll]ines? \d+(?:-\d+)?")
_HEADING = re.compile(r"## .*\{#([a-z][a-z0-9-]*)[^}]*\}")


class Change(Enum):
    """What became of a problem when its source was imported again."""

    SAME = "same"
    NEW = "new"
    UPDATED = "updated"  # nobody had edited it
    KEPT = "kept"  # edited, and the source is as it was
    BOTH = "both"  # edited, and the source changed too: the edited text stays, the difference is shown
    GONE = "gone"  # not in the source any more, and nobody had edited it: removed
    ORPHAN = "orphan"  # not in the source any more, and edited: it stays


@dataclass(frozen=True, slots=True)
class Merged:
    """The draft after the merge; `changes` are by problem id, `differences` the diffs of those in BOTH."""

    text: str
    changes: tuple[tuple[str, Change], ...]
    differences: tuple[tuple[str, str], ...] = ()


def stamped(lines: Sequence[str]) -> list[str]:
    """Return the lines of a section with its fingerprint below the heading."""
    return [lines[0], "", f"<!-- imported {_fingerprint(lines)} -->", *lines[1:]]


def merge(draft: str, again: str) -> Merged:
    """Return an edited draft, brought up to a new import of its source."""
    head, old = _split(draft)
    _, new = _split(again)
    kept: list[str] = []
    changes: list[tuple[str, Change]] = []
    differences: list[tuple[str, str]] = []
    for name, section in old.items():
        change, text = _one(section, new.get(name))
        changes.append((name, change))
        kept += text
        if change is Change.BOTH:
            shown = unified_diff(_bare(section), _bare(new[name]), "draft", "source", lineterm="", n=1)
            differences.append((name, "\n".join(shown)))
    for name, section in new.items():
        if name not in old:
            changes.append((name, Change.NEW))
            kept += section
    return Merged("\n".join([*head, *kept]).rstrip() + "\n", tuple(changes), tuple(differences))


def _one(mine: list[str], theirs: list[str] | None) -> tuple[Change, list[str]]:
    is_edited = _mark(mine) != _fingerprint(_bare(mine))
    if theirs is None:
        return (Change.ORPHAN, mine) if is_edited else (Change.GONE, [])
    is_changed = _mark(mine) != _mark(theirs)
    if not is_edited:
        return (Change.UPDATED if is_changed else Change.SAME), theirs
    if not is_changed or _bare(mine) == _bare(theirs):
        return Change.KEPT, mine
    return Change.BOTH, mine


def _split(text: str) -> tuple[list[str], dict[str, list[str]]]:
    """Return what stands before the first problem, and the problems with all that follows each."""
    head: list[str] = []
    sections: dict[str, list[str]] = {}
    here = head
    for line in text.replace("\r\n", "\n").split("\n"):
        found = _HEADING.match(line)
        if found:
            here = sections.setdefault(found.group(1), [])
        here.append(line)
    return head, sections


def _mark(section: Sequence[str]) -> str:
    return next((found.group(1) for line in section[:4] if (found := _MARK.fullmatch(line.strip()))), "")


def _bare(section: Sequence[str]) -> list[str]:
    """Return a section without the fingerprint."""
    return [line for line in section if not _MARK.fullmatch(line.strip())]


def _fingerprint(lines: Sequence[str]) -> str:
    # Where in its source something stood is no content: a line added above changes every number below.
    told = _PLACE.sub("line", "\n".join(line.rstrip() for line in lines if line.strip()))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:12]
