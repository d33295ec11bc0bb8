"""Tables whose rows are problems, by the words over their columns."""

from __future__ import annotations

import re

from crashcart.guides.foreign.collect import Collector
from crashcart.guides.foreign.drafts import Draft, OptionDraft
from crashcart.guides.foreign.lexicon import Tables
from crashcart.guides.foreign.nouns import Item, Lines, Part, Role
from crashcart.guides.foreign.outline import Element, Section
from crashcart.guides.foreign.text import plain
from crashcart.guides.foreign.vocabulary import COLUMNS
from crashcart.guides.foreign.wording import is_trouble, label_of

_NAMES = (Part.PROBLEM, Part.PROBLEMS, Part.SYMPTOM, Part.MESSAGE)
_HELPS = (Part.CAUSE, Part.FIX, Part.CHECK)
_CODE = re.compile(r"[A-Z]{0,6}[-_ ]?\d{1,6}")
_EMPTY = re.compile(r"^[\s\-–—/.]*$|^(?:n/?a|none|tbd|keine?|нет)$", re.IGNORECASE)


class Rows:
    """Reads the tables of one section."""

    def __init__(
        self, out: Collector, tables: Tables, section: Section, owner: Draft | None, part: Part | None
    ) -> None:
        self.out = out
        self.tables = tables
        self.section = section
        self.owner = owner
        self.part = part

    def take(self, table: Element) -> None:
        """Read one table."""
        head = table.rows[0][1]
        parts = [self.part_of(cell) for cell in head]
        name = next((at for at, part in enumerate(parts) if part in _NAMES), None)
        if name is None and Part.CAUSE in parts and Part.FIX in parts and self.owner is None:
            name = parts.index(Part.CAUSE)
        if name is not None and not any(part in _HELPS for part in parts) and self.are_messages(table, parts, name):
            parts = [
                Part.CAUSE if part is Part.SYMPTOM and at != name else part for at, part in enumerate(parts)
            ]  # what it means
        if name is not None and any(part in _HELPS for at, part in enumerate(parts) if at != name):
            self.problems(table, head, parts, name)
        else:
            self.plain_rows(table, head, parts)

    def are_messages(self, table: Element, parts: list[Part | None], name: int) -> bool:
        """Whether a column of messages holds errors, so that what they mean is their cause; exit codes do not."""
        said = [plain(row[name]) for _, row in table.rows[1:] if name < len(row)]
        is_named = parts[name] in (Part.MESSAGE, Part.PROBLEM)
        return is_named and 2 * sum(is_trouble(text, self.tables) for text in said) >= len(said) > 0

    def part_of(self, cell: str) -> Part | None:
        label = label_of(cell, self.tables)
        return label.part if label else COLUMNS.get(plain(cell).casefold())

    def problems(self, table: Element, head: tuple[str, ...], parts: list[Part | None], name: int) -> None:
        draft: Draft | None = None
        for line, row in table.rows[1:]:
            title = self.title(row, parts, name)
            if _EMPTY.match(title):
                if draft is None:
                    continue
            elif draft is None or draft.title != _bare(title):
                draft = Draft(_bare(title), line, line, self.owner, ["row of a table of problems"])
                self.out.drafts.append(draft)
            draft.last = line
            self.out.mark(line, Role.TITLE)
            self.row(draft, line, row, head, parts, name)

    def title(self, row: tuple[str, ...], parts: list[Part | None], name: int) -> str:
        """Return the title of a row; a bare code takes its meaning with it."""
        words = plain(row[name]) if name < len(row) else ""
        meaning = next(
            (
                plain(cell)
                for at, cell in enumerate(row)
                if at != name and at < len(parts) and parts[at] is Part.SYMPTOM
            ),
            "",
        )
        return f"{words} {meaning}" if meaning and _CODE.fullmatch(words) else words

    def row(
        self, draft: Draft, line: int, row: tuple[str, ...], head: tuple[str, ...], parts: list[Part | None], name: int
    ) -> None:
        for at, cell in enumerate(row[: len(head)]):
            part = Part.PROBLEM if at == name else parts[at]
            words = plain(cell)
            if not words or _EMPTY.match(words):
                continue
            item = Item(words, Lines(line, line))
            if part in (Part.FIX, Part.ANSWER):
                if not draft.options or draft.options[-1].first != line:
                    draft.options.append(OptionDraft("", line, line))
                draft.options[-1].items.append(item)
            elif part is Part.SEVERITY:
                draft.severity = draft.severity or words[:60]
            elif part is Part.CATEGORY:
                draft.category = draft.category or words[:60]
            elif at != name:
                draft.add(part or Part.NOTE, item)
            label = label_of(head[at], self.tables)
            self.out.say(
                cell,
                line,
                part,
                draft,
                "cell",
                column=label.words if label else plain(head[at]),
                section=self.section.title,
            )

    def plain_rows(self, table: Element, head: tuple[str, ...], parts: list[Part | None]) -> None:
        """Read a table that names no problems: each row is a statement of the part it stands in."""
        for line, row in table.rows[1:]:
            words = " | ".join(plain(cell) for cell in row if cell)
            if self.owner is not None and words:
                part = Part.CAUSE if Part.CAUSE in parts else self.part
                self.owner.add(part or Part.NOTE, Item(words, Lines(line, line)))
            self.out.mark_part(line, line, self.part or Part.NOTE, self.owner)
            for at, cell in enumerate(row):
                column = plain(head[at]) if at < len(head) else ""
                self.out.say(
                    cell,
                    line,
                    parts[at] if at < len(parts) else None,
                    self.owner,
                    "cell",
                    column=column,
                    section=self.section.title,
                )


def _bare(title: str) -> str:
    return title.strip('"“”„«»「」` ') or title
