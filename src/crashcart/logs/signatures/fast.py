"""The back end of the extra `[fast]`: Vectorscan over one needed text of each signature.

Texts are found twice as fast as whole expressions, and compiled a hundred times as fast. An expression is looked for
only where the text would bring up too many lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import hyperscan
import numpy as np

from crashcart.logs.signatures.candidates import Candidates, Owners
from crashcart.logs.signatures.expression import expression
from crashcart.logs.signatures.needed import is_telling_text, needed
from crashcart.logs.signatures.tree import Row, has_caseless, text_of

# Without AVX2, which the wheels on PyPI are built without, Vectorscan looks for 50 texts at a third of the speed at which
# it looks for 130: its matcher for a few is the slower one. So a few are filled up with what no log holds.
_FEW: Final = 4
_MANY: Final = 128
_PADDING: Final = b"\x0e\x01\x02\x03\x04\x06\x05%c\x10"

_Text = tuple[bytes, bool]  # in either size of its letters, or exactly so


class FastFinder:
    """Finds lines that hold a needed text of a signature, or in which its loose expression fits."""

    def __init__(self, trees: Sequence[Row]) -> None:
        by_text: dict[_Text, list[int]] = {}
        weak: list[int] = []
        self._exact: set[int] = set()
        for number, (tree, texts) in enumerate(zip(trees, needed(trees), strict=True)):
            if not is_telling_text(texts):
                weak.append(number)
                continue
            if texts == {text_of(tree)}:
                self._exact.add(number)
            for text in sorted(texts):
                # The digits of a code come in either size too.
                by_text.setdefault((text, has_caseless(tree) or b"\\" in text), []).append(number)
        self._everywhere: list[int] = []
        self._finders = [_by_text(by_text), *_by_expression(trees, weak, self._everywhere)]

    @property
    def exact(self) -> frozenset[int]:
        """Signatures that are the text that is looked for, and nothing else."""
        return frozenset(self._exact)

    @property
    def everywhere(self) -> tuple[int, ...]:
        """Signatures that have no text worth looking for, and an expression that is too large."""
        return tuple(self._everywhere)

    def find(self, data: bytes) -> Candidates:
        """Return the places in whose lines a signature may stand."""
        found = [finder.find(data) for finder in self._finders if finder is not None]
        if not found:
            return Candidates.none()
        places = np.concatenate([each.places for each in found])
        return Candidates(places, np.concatenate([each.signatures for each in found]))


class _Scan:
    """One database, and the signatures that each of its patterns is for."""

    def __init__(self, database: hyperscan.Database, owners: Sequence[Sequence[int]]) -> None:
        self._database = database
        self._owners = Owners(owners)

    def find(self, data: bytes) -> Candidates:
        patterns: list[int] = []
        behind: list[int] = []

        def keep(pattern: int, _begin: int, end: int, _flags: int, _context: object) -> None:
            patterns.append(pattern)
            behind.append(end)

        self._database.scan(data, match_event_handler=keep)
        return self._owners.candidates(np.array(patterns, np.int64), np.array(behind, np.int64) - 1)


def _by_text(by_text: dict[_Text, list[int]]) -> _Scan | None:
    if not by_text:
        return None
    flags = [hyperscan.HS_FLAG_CASELESS if is_caseless else 0 for _, is_caseless in by_text]
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    texts = [text for text, _ in by_text]
    if _FEW < len(texts) < _MANY:
        texts += [_PADDING % at for at in range(len(texts), _MANY)]
        flags += [0] * (_MANY - len(flags))
    database.compile(texts, ids=list(range(len(texts))), flags=flags, literal=True)
    return _Scan(database, [*by_text.values(), *([()] * (len(texts) - len(by_text)))])


def _by_expression(trees: Sequence[Row], chosen: Sequence[int], refused: list[int]) -> list[_Scan]:
    """Return a scan for the expressions of the chosen trees; those that Vectorscan does not take are added to
    `refused`."""
    expressions = {number: expression(trees[number]) for number in chosen}
    try:
        return [_Scan(_database(list(expressions.values())), [[number] for number in expressions])] if chosen else []
    except hyperscan.error:
        # It names no culprit, so each is tried by itself.
        refused += [number for number, each in expressions.items() if not _is_taken(each)]
        return _by_expression(trees, [number for number in chosen if number not in refused], refused)


def _is_taken(each: str) -> bool:
    try:
        _database([each])
    except hyperscan.error:
        return False
    return True


def _database(expressions: Sequence[str]) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile([each.encode() for each in expressions], ids=list(range(len(expressions))), flags=0)
    return database
