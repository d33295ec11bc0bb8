"""What a log usually says: its templates with their rates, kept to compare another day with."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_ANY: Final = "<*>"
MOST: Final = 5_000


@dataclass(frozen=True, slots=True)
class Known:
    """One template of a profile; `per_hour` is 0 when the log had no moments."""

    id: str
    text: str
    count: int
    per_hour: float


@dataclass(frozen=True, slots=True)
class Profile:
    """The templates of one log, secrets blanked. `hours` is how long it was."""

    hours: float
    templates: tuple[Known, ...]


class Baseline:
    """Says whether a profile knows a template: by its id, or because one of the two texts fits the other.

    How far a statement is generalised depends on the lines seen, so `job 7 done` and `job <*> done` are one.
    """

    def __init__(self, profile: Profile) -> None:
        self._ids = {known.id for known in profile.templates}
        self._by_size: dict[int, list[tuple[str, ...]]] = defaultdict(list)
        for known in profile.templates:
            words = tuple(known.text.split(" "))
            self._by_size[len(words)].append(words)

    def knows(self, template_id: str, text: str) -> bool:
        """Return whether this template, or one that says the same, is in the profile."""
        words = tuple(text.split(" "))
        return template_id in self._ids or any(_is_same(words, known) for known in self._by_size[len(words)])


def missing(profile: Profile, present: Sequence[tuple[str, str]], *, hours: float, fewest: float) -> list[Known]:
    """Return templates of the profile that are due `fewest` times or more in so many hours and are not `present`.

    `present` are (id, text) of the templates of the other log.
    """
    here = Baseline(Profile(hours, tuple(Known(template_id, text, 0, 0.0) for template_id, text in present)))
    due = [known for known in profile.templates if known.per_hour * hours >= fewest]
    return [known for known in due if not here.knows(known.id, known.text)]


def _is_same(one: Sequence[str], other: Sequence[str]) -> bool:
    # A text of nothing but holes fits everything, and says nothing.
    literal = sum(1 for a, b in zip(one, other, strict=True) if a == b and _ANY not in a and any(map(str.isalpha, a)))
    return literal > 0 and all(_fits(a, b) or _fits(b, a) for a, b in zip(one, other, strict=True))


def _fits(pattern: str, word: str) -> bool:
    if pattern in (word, _ANY):
        return True
    return _ANY in pattern and re.fullmatch(".*".join(map(re.escape, pattern.split(_ANY))), word) is not None
