"""Which signature stands in which line of a block.

A back end names candidates, and each is confirmed by the signature's own matcher. So the two back ends give the same
pairs, as long as neither misses one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib.util import find_spec
from typing import Final

import numpy as np

from crashcart.logs import loops
from crashcart.logs.shape.lines import Offsets, distinct, line_starts
from crashcart.logs.signatures.candidates import Candidates, Finder
from crashcart.logs.signatures.plain import PlainFinder
from crashcart.logs.signatures.quoted import captures_in
from crashcart.logs.signatures.signature import Captures, Kind, Signature, matcher_of, stands_in, tree_of

_FEW: Final = 4096  # candidates in a block whose lines are faster looked for one by one


class Backend(Enum):
    """What finds the candidates."""

    AUTO = "auto"  # fast where it is installed
    FAST = "fast"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Hits:
    """Pairs of a line (from 0 within the block) and a signature (its place in the list), by line, then signature."""

    lines: Offsets
    signatures: Offsets
    begins: Offsets  # where each of these lines begins
    size: int  # lines in the block

    def counts(self, size: int) -> Offsets:
        """Return how many lines each of `size` signatures stands in."""
        return np.bincount(self.signatures, minlength=size).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Captured:
    """What the holes of a signature held in one line."""

    line: int
    signature: int
    captures: Captures


class Scanner:
    """Compiled signatures. Keeps nothing between blocks; not to be shared by threads."""

    def __init__(self, signatures: Sequence[Signature], backend: Backend) -> None:
        self.signatures = tuple(signatures)
        self.backend = _chosen(backend)
        self._matchers = tuple(map(matcher_of, self.signatures))
        self._finder = _finder(self.backend, self.signatures)
        # The tree of a regular expression leaves out what hangs on its neighbours, so no text of it is all of it.
        exact = [number for number in self._finder.exact if self.signatures[number].kind is Kind.TEXT]
        self._is_exact = np.zeros(len(self.signatures), np.bool_)
        self._is_exact[exact] = True

    def scan(self, data: bytes, *, ends: Offsets | None = None) -> Hits:
        """Return all hits in whole lines; `ends` as `line_ends` tells them, if they are known already."""
        found = self._finder.find(data)
        if ends is None and (self._finder.everywhere or len(found.places) > _FEW):
            ends = loops.line_ends(data)
        located = _by_search(data, found) if ends is None else _by_index(found, ends, self._finder.everywhere)
        lines, begins, which = located.sorted(len(self.signatures))
        is_hit = self._is_exact[which]
        unsure = np.flatnonzero(~is_hit)
        is_hit[unsure] = [
            stands_in(self._matchers[signature], _line(data, begin))
            for begin, signature in zip(begins[unsure].tolist(), which[unsure].tolist(), strict=True)
        ]
        return Hits(lines[is_hit], which[is_hit], begins[is_hit], located.size)

    def captured(self, data: bytes, hits: Hits, *, scrub: Callable[[str], str], most: int) -> Iterator[Captured]:
        """Yield what the holes held, for the first `most` lines of each signature that names any.

        The line is scrubbed before it is searched: a value may be secret only because of the words in front of it.
        """
        for signature in distinct(hits.signatures).tolist():
            matcher = self._matchers[signature]
            if matcher.names:
                for at in np.flatnonzero(hits.signatures == signature)[:most]:
                    line = _line(data, int(hits.begins[at]))
                    yield Captured(int(hits.lines[at]), signature, captures_in(matcher, line, scrub))


def compile(signatures: Sequence[Signature], *, backend: Backend = Backend.AUTO) -> Scanner:
    """Return a scanner.

    Raises:
        BadSignature: one of them fits every line, or is no regular expression.
        ModuleNotFoundError: the fast back end is asked for and not installed.
    """
    return Scanner(signatures, backend)


def _chosen(backend: Backend) -> Backend:
    if backend is not Backend.AUTO:
        return backend
    return Backend.FAST if find_spec("hyperscan") is not None else Backend.PLAIN


def _finder(backend: Backend, signatures: Sequence[Signature]) -> Finder:
    trees = list(map(tree_of, signatures))
    if backend is Backend.PLAIN:
        return PlainFinder(trees)
    from crashcart.logs.signatures.fast import FastFinder

    return FastFinder(trees)


@dataclass(frozen=True, slots=True)
class _Located:
    """Candidates with the number and the beginning of their lines; `size` is how many lines the block has."""

    lines: Offsets
    begins: Offsets
    signatures: Offsets
    size: int

    def sorted(self, signatures: int) -> tuple[Offsets, Offsets, Offsets]:
        """Return lines, beginnings and signatures, in order and each pair once."""
        pairs = self.lines * signatures + self.signatures
        order = np.argsort(pairs, kind="stable")
        pairs = pairs[order]
        is_new = np.ones(len(pairs), np.bool_)
        np.not_equal(pairs[1:], pairs[:-1], out=is_new[1:])
        order = order[is_new]
        return self.lines[order], self.begins[order], self.signatures[order]


def _by_search(data: bytes, found: Candidates) -> _Located:
    """Look for the lines of a few candidates one by one, and count those between."""
    order = np.argsort(found.places, kind="stable")
    begins = np.array([data.rfind(b"\n", 0, place) + 1 for place in found.places[order].tolist()], np.int64)
    *lines, size = loops.lines_before(data, np.append(begins, len(data))).tolist()
    size += bool(data) and not data.endswith(b"\n")
    return _Located(np.array(lines, np.int64), begins, found.signatures[order], size)


def _by_index(found: Candidates, ends: Offsets, everywhere: Sequence[int]) -> _Located:
    lines = np.searchsorted(ends, found.places)
    every = np.arange(len(ends))
    lines = np.concatenate([lines, *(every for _ in everywhere)])
    signatures = np.concatenate([found.signatures, *(np.full(len(ends), number) for number in everywhere)])
    return _Located(lines, line_starts(ends)[lines], signatures, len(ends))


def _line(data: bytes, begin: int) -> bytes:
    end = data.find(b"\n", begin)
    return data[begin : end if end >= 0 else None].removesuffix(b"\r")
