"""What a pass over logs found: facts with counts and moments, secrets blanked, no cause named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class KnownText:
    """Log text that a guide quotes, and what the guide takes it for. `cause` is empty when it tells the problem."""

    text: str
    guide: str
    problem: str
    cause: str
    title: str


@dataclass(frozen=True, slots=True)
class LogSpan:
    """The first and the last stamp. Without a zone, they are the clock on the wall, written as if it were UTC."""

    first: datetime
    last: datetime
    is_zoned: bool

    @property
    def seconds(self) -> float:
        """How long that is."""
        return (self.last - self.first).total_seconds()


@dataclass(frozen=True, slots=True)
class LogExample:
    """One line as it stands in its file, redacted; `line` counts from 1, `offset` in bytes without compression."""

    file: str
    line: int
    offset: int
    text: str


@dataclass(frozen=True, slots=True)
class LogTemplate:
    """A statement of the log: how often, when, and at which level it came at worst. `id` is that of the shown text."""

    id: str
    text: str
    count: int
    level: str
    first: datetime | None
    last: datetime | None
    counts: tuple[int, ...] = ()  # per bucket of the report


@dataclass(frozen=True, slots=True)
class LoggedError:
    """Lines of one statement at ERROR or worse, or that brought an exception, told once.

    `raised` is "Type: message"; `where` the deepest frame of the user's own code, `file:line in function`.
    """

    template: LogTemplate
    count: int
    first: datetime | None
    last: datetime | None
    example: LogExample | None
    raised: str = ""
    where: str = ""
    new_because: str = ""


@dataclass(frozen=True, slots=True)
class NewTemplate:
    """A statement that the baseline does not have, and why that says something."""

    template: LogTemplate
    reason: str
    example: LogExample | None = None


@dataclass(frozen=True, slots=True)
class Burst:
    """A statement (None: all lines) that came far more often than usual for a while."""

    template: LogTemplate | None
    began: datetime
    ended: datetime
    count: int
    factor: float  # how many times what is usual, which is taken as one record at least
    reason: str

    @property
    def is_bad(self) -> bool:
        """Whether it is one of warnings or worse."""
        return self.template is not None and self.template.level in ("warning", "error", "critical")


@dataclass(frozen=True, slots=True)
class Silence:
    """A regular statement (None: all lines) that stopped; `until` is None when it did not come back."""

    template: LogTemplate | None
    since: datetime
    until: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Latency:
    """How long what a statement tells of took, to within 5 %."""

    template: LogTemplate
    count: int
    p50_s: float
    p95_s: float
    p99_s: float


@dataclass(frozen=True, slots=True)
class AccessRefused:
    """Failures to authenticate or to be allowed, of one statement."""

    template: LogTemplate
    count: int
    first: datetime | None
    last: datetime | None
    example: LogExample | None


@dataclass(frozen=True, slots=True)
class KnownSeen:
    """Text of a guide that stands in the log."""

    known: KnownText
    count: int
    first: datetime | None
    last: datetime | None
    example: LogExample | None


@dataclass(frozen=True, slots=True)
class LogTrouble:
    """What was not read, or not all of it."""

    kind: str
    file: str
    detail: str
    count: int


@dataclass(frozen=True, slots=True)
class LogReport:
    """What happened, by one or more logs. `records`, `errors` and `counts` of templates are per bucket."""

    files: int
    size_bytes: int
    lines: int
    kept: int  # records counted: all, or those of the window and the text asked for
    undated: int
    span: LogSpan | None
    levels: tuple[tuple[str, int], ...]
    bucket_s: int
    buckets_from: datetime | None
    records: tuple[int, ...]
    errors: tuple[int, ...]
    templates: tuple[LogTemplate, ...]  # the most frequent
    templates_total: int
    problems: tuple[LoggedError, ...]
    new: tuple[NewTemplate, ...]
    baseline: str  # what `new` is measured against, in words
    bursts: tuple[Burst, ...]
    silences: tuple[Silence, ...]
    latencies: tuple[Latency, ...]
    refused: tuple[AccessRefused, ...]
    known: tuple[KnownSeen, ...]
    troubles: tuple[LogTrouble, ...]
    is_crowded: bool  # too many different lines: rare ones were generalised

    @property
    def is_bad(self) -> bool:
        """Whether anything was found that a person should look at. More of what is no error, is none."""
        is_flooded = any(burst.is_bad for burst in self.bursts)
        return bool(self.problems or is_flooded or self.silences or self.refused or self.known)
