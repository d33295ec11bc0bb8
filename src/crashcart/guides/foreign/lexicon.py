"""The words by which foreign guides announce their parts; a user may add to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from crashcart.guides.foreign import vocabulary
from crashcart.guides.foreign.nouns import Part


@dataclass(frozen=True)
class Lexicon:
    """`labels`: a phrase in small letters and what it announces. `wrong`: wording of trouble, as expressions.

    `harmless`: phrases that hold a wrong word and yet name no trouble ("error handling").
    """

    labels: tuple[tuple[str, Part], ...]
    wrong: tuple[str, ...]
    harmless: tuple[str, ...]
    asides: tuple[str, ...]
    pages: tuple[str, ...]

    def __hash__(self) -> int:
        # Answers are kept by lexicon, several for each page: hashing all of its words would take as long as finding some.
        return hash((len(self.labels), self.labels[-1:], self.wrong[-1:], self.asides[-1:]))

    def extended(
        self, *, labels: Mapping[str, Part] | None = None, wrong: Iterable[str] = (), asides: Iterable[str] = ()
    ) -> Lexicon:
        """Return a lexicon with more labels (phrase -> part) and more plain words of trouble and of asides."""
        added = tuple((phrase.casefold().strip(), part) for phrase, part in (labels or {}).items())
        return replace(
            self,
            labels=(*self.labels, *added),
            wrong=(*self.wrong, *(_plain_word(word) for word in wrong)),
            asides=(*self.asides, *(_plain_word(word) for word in asides)),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """A lexicon made ready for looking up; the same one for the same lexicon, so that answers can be kept by it."""

    parts: Mapping[str, Part]
    wrong: re.Pattern[str]
    harmless: re.Pattern[str]
    asides: re.Pattern[str]
    pages: re.Pattern[str]
    longest: int  # words of the longest label


@lru_cache(maxsize=8)
def tables(lexicon: Lexicon) -> Tables:
    """Return the look-up tables of a lexicon."""
    return Tables(
        dict(lexicon.labels),
        _any_of(lexicon.wrong),
        _any_of(lexicon.harmless),
        _any_of(lexicon.asides),
        _any_of(lexicon.pages),
        max(len(phrase.split()) for phrase, _ in lexicon.labels),
    )


def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    # One word edge for all that ask for one: the alternatives are then tried at edges only, which takes a fifth of the time.
    words = [pattern.removeprefix(r"\b") for pattern in patterns if pattern.startswith(r"\b")]
    others = [pattern for pattern in patterns if not pattern.startswith(r"\b")]
    if words:
        others.append(rf"\b(?:{'|'.join(words)})")
    return re.compile("|".join(others) or r"(?!)", re.IGNORECASE)


def _plain_word(word: str) -> str:
    escaped = re.escape(word.casefold())
    # Scripts without spaces have no word edges to ask for.
    return rf"\b{escaped}" if word.isascii() else escaped


DEFAULT = Lexicon(
    labels=tuple((phrase, part) for part, phrases in vocabulary.LABELS.items() for phrase in phrases),
    wrong=vocabulary.WRONG,
    harmless=vocabulary.HARMLESS,
    asides=vocabulary.ASIDES,
    pages=vocabulary.PAGES,
)
