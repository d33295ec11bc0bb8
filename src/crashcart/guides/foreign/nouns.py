"""What reading a foreign guide gives: problems with their parts, signatures, thresholds, fences, and a role for each line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Part(Enum):
    """What a label, a table column or a heading announces."""

    PROBLEM = "problem"  # the title of one thing that can go wrong
    PROBLEMS = "problems"  # a list of such things
    SYMPTOM = "symptom"
    MESSAGE = "message"  # text that the system itself writes
    CAUSE = "cause"
    FIX = "fix"
    VERIFY = "verify"
    CHECK = "check"
    PREVENTION = "prevention"
    IMPACT = "impact"
    NOTE = "note"
    SEVERITY = "severity"
    CATEGORY = "category"
    EXPECTED = "expected"  # what all looks like when it is well
    ANSWER = "answer"
    THRESHOLD = "threshold"


class Role(Enum):
    """What a line of the source became."""

    BLANK = "blank"
    FRONT = "front matter"
    HEADING = "heading"
    TITLE = "title of a problem"
    LABEL = "label"
    SYMPTOM = "symptom"
    CAUSE = "cause"
    FIX = "fix"
    VERIFY = "verify"
    CHECK = "check"
    NOTE = "note"
    FENCE = "fence mark"
    TABLE = "table head"
    MARKUP = "markup"
    CONTENTS = "contents"
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of the source, from 1, both ends included."""

    first: int
    last: int

    def holds(self, line: int) -> bool:
        """Whether a line is one of these."""
        return self.first <= line <= self.last


@dataclass(frozen=True, slots=True)
class Item:
    """One statement of the source without its marks."""

    text: str
    lines: Lines


@dataclass(frozen=True, slots=True)
class Option:
    """One way to fix a problem; `title` is "" when the guide gives it no name."""

    title: str
    items: tuple[Item, ...]
    lines: Lines


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that can go wrong. `evidence` says why this was taken for a problem."""

    id: str
    title: str
    lines: Lines
    parent: str | None
    category: str
    severity: str
    symptoms: tuple[Item, ...]
    causes: tuple[Item, ...]
    checks: tuple[Item, ...]
    options: tuple[Option, ...]
    verify: tuple[Item, ...]
    notes: tuple[Item, ...]
    evidence: tuple[str, ...]


class Origin(Enum):
    """Where the text of a signature stood."""

    CODE_SPAN = "code span"
    QUOTE = "quote"
    OUTPUT = "output fence"
    CODE = "string in code"
    CELL = "table cell"
    TITLE = "title"
    ALERT = "alert name"
    STATUS = "HTTP status"


@dataclass(frozen=True, slots=True)
class Signature:
    """Text that the system shows when something happens.

    `text` has `<name>` where the text varies, `raw` is what the guide wrote. `is_healthy`: a quoted reading or
    message of a system that is well, which is no sign of trouble.
    """

    text: str
    raw: str
    line: int
    origin: Origin
    is_healthy: bool
    problem: str | None


class Meaning(Enum):
    """What a number with a unit claims."""

    ALARM = "alarm"  # bad when true
    TARGET = "target"  # bad when false
    LIMIT = "limit"  # configured, or set from outside
    QUOTED = "quoted"  # a reading the guide cites


@dataclass(frozen=True, slots=True)
class Threshold:
    """A claim about a number; `duration` is how long it must hold ("5m"), "" when not said."""

    metric: str
    relation: str  # one of > >= < <= =
    value: float
    unit: str
    duration: str
    meaning: Meaning
    line: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced or indented block, for whoever judges what it holds. `lines` are those of the body."""

    info: str
    text: str
    lines: Lines
    is_closed: bool
    role: Role
    problem: str | None


@dataclass(frozen=True, slots=True)
class InlineCode:
    """A code span in a statement, which may be a command."""

    text: str
    line: int
    role: Role
    problem: str | None


@dataclass(frozen=True, slots=True)
class ForeignGuide:
    """A foreign guide as it was understood. `roles[n - 1]` is what line n became; every line has one."""

    title: str
    front: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]
    signatures: tuple[Signature, ...]
    thresholds: tuple[Threshold, ...]
    fences: tuple[Fence, ...]
    codes: tuple[InlineCode, ...]
    roles: tuple[Role, ...]
    unread: int = 0  # lines behind the last one that was read

    def problem(self, id: str) -> Problem:
        """Return the problem of an id.

        Raises:
            KeyError: no problem has it.
        """
        for problem in self.problems:
            if problem.id == id:
                return problem
        raise KeyError(id)
