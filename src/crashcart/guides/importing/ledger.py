"""The account while it is being written: what each line of the source became; of several things the best."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from crashcart.guides.foreign.nouns import ForeignGuide, Lines, Role

from .nouns import Became, Entry

_FRAMES = (Role.BLANK, Role.FENCE, Role.TABLE, Role.MARKUP, Role.CONTENTS, Role.LABEL)


@dataclass(slots=True)
class Ledger:
    """Lines of the source with what they became."""

    told: dict[int, tuple[Became, str, str]] = field(default_factory=dict)
    cuts: dict[int, str] = field(default_factory=dict)  # lines that the draft does not hold after all, and why

    def put(self, lines: Lines, became: Became, what: str, why: str = "") -> None:
        """Say what lines became, unless something better was said."""
        for line in range(lines.first, lines.last + 1):
            if line not in self.told or became.rank < self.told[line][0].rank:
                self.told[line] = (became, what, why)

    def cut(self, lines: Lines, why: str) -> None:
        """Say that lines were left out, whatever is said of the block that they stand in."""
        self.cuts.update(dict.fromkeys(range(lines.first, lines.last + 1), why))

    def take(self, other: Ledger) -> None:
        """Take over what another account says."""
        self.cuts.update(other.cuts)
        for line, (became, what, why) in other.told.items():
            self.put(Lines(line, line), became, what, why)

    def untold(self, guide: ForeignGuide, lines: Iterable[int]) -> list[int]:
        """Return those of the lines that say something and of which nothing was told."""
        return [line for line in lines if line not in self.told and guide.roles[line - 1] not in _FRAMES]

    def entries(self, guide: ForeignGuide, source: list[str]) -> tuple[Entry, ...]:
        """Return one entry for each line that was read."""
        return tuple(
            self._entry(number, role, source[number - 1] if number <= len(source) else "", guide)
            for number, role in enumerate(guide.roles, start=1)
        )

    def _entry(self, number: int, role: Role, text: str, guide: ForeignGuide) -> Entry:
        shown = text[:200]
        if number in self.cuts and role is not Role.BLANK:
            return Entry(number, shown, role.value, Became.LEFT_OUT, "", self.cuts[number])
        if number in self.told and role is not Role.BLANK and role is not Role.FENCE:
            became, what, why = self.told[number]
            return Entry(number, shown, role.value, became, what, why)
        if role in _FRAMES or not text.strip():
            return Entry(number, shown, role.value, Became.FRAME)
        if role is Role.FRONT:
            return Entry(number, shown, role.value, Became.LEFT_OUT, "", "front matter of another tool")
        if role is Role.HEADING and number > 1:
            return Entry(number, shown, role.value, Became.FRAME, "", "a heading that names no problem")
        if role is Role.HEADING:
            return Entry(number, shown, role.value, Became.TITLE, "the guide")
        return Entry(number, shown, role.value, Became.LEFT_OUT, "", "it belongs to no problem that was recognised")
