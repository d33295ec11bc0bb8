"""Sentences that go over several lines: what stands before and behind a line in its paragraph."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crashcart.guides.foreign.scan import Kind, Line
from crashcart.guides.foreign.text import plain

_LABEL = re.compile(r"(\*\*|__)[^*]+\1\s*[:\uff1a]?")
_NEAR = 160  # characters of a neighbour that may belong to a sentence


class Paragraphs:
    """Answers for one document; lines are counted from 1."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines

    def before(self, line: int) -> str:
        """Return the end of the line above, when this one goes on with its paragraph, else ""."""
        if not self._goes_on(line):
            return ""
        return plain(self.lines[line - 2].text)[-_NEAR:]

    def behind(self, line: int) -> str:
        """Return the beginning of the line below, when it goes on with the paragraph, else ""."""
        return plain(self.lines[line].text)[:_NEAR] if self._goes_on(line + 1) else ""

    def is_quoted(self, line: int) -> bool:
        """Whether a line stands in a block quote."""
        return 0 < line <= len(self.lines) and self.lines[line - 1].depth > 0

    def _goes_on(self, line: int) -> bool:
        if not 1 < line <= len(self.lines):
            return False
        here, above = self.lines[line - 1], self.lines[line - 2]
        if here.text.startswith(("**", "__")) or _LABEL.fullmatch(above.text):
            return False  # a label of its own, or what stands under one
        return here.kind is Kind.TEXT and above.kind in (Kind.TEXT, Kind.ITEM) and here.depth == above.depth
