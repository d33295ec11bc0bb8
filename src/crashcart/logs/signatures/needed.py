"""Text without which a signature cannot fit: what the plain back end looks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import log2

from crashcart.logs.shape.escaped import forms, is_stable
from crashcart.logs.signatures.tree import Char, Either, Node, Repeat, Row

_COMMON = [bytes((char,)) for char in b"abcdefghijklmnopqrstuvwxyz "]
_STRONG = 4  # small letters, or fewer of others; less stands in too many lines
_TELLING = 8  # small letters
_WINDOW = 8  # characters
_UNIT = 6  # bytes of one code; a character beyond the first plane has two
_SHARED = 3.0  # each doubling of those who share a text counts like three small letters
_MOST = 64  # alternatives for one signature

Needed = frozenset[bytes]


def needed(trees: Sequence[Node]) -> list[Needed]:
    """Return, for each signature, texts of which at least one stands in each line that fits, in either size of its
    letters; an empty set where there is no such text."""
    choices = [_choices(tree) for tree in trees]
    # What many signatures share is a common word: looking for it would bring up all of them in each line with it.
    shared = Counter(text for choice in choices for text in frozenset[bytes]().union(*choice))
    return [max(choice, key=lambda texts: _worth(texts, shared), default=frozenset()) for choice in choices]


def is_telling_text(texts: Needed) -> bool:
    """Say whether so few lines will hold one of these texts that each of them may be looked at."""
    return bool(texts) and _worth(texts) >= _TELLING


def _choices(node: Node) -> list[Needed]:
    stable = _usable(_runs(node, is_loose=False))
    return stable if any(_worth(texts) >= _STRONG for texts in stable) else stable + _usable(_runs(node, is_loose=True))


def _usable(choices: Iterator[Needed]) -> list[Needed]:
    return [texts for texts in choices if texts and all(texts) and len(texts) <= _MOST]


def _worth(texts: Needed, shared: Mapping[bytes, int] | None = None) -> float:
    """Return how seldom the commonest of them is likely to be. Words are common; signs, digits and capitals are not."""
    return min(
        2 * len(text) - sum(text.count(char) for char in _COMMON) - (_SHARED * log2(shared[text]) if shared else 0.0)
        for text in texts
    )


def _runs(node: Node, *, is_loose: bool) -> Iterator[Needed]:
    """Yield, for each part that must be there, its texts: runs of stable characters, or a few with all their forms."""
    run = ""
    for part in node.parts if isinstance(node, Row) else (node,):
        if isinstance(part, Char) and (is_loose or is_stable(part.char)):
            run += part.char
            continue
        yield from _texts(run, is_loose)
        run = ""
        if isinstance(part, Repeat) and part.least:
            yield from _runs(part.part, is_loose=is_loose)
        elif isinstance(part, Either):
            arms = [max(_usable(_runs(arm, is_loose=is_loose)), key=_worth, default=None) for arm in part.arms]
            yield frozenset[bytes]().union(*(arm or frozenset() for arm in arms)) if all(arms) else frozenset()
    yield from _texts(run, is_loose)


def _texts(run: str, is_loose: bool) -> Iterator[Needed]:
    if not is_loose:
        yield frozenset((run.encode(),) if run else ())
        return
    for at in range(max(1, len(run) - _WINDOW + 1)):
        yield frozenset(_written(run[at : at + _WINDOW]))


def _written(text: str) -> Iterator[bytes]:
    """Yield what may stand in a line for a text: it as it is, or the part before the first escape and the backslash.

    How many backslashes there are depends on how often it was quoted, so nothing is said of what is behind the first.
    """
    raw = b""
    for at, char in enumerate(text):
        plain, *coded = forms(char)
        if raw and not is_stable(char):
            yield raw + b"\\"
        elif at == 0:
            yield from (form[:_UNIT] for form in coded)
        raw += plain
    if raw:
        yield raw
