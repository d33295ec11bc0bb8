"""Log text as a guide quotes it: literal, but for `<name>` (anything, captured) and `<*>` (anything). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_HOLE = re.compile(r"<(\*|[A-Za-z_][A-Za-z0-9_]*)>")
# What JSON writes as it is, and what does not come about when a JSON record is made readable: no quotes, no `key=value`.
_VERBATIM = re.compile(r"[A-Za-z0-9 _:,;()\[\]#@!?*%$-]+")
# Numbers may be written in several ways; a run with a word in it is none.
_HAS_WORD = re.compile(r"[A-Za-z]{3}")
_NOT_WRITTEN_SO = re.compile(r"True|False|None|redacted")


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern was found, and what its holes held."""

    start: int
    captures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Pieces of literal text with a hole between each two; `names` of the holes, "" for one that only matches."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Pattern:
        """Read the text of a guide."""
        parts = _HOLE.split(text)
        return cls(tuple(parts[0::2]), tuple("" if name == "*" else name for name in parts[1::2]))

    def is_in(self, text: str) -> bool:
        """Say whether the text holds it."""
        return self._locate(text) is not None

    def find(self, text: str) -> Match | None:
        """Return where it stands: within one line if it can, else across lines."""
        if not self._may_be_in(text):
            return None
        start = 0
        for line in text.split("\n"):
            match = self._locate(line)
            if match is not None:
                return Match(start + match.start, match.captures)
            start += len(line) + 1
        return self._locate(text)

    def literal(self) -> bytes:
        """Return bytes that stand in every record of plain text that holds the pattern; none if that is not known."""
        longest = max(self.pieces, key=len)
        return b"" if any(char in longest for char in "\r\n\ufffd") else longest.encode()

    def needle(self) -> bytes:
        """Return bytes that stand in every record that holds the pattern, also in one of JSON; likewise."""
        runs = (run for piece in self.pieces for run in _VERBATIM.findall(piece))
        sure = [run for run in runs if _HAS_WORD.search(run) and not _NOT_WRITTEN_SO.search(run)]
        return max(sure, key=len, default="").encode()

    def bound(self, captures: Mapping[str, str]) -> Pattern:
        """Return the pattern with the holes of those names filled."""
        pieces, names = [self.pieces[0]], list[str]()
        for name, piece in zip(self.names, self.pieces[1:], strict=True):
            if name in captures:
                pieces[-1] += captures[name] + piece
            else:
                names.append(name)
                pieces.append(piece)
        return Pattern(tuple(pieces), tuple(names))

    def _may_be_in(self, text: str) -> bool:
        return all(piece in text for piece in self.pieces)

    def _locate(self, text: str) -> Match | None:
        """Find each piece as early as it can stand. No regular expression: several holes would make those take for
        ever on a long line without the last piece."""
        start = text.find(self.pieces[0])
        if start < 0 or not self.names:
            return None if start < 0 else Match(start, ())
        found: list[tuple[str, str]] = []
        at = start + len(self.pieces[0])
        for hole, name in enumerate(self.names):
            piece = self.pieces[hole + 1]
            is_last = hole == len(self.names) - 1
            # An open end takes the rest of the line; anything else at least one character.
            end = _end_of_line(text, at + 1) if is_last and not piece else text.find(piece, at + 1)
            if end <= at or end > len(text):
                return None
            if hole == 0 and self.pieces[0]:
                # "Error at once: Error 111 connecting": the last "Error" before the hole is the one that is meant.
                start = text.rfind(self.pieces[0], 0, end - 1)
                at = start + len(self.pieces[0])
            found.append((name, text[at:end]))
            at = end + len(piece)
        return Match(start, tuple({name: value for name, value in reversed(found) if name}.items())[::-1])


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else max(at, len(text)) if at <= len(text) else -1
