"""What an import gives: the draft, and for every line of the source what it became and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Became(Enum):
    """What a line of the source became, from most to least that a machine can use."""

    LOOK = "look"
    TITLE = "title"
    BY_HAND = "by hand"
    PROSE = "prose"
    LEFT_OUT = "left out"
    FRAME = "frame"  # blank lines, marks, heads of tables: nothing to carry over

    @property
    def rank(self) -> int:
        """Return the place in this order, from 0."""
        return _ORDER[self]


_ORDER = {became: place for place, became in enumerate(Became)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the source. `what` is the statement it became or the problem it went to, `why` the reason."""

    line: int
    text: str
    role: str
    became: Became
    what: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Todo:
    """Something a person should do to the draft, with the lines of the source it is about."""

    what: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft, and the account of its source. `unread` lines lie behind the last one that was read."""

    text: str
    problems: int
    entries: tuple[Entry, ...]
    todo: tuple[Todo, ...]
    unread: int = 0

    def count(self, became: Became) -> int:
        """Return how many lines became that."""
        return sum(entry.became is became for entry in self.entries)

    @property
    def coverage(self) -> float:
        """Return the share of lines with something to say that the draft holds; 1 when there are none."""
        told = [entry for entry in self.entries if entry.became is not Became.FRAME]
        return sum(entry.became is not Became.LEFT_OUT for entry in told) / len(told) if told else 1.0
