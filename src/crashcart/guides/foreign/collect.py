"""What reading gathers beside the problems: every statement in its place, every fence, the role of every line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crashcart.guides.foreign.drafts import Draft
from crashcart.guides.foreign.nouns import Part, Role
from crashcart.guides.foreign.outline import Element
from crashcart.guides.foreign.scan import Kind, Line
from crashcart.guides.foreign.text import title_of

_ROLES = {
    Part.SYMPTOM: Role.SYMPTOM, Part.MESSAGE: Role.SYMPTOM, Part.PROBLEM: Role.SYMPTOM, Part.CAUSE: Role.CAUSE, Part.FIX: Role.FIX,
    Part.ANSWER: Role.FIX, Part.VERIFY: Role.VERIFY, Part.CHECK: Role.CHECK, Part.PROBLEMS: Role.CHECK,
}  # fmt: skip
_MARKS = {
    Kind.BLANK: Role.BLANK, Kind.FRONT: Role.FRONT, Kind.HEADING: Role.HEADING, Kind.FENCE: Role.FENCE, Kind.HEAD: Role.TABLE,
    Kind.DELIMITER: Role.TABLE, Kind.MARKUP: Role.MARKUP, Kind.CLOSE: Role.MARKUP, Kind.ADMONITION: Role.MARKUP,
}  # fmt: skip
_FIXED = frozenset(
    {Kind.BLANK, Kind.FRONT, Kind.FENCE, Kind.HEADING, Kind.HEAD, Kind.DELIMITER, Kind.MARKUP, Kind.CLOSE}
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A piece of text in its place. `sort`: title, message (a title that is one), text, cell, listed; `column` of a cell or the word of a label."""

    text: str
    line: int
    part: Part | None
    owner: Draft | None
    sort: str
    column: str
    section: str


@dataclass(frozen=True, slots=True)
class FenceDraft:
    """A fence in its place; `is_listing` when its statements were read one by one."""

    element: Element
    part: Part | None
    owner: Draft | None
    section: str
    is_listing: bool


@dataclass(frozen=True, slots=True)
class Place:
    """How far gathering had come: the roles of the lines ahead, and how much of all else there was."""

    first: int
    roles: list[Role]
    drafts: int
    statements: int
    fences: int


class Collector:
    """Gathers; one for each document."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.roles = [_MARKS.get(line.kind, Role.PROSE) for line in lines]
        self.drafts: list[Draft] = []
        self.statements: list[Statement] = []
        self.fences: list[FenceDraft] = []
        self.headings = frozenset(
            title_of(line.text).casefold() for line in lines if line.kind is Kind.HEADING and line.level > 1
        )
        self._solid = _last_solid(lines)

    def solid(self, line: int) -> int:
        """Return the last line that is not blank, at or above a line."""
        return self._solid[max(0, min(line, len(self._solid) - 1))]

    def mark(self, line: int, role: Role) -> None:
        """Say what one line became."""
        if 0 < line <= len(self.roles):
            self.roles[line - 1] = role

    def mark_part(self, first: int, last: int, part: Part | None, owner: Draft | None) -> None:
        """Say what lines became that belong to a part."""
        role = _ROLES.get(part, Role.NOTE) if part and owner else (Role.NOTE if owner else Role.PROSE)
        for line in range(first, last + 1):
            if self.lines[line - 1].kind not in _FIXED:
                self.mark(line, role)

    def say(
        self,
        text: str,
        line: int,
        part: Part | None,
        owner: Draft | None,
        sort: str,
        *,
        column: str = "",
        section: str = "",
    ) -> None:
        """Note a statement."""
        if text and line:
            self.statements.append(Statement(text, line, part, owner, sort, column, section))

    def mark_here(self, first: int, last: int) -> Place:
        """Return what is needed to take back what the lines of a section give."""
        return Place(first, self.roles[first - 1 : last], len(self.drafts), len(self.statements), len(self.fences))

    def back_to(self, place: Place) -> None:
        """Take back all since a place."""
        self.roles[place.first - 1 : place.first - 1 + len(place.roles)] = place.roles
        del self.drafts[place.drafts :], self.statements[place.statements :], self.fences[place.fences :]

    def forget(self, draft: Draft, place: Place) -> None:
        """Take back a problem, the first since a place, that only held others: what it had goes to its parent."""
        del self.drafts[place.drafts]
        for other in self.drafts[place.drafts :]:
            if other.parent is draft:
                other.parent = draft.parent
        self.mark(draft.first, Role.HEADING)
        for at in range(place.statements, len(self.statements)):
            if self.statements[at].owner is draft:
                self.statements[at] = replace(self.statements[at], owner=draft.parent)
        for at in range(place.fences, len(self.fences)):
            if self.fences[at].owner is draft:
                self.fences[at] = replace(self.fences[at], owner=draft.parent)


def _last_solid(lines: Sequence[Line]) -> list[int]:
    solid = [0]
    for line in lines:
        is_empty = line.kind is Kind.BLANK or (line.kind is Kind.MARKUP and set(line.text) <= set("-*_ "))
        solid.append(solid[-1] if is_empty else line.no)
    return solid
