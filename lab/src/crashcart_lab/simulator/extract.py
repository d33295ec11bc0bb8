"""Summaries without a language model: the sentences whose words the text uses most."""

from __future__ import annotations

import re
from collections import Counter

SENTENCES = 4
# Shorter ones are headings and table cells.
LEAST_WORDS = 6
COMMON_WORDS = (
    "a about after all also an and any are as at be because been before but by can do does each for from has have "
    "how if in into is it its may more must no not of on one only or other our same so some such than that the "
    "their them then there these they this those to two under until up use used was what when where which while "
    "who will with without you your"
)
COMMON = frozenset(COMMON_WORDS.split())


def summarise(text: str, *, sentences: int = SENTENCES) -> str:
    """Return the heaviest sentences of *text* in their own order.

    A sentence weighs the mean frequency of its uncommon words (Luhn, 1958).
    A text without a full sentence is returned as it is, cut to 400 characters.
    """
    found = [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n+", text)]
    whole = [part for part in dict.fromkeys(found) if len(part.split()) >= LEAST_WORDS]
    if not whole:
        return text.strip()[:400]
    frequency = Counter(_words(text))
    ranked = sorted(range(len(whole)), key=lambda i: (-_weight(whole[i], frequency), i))
    return " ".join(whole[i] for i in sorted(ranked[:sentences]))


def _weight(sentence: str, frequency: Counter[str]) -> float:
    words = _words(sentence)
    return sum(frequency[word] for word in words) / (len(words) or 1)


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"[a-z][a-z0-9_]+", text.lower()) if word not in COMMON]


def tokens(text: str) -> int:
    """Return about as many tokens as a byte-pair encoder would: four characters each."""
    return (len(text) + 3) // 4
