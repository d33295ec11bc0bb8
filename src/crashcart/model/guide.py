"""A compiled guide: typed, frozen, with the place of every statement.

Names in here are still names (`{self}`, `{dependants}`, parameters): binding to a system comes after (`model.net`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from crashcart.model.spans import NOWHERE, Span
from crashcart.model.spec import Dimension
from crashcart.model.truth import Quant

Unit = str  # one of the units of the grammar, or "" for a plain number

# Unit -> (dimension, factor to the base unit of that dimension: seconds, bytes, percent).
UNITS: dict[str, tuple[Dimension, float]] = {
    "": (Dimension.NUMBER, 1.0),
    "%": (Dimension.PERCENT, 1.0),
    "ms": (Dimension.TIME, 0.001),
    "s": (Dimension.TIME, 1.0),
    "min": (Dimension.TIME, 60.0),
    "h": (Dimension.TIME, 3600.0),
    "d": (Dimension.TIME, 86400.0),
    "B": (Dimension.BYTES, 1.0),
    "kB": (Dimension.BYTES, 1e3),
    "MB": (Dimension.BYTES, 1e6),
    "GB": (Dimension.BYTES, 1e9),
    "KiB": (Dimension.BYTES, 1024.0),
    "MiB": (Dimension.BYTES, 1024.0**2),
    "GiB": (Dimension.BYTES, 1024.0**3),
}
PER: dict[str, float] = {"/s": 1.0, "/min": 60.0, "/h": 3600.0}  # seconds in the denominator
DURATION_UNITS = ("ms", "s", "min", "h", "d")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written. `per` is "", "/s", "/min" or "/h": a rate."""

    value: float
    unit: Unit = ""
    per: str = ""

    @property
    def dimension(self) -> Dimension:
        """What the number measures, the rate aside."""
        return UNITS[self.unit][0]

    @property
    def base(self) -> float:
        """The number in base units (seconds, bytes, percent), a rate in base units a second."""
        return self.value * UNITS[self.unit][1] / PER.get(self.per, 1.0)


@dataclass(frozen=True, slots=True)
class Text:
    """Quoted text. Inside log text `<name>` captures and `<*>` matches anything."""

    value: str


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word out of a closed table (a member of a field's words, a method)."""

    value: str


@dataclass(frozen=True, slots=True)
class Path:
    """A path that begins with a slash."""

    value: str


@dataclass(frozen=True, slots=True)
class Ref:
    """`{a.b, c}`: one or more dotted names."""

    names: tuple[tuple[str, ...], ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class FieldOf:
    """The value of a field, of the same look (`of` is None) or of the same look at another target."""

    field: str
    of: Ref | None = None


@dataclass(frozen=True, slots=True)
class PercentOf:
    """`80% of limit`."""

    percent: float
    of: FieldOf | Ref


@dataclass(frozen=True, slots=True)
class Times:
    """`3 x usual`, `2 x {limit}`; `of` None is *usual*: the same hour of the last 7 days."""

    factor: float
    of: FieldOf | Ref | None


Value = Number | Text | Word | Ref | FieldOf | PercentOf | Times


class Rel(Enum):
    """A relation between a field and a value."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    CONTAINS = "contains"
    LACKS = "lacks"
    MATCHES = "matches"


class Stat(Enum):
    """How many values become one: over time, or over the members of a plural target."""

    SHARE = "share"
    SUM = "sum"
    MIN = "min"
    MEAN = "mean"
    MAX = "max"
    P50 = "p50"
    P95 = "p95"
    P99 = "p99"
    GROWTH = "growth"


@dataclass(frozen=True, slots=True)
class StateClaim:
    """`refused`, `not refused`."""

    state: str
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class FieldClaim:
    """`status >= 500`, `p95 took > 2 s`."""

    field: str
    rel: Rel
    value: Value
    stat: Stat | None = None


class Presence(Enum):
    """A claim about a field without a value."""

    DIFFERS = "differs"
    ABSENT = "absent"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class PresenceClaim:
    """`version differs`, `error absent`."""

    field: str
    presence: Presence


@dataclass(frozen=True, slots=True)
class FollowClaim:
    """`not followed by "done" in 5 min`."""

    text: str
    window: Number


Claim = StateClaim | FieldClaim | PresenceClaim | FollowClaim


@dataclass(frozen=True, slots=True)
class Setting:
    """`maxmemory = ?` among the arguments of an action; a value of None is asked for, and never stored when secret."""

    name: str
    rel: Rel
    value: Value | None
    is_secret: bool = False


ArgValue = Word | Text | Path | Ref | Number | Setting


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument, under the name that the kind's table gives it."""

    name: str
    value: ArgValue


@dataclass(frozen=True, slots=True)
class Since:
    """`since {onset} - 1 h`."""

    ref: Ref
    minus: Number | None = None


@dataclass(frozen=True, slots=True)
class LookExpr:
    """A look as the guide writes it. For `ask`, `ref` is empty and the question is the only argument."""

    kind: str
    ref: Ref
    look: str = ""
    quant: Quant = Quant.EACH
    args: tuple[Arg, ...] = ()
    vantage: Ref | None = None
    vantage_quant: Quant = Quant.EACH
    over: Number | None = None
    since: Since | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A look with what is claimed of it; all claims must hold."""

    look: LookExpr
    claims: tuple[Claim, ...]
    within: Number | None = None
    hold: Number | None = None  # written `for`
    capture: str = ""  # written `as`
    text: str = field(default="", compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Action:
    """A touch as the guide writes it. `notify` has its contact in `contact` and no target."""

    kind: str
    verb: str
    ref: Ref
    args: tuple[Arg, ...] = ()
    contact: str = ""
    after: Number | None = None
    text: str = field(default="", compare=False)
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A probability in (0, 1), with the word that said it ("" when only the number stands)."""

    p: float
    word: str = ""


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often a month this happens to one such target."""

    per_month: float
    word: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A check in its list, with the sentence around it: what a report quotes."""

    check: Check
    before: str = ""  # prose before the code span
    after: str = ""  # prose behind it
    likelihood: Likelihood | None = None
    otherwise: Likelihood | None = None  # written `else`
    every: Number | None = None
    severity: str = ""  # Healthy only: "warn" or "fail"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ByHand:
    """What a person does; shown, never executed."""

    text: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class TaskLink:
    """A step that is a task of some guide."""

    text: str
    guide: str  # "" is this guide
    task: str
    span: Span = field(default=NOWHERE, compare=False)
    after: str = ""  # prose behind it


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a remedy with its guards."""

    what: Action | ByHand | TaskLink
    before: str = ""
    after: str = ""
    only_if: tuple[Item, ...] = ()
    verify: tuple[Item, ...] = ()
    undo: tuple[Action | ByHand, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Remedy:
    """A **Fix**, **Relief**, **Do**, **Undo** or **Escalate** list; `name` tells alternatives apart."""

    name: str
    steps: tuple[Step, ...]
    note: str = ""
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CheckList:
    """The items under one label, with the words behind it."""

    items: tuple[Item | ByHand | TaskLink, ...] = ()
    note: str = ""

    @property
    def checks(self) -> tuple[Item, ...]:
        """The items that are checks."""
        return tuple(item for item in self.items if isinstance(item, Item))


@dataclass(frozen=True, slots=True)
class CauseLink:
    """A cause taken over from elsewhere. Role names in `bindings` choose the target, other names are parameters."""

    text: str
    guide: str  # "" is this guide
    cause: str
    bindings: tuple[tuple[str, Value], ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Cause:
    """A reason that can produce its problem."""

    id: str
    title: str
    frequency: Frequency
    link: CauseLink | None = None
    marks: tuple[tuple[str, str], ...] = ()  # `key=word` behind the id
    prose: str = ""
    only_if: CheckList = CheckList()
    read: CheckList = CheckList()
    evidence: CheckList = CheckList()
    tries: CheckList = CheckList()
    fixes: tuple[Remedy, ...] = ()
    reliefs: tuple[Remedy, ...] = ()
    undos: tuple[Remedy, ...] = ()
    verify: CheckList = CheckList()
    watch: CheckList = CheckList()
    escalate: tuple[Remedy, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """What a user suffers."""

    id: str
    title: str
    prose: str = ""
    only_if: CheckList = CheckList()
    read: CheckList = CheckList()
    symptoms: CheckList = CheckList()
    reliefs: tuple[Remedy, ...] = ()
    verify: CheckList = CheckList()
    watch: CheckList = CheckList()
    escalate: tuple[Remedy, ...] = ()
    causes: tuple[Cause, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Task:
    """A routine that runs every so often."""

    id: str
    title: str
    every: Number
    prose: str = ""
    steps: tuple[Remedy, ...] = ()
    only_if: CheckList = CheckList()
    verify: CheckList = CheckList()
    undos: tuple[Remedy, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


class Severity(Enum):
    """How bad it is when a problem of this guide is there."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter with its default; the default's unit is the parameter's unit."""

    name: str
    default: Number | Text


@dataclass(frozen=True, slots=True)
class Need:
    """A role that binding fills with the targets of that kind that `self` depends on."""

    role: str
    kind: str


class Trust(Enum):
    """Who stands behind a guide."""

    SHIPPED = "shipped"
    OWN = "own"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Guide:
    """One compiled document."""

    name: str
    title: str
    target_kind: str  # front matter `for`
    severity: Severity
    healthy: CheckList
    problems: tuple[Problem, ...]
    tasks: tuple[Task, ...] = ()
    prose: str = ""
    sections: str = ""  # `##` headings without an id, as they stand
    escalate: tuple[Remedy, ...] = ()
    owner: str = ""
    needs: tuple[Need, ...] = ()
    params: tuple[Param, ...] = ()
    depends: tuple[str, ...] = ()
    source: str = ""
    language: int = 1
    path: str = field(default="", compare=False)
    trust: Trust = field(default=Trust.OWN, compare=False)
    text: str = field(default="", compare=False)
