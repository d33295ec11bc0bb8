"""The closed word tables of the guide language, and the nearest word to one that is in none of them."""

from __future__ import annotations

from collections.abc import Iterable

from crashcart.model.guide import PER, UNITS

# Words to numbers: `diagnosis.md`.
FREQUENCIES = {"very common": 3.0, "common": 1.0, "uncommon": 0.2, "rare": 0.05, "very rare": 0.01}
LIKELIHOODS = {"always": 0.98, "usually": 0.85, "often": 0.6, "sometimes": 0.3, "rarely": 0.05, "never": 0.01}
NO_WORD = "usually"  # an item without a likelihood
SHIFT_ELSE = "sometimes"  # what *rarely* and *never* are compared with unless said

CHECK_LABELS = ("Healthy", "Symptoms", "Only if", "Read", "Evidence", "Try", "Verify", "Watch")
ACTION_LABELS = ("Fix", "Relief", "Undo", "Do", "Escalate")
LABELS = CHECK_LABELS + ACTION_LABELS

LABELS_OF_GUIDE = ("Healthy", "Escalate")
LABELS_OF_PROBLEM = ("Symptoms", "Only if", "Read", "Relief", "Verify", "Watch", "Escalate")
LABELS_OF_CAUSE = (
    "Only if", "Read", "Evidence", "Try", "Fix", "Relief", "Undo", "Verify", "Watch", "Escalate",
)  # fmt: skip
LABELS_OF_TASK = ("Only if", "Do", "Undo", "Verify")

QUANTS = ("each", "any", "all", "none", "some")
STATS = ("share", "sum", "min", "mean", "max", "p50", "p95", "p99", "growth")
PRESENCES = ("differs", "absent", "present")
RELATIONS = ("=", "!=", "<", "<=", ">", ">=", "contains", "lacks", "matches")
UNIT_WORDS = tuple(unit for unit in UNITS if unit)
PER_WORDS = tuple(PER)
FRONT_KEYS = (
    "guide", "for", "severity", "owner", "needs", "params", "depends", "source", "language",
)  # fmt: skip
BUILT_IN_NAMES = ("self", "dependants", "onset", "old")
GUARDS = ("only if", "verify", "undo")

# Words that end the arguments of a look; no kind may use them for anything else.
TAIL_WORDS = ("from", "over", "since")
MAX_WORD_CHARS = 100  # longer words are near nothing, and the distance takes length times length
RESERVED = (*QUANTS, *STATS, *PRESENCES, *TAIL_WORDS, "and", "not", "within", "for", "as", "of", "x", "usual", "after")


def distance(one: str, other: str) -> int:
    """Return the edits between two words: insert, drop, replace, or swap neighbours (optimal string alignment)."""
    if one == other:
        return 0
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, char in enumerate(one, start=1):
        row = [i]
        for j, target in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (char != target))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == target:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that was most likely meant, or "" when none is near."""
    if len(word) > MAX_WORD_CHARS:
        return ""
    best, best_distance = "", max(1, len(word) // 3) + 1
    for candidate in sorted(known):
        if candidate.casefold() == word.casefold():
            return candidate
        if abs(len(candidate) - len(word)) >= best_distance:
            continue
        steps = distance(word.casefold(), candidate.casefold())
        if steps < best_distance and steps < max(len(word), len(candidate)):  # "e" is not near "%"
            best, best_distance = candidate, steps
    return best


def is_near(word: str, known: str) -> bool:
    """Whether `word` reads like a slip of `known`: one edit, two for words of five letters and more."""
    if abs(len(word) - len(known)) > 2:
        return False
    return 0 < distance(word.casefold(), known.casefold()) <= (2 if len(known) > 4 else 1) or (
        word != known and word.casefold() == known.casefold()
    )


def listed(words: Iterable[str], *, limit: int = 12) -> str:
    """Return words as a sentence lists them."""
    known = [word for word in words if word]
    shown = ", ".join(known[:limit])
    return f"{shown}, ..." if len(known) > limit else shown


def hint_for(word: str, known: Iterable[str]) -> str:
    """Return what to try instead of an unknown word: the nearest, else the whole table."""
    table = [entry for entry in known if entry]
    near = nearest(word, table)
    if near:
        return f'"{near}"'
    return f"one of: {listed(table)}" if table else ""
