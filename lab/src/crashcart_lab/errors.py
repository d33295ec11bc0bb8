"""What the lab says when it could not do something."""

from __future__ import annotations


class LabError(Exception):
    """The lab could not do what was asked.

    Args:
        what: what happened, with the offending value; lower case, one line.
        hint: what to do next.
    """

    def __init__(self, what: str, *, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
