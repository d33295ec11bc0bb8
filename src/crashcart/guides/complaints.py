"""Collecting what is wrong in a document, several at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from crashcart.errors import Complaint
from crashcart.model.spans import Span


class Rejected(Exception):
    """One statement cannot be understood; carries its complaint to the statement's edge, where the next begins."""

    def __init__(self, code: str, what: str, span: Span, *, word: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.span = span
        self.word = word
        self.hint = hint


@dataclass(slots=True)
class Complaints:
    """What is wrong in one document."""

    path: str
    found: list[Complaint] = field(default_factory=list)

    def add(self, code: str, what: str, span: Span, *, word: str = "", hint: str = "") -> None:
        """Note one complaint."""
        self.found.append(Complaint(code, what, self.path, span, word, hint))

    def take(self, rejected: Rejected) -> None:
        """Note the complaint that a rejected statement carries."""
        self.add(rejected.code, rejected.what, rejected.span, word=rejected.word, hint=rejected.hint)

    def sorted(self) -> tuple[Complaint, ...]:
        """Return all, in order of place, each once."""
        return tuple(sorted(set(self.found), key=lambda complaint: (complaint.span, complaint.code, complaint.what)))
