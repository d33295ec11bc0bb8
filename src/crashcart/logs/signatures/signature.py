"""Signatures, and how one of them is found in a line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import chain
from typing import Final, Protocol

from crashcart.logs.shape.escaped import unescaped
from crashcart.logs.shape.json_line import values_of
from crashcart.logs.signatures.regex import FLAGS, of_regex
from crashcart.logs.signatures.tree import Row, is_telling, of_pieces

Captures = tuple[tuple[str, str], ...]
_HOLE: Final = re.compile(r"<(\*|[A-Za-z_][A-Za-z0-9_]*)>")


class Kind(Enum):
    """How the text of a signature is to be read."""

    TEXT = "text"  # literal but for holes: `<name>` and `<*>`, at least one character of the same line
    REGEX = "regex"  # for `re`, with ASCII classes and sizes of letters


@dataclass(frozen=True, slots=True)
class Signature:
    """Log text that is known. `id` is for the caller and need not be unique."""

    id: str
    text: str
    kind: Kind = Kind.TEXT


class BadSignature(ValueError):
    """A signature that cannot be looked for; says which, and why."""


class Matcher(Protocol):
    """One signature, ready to be found in lines."""

    def tree(self) -> Row:
        """Return what it looks like, loosely. Raises BadSignature."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its holes."""
        ...

    @property
    def has_edges(self) -> bool:
        """Whether it may ask where a text begins or ends."""
        ...

    def is_in(self, line: bytes) -> bool:
        """Say whether it stands in a line as the line was written, escapes not undone."""
        ...

    def captures(self, line: str) -> Captures | None:
        """Return what its named holes hold, None when it is not in the line."""
        ...


def stands_in(matcher: Matcher, line: bytes) -> bool:
    """Say whether a signature stands in a line without its end: as it is, with its escapes undone, or, for `^` and `$`,
    in one of the strings of a JSON line."""
    if matcher.is_in(line):
        return True
    has_escapes, has_edges = b"\\" in line, matcher.has_edges and line.endswith(b"}")
    if not has_escapes and not has_edges:
        return False
    plain = chain(unescaped(line.decode("utf-8", "replace")), values_of(line) if has_edges else ())
    return any(matcher.captures(text) is not None for text in plain)


def matcher_of(signature: Signature) -> Matcher:
    """Return the matcher; what is wrong with a signature, its tree will tell."""
    return _Regex(signature) if signature.kind is Kind.REGEX else _Text.of(signature)


def tree_of(signature: Signature) -> Row:
    """Return the tree of a signature that can be looked for. Raises BadSignature."""
    tree = matcher_of(signature).tree()
    if not is_telling(tree):
        raise BadSignature(f"{signature.id}: {signature.text!r} fits every line; quote text that only such lines hold")
    return tree


@dataclass(frozen=True, slots=True)
class _Text:
    pieces: tuple[str, ...]
    holes: tuple[str, ...]  # "" for one that only matches
    raw: tuple[bytes, ...]

    @classmethod
    def of(cls, signature: Signature) -> _Text:
        parts = _HOLE.split(signature.text)
        pieces = tuple(parts[0::2])
        holes = tuple("" if name == "*" else name for name in parts[1::2])
        raw = tuple(piece.encode("utf-8", "surrogatepass") for piece in pieces)
        return cls(pieces, holes, raw)

    def tree(self) -> Row:
        return of_pieces(self.pieces)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name in self.holes if name))

    @property
    def has_edges(self) -> bool:
        return False

    def is_in(self, line: bytes) -> bool:
        at = -1
        for piece in self.raw:
            at = line.find(piece, at + 1)  # behind a hole, which holds at least one byte
            if at < 0:
                return False
            at += len(piece)
        return True

    def captures(self, line: str) -> Captures | None:
        """Find each piece as early as it can stand. No regular expression: several holes would take for ever on a long
        line that lacks the last piece."""
        start = line.find(self.pieces[0])
        if start < 0:
            return None
        at = start + len(self.pieces[0])
        held: dict[str, str] = {}
        for hole, (name, piece) in enumerate(zip(self.holes, self.pieces[1:], strict=True)):
            is_open = not piece and hole == len(self.holes) - 1
            end = max(len(line), at + 1) if is_open else line.find(piece, at + 1)
            if not at < end <= len(line):
                return None
            if hole == 0 and self.pieces[0]:
                # "Error at once: Error 111 connecting": the last "Error" before the hole is the one that is meant.
                at = line.rfind(self.pieces[0], start, end - 1) + len(self.pieces[0])
            if name:
                held.setdefault(name, line[at:end])
            at = end + len(piece)
        return tuple(held.items())


class _Regex:
    """Compiled when it is needed: of thousands, few stand in a log."""

    def __init__(self, signature: Signature) -> None:
        self._signature = signature

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        try:
            return re.compile(self._signature.text, FLAGS)
        except (re.error, OverflowError, RecursionError, ValueError) as error:
            text = self._signature.text
            raise BadSignature(f"{self._signature.id}: {text!r} is no regular expression: {error}") from error

    def tree(self) -> Row:
        return of_regex(self._compiled.pattern)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._compiled.groupindex)

    @property
    def has_edges(self) -> bool:
        return True

    def is_in(self, line: bytes) -> bool:
        return self._compiled.search(line.decode("utf-8", "replace")) is not None

    def captures(self, line: str) -> Captures | None:
        match = self._compiled.search(line)
        return None if match is None else tuple((name, value or "") for name, value in match.groupdict().items())
