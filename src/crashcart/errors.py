"""The error tree. Each error says what happened with the offending value, where, and what to do next.

CrashcartError
+- GuideErrors      a guide does not compile: several problems at once
+- SystemFileError  the system file is wrong
+- UsageError       the command line asks for something that does not exist
+- CaseError        a case cannot be read or replayed
+- JournalError     what a run did cannot be written down, or what was written is not as it was
+- LeaseError       somebody else is touching this system
+- BrokenLook       a look raised: our own bug
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crashcart.model.spans import Span


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong in a document: `code` is stable, `word` is the offending text, `hint` what to do."""

    code: str
    what: str
    path: str
    span: Span
    word: str = ""
    hint: str = ""


class CrashcartError(Exception):
    """Base of all errors that a person may see."""

    code = "crashcart"

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def draw(self) -> str:
        """Return the text for a terminal, without colour."""
        return draw(self.code, self.what, where=self.where, hint=self.hint)


class GuideErrors(CrashcartError):
    """A guide does not compile. `complaints` has all that is wrong, in order of place."""

    code = "guide"

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__(f"{len(complaints)} errors in the guide" if len(complaints) != 1 else "1 error in the guide")
        self.complaints = tuple(complaints)

    def draw(self) -> str:
        """Return all complaints, one after the other."""
        return "\n".join(draw_complaint(complaint) for complaint in self.complaints)


class SystemFileError(CrashcartError):
    """The system file is missing or wrong."""

    code = "system-file"


class UsageError(CrashcartError):
    """The command asks for something that does not exist here."""

    code = "usage"


class CaseError(CrashcartError):
    """A case cannot be read, or is of a format that this version does not know."""

    code = "case"


class JournalError(CrashcartError):
    """What a run did cannot be written down, or what was written is not as it was. Nothing is touched then."""

    code = "journal"


class LeaseError(CrashcartError):
    """Somebody else is touching this system."""

    code = "lease"


class BrokenLook(CrashcartError):
    """A look raised instead of saying what it saw: a bug of ours, reported and not hidden."""

    code = "broken-look"


def draw(code: str, what: str, *, where: str = "", hint: str = "") -> str:
    """Return an error as every door shows it."""
    lines = [f"error[{code}]: {what}"]
    if where:
        lines.append(f"   at {where}")
    if hint:
        lines.append(f"  try {hint}")
    return "\n".join(lines)


def draw_complaint(complaint: Complaint) -> str:
    """Return one complaint with line and column."""
    where = f"{complaint.path or 'guide'}:{complaint.span.line}:{complaint.span.column}"
    return draw(complaint.code, complaint.what, where=where, hint=complaint.hint)
