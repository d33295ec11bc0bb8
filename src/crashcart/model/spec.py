"""What a kind can see or do, as closed tables: the compiler, the judge and the reference page read the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Dimension(Enum):
    """What a field measures. Numbers compare only within one dimension."""

    NUMBER = "number"
    PERCENT = "percent"
    TIME = "time"  # seconds
    BYTES = "bytes"
    INSTANT = "instant"  # ISO 8601, UTC
    TEXT = "text"
    WORD = "word"  # one of FieldSpec.words
    FLAG = "flag"  # yes or no


# A person waits for the answer: what takes longer to show itself needs a history, and no look stays for it.
LONGEST_WATCH_S = 30.0


class Cost(Enum):
    """How long a look usually takes, in seconds, and so when it is worth taking."""

    FREE = 0.01
    CHEAP = 0.1
    SLOW = 1.0
    DEAR = 5.0


class Alarm(Enum):
    """How often such a claim is true although its cause is absent (`diagnosis.md`, words to numbers)."""

    STATE = 0.005
    LOG = 0.01
    THRESHOLD = 0.05
    PERSON = 0.1


class Form(Enum):
    """How an argument is written."""

    WORD = "word"  # one of ArgSpec.words
    STRING = "string"
    PATH = "path"
    REF = "reference"
    NUMBER = "number"
    SETTING = "setting"  # `name = value`, only for actions


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One thing that a look sees."""

    name: str
    dimension: Dimension
    summary: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StateSpec:
    """A word that claims `field = value`, so that `tcp {db} => refused` reads as one says it."""

    name: str
    field: str
    value: str | bool
    summary: str


@dataclass(frozen=True, slots=True)
class ArgSpec:
    """One argument; `lead` is the word that announces it (`port 6379`), empty when its place does."""

    name: str
    forms: tuple[Form, ...]
    summary: str
    words: tuple[str, ...] = ()
    lead: str = ""
    is_required: bool = False
    is_open: bool = False  # of a setting: any name may stand there, in quotes when it is no plain word
    is_many: bool = False  # any number of them, in order


@dataclass(frozen=True, slots=True)
class LookSpec:
    """One way to look: its word after the target (empty when the kind has only one), and what comes back."""

    name: str
    summary: str
    args: tuple[ArgSpec, ...]
    fields: tuple[FieldSpec, ...]
    states: tuple[StateSpec, ...]
    cost: Cost
    alarm: Alarm
    default_state: str = ""  # claimed when the guide claims nothing; only `log` has one
    has_history: bool = False  # understands `over` and `since`
    is_watched: bool = False  # with `over` of at most LONGEST_WATCH_S it stays that long and samples its numbers

    def watch_s(self, over_s: float | None) -> float:
        """Return how long such a look stays and watches; 0 when it looks once."""
        return over_s if self.is_watched and over_s is not None and over_s <= LONGEST_WATCH_S else 0.0

    def field(self, name: str) -> FieldSpec | None:
        """Return the field of that name, or None."""
        return next((spec for spec in self.fields if spec.name == name), None)

    def state(self, name: str) -> StateSpec | None:
        """Return the state of that name, or None."""
        return next((spec for spec in self.states if spec.name == name), None)


@dataclass(frozen=True, slots=True)
class Failure:
    """One row of a kind's Seen/Unseen table: what happens, and what the look then says."""

    situation: str
    outcome: str  # "seen: connect = refused" or "unseen: not permitted"


@dataclass(frozen=True, slots=True)
class KindSpec:
    """A kind of look. `needs` are target attributes without which it cannot look (any one of them is enough)."""

    name: str
    summary: str
    looks: tuple[LookSpec, ...]
    failures: tuple[Failure, ...]
    needs: tuple[str, ...] = ()

    def look(self, name: str) -> LookSpec | None:
        """Return the look of that word, or None."""
        return next((spec for spec in self.looks if spec.name == name), None)


class Risk(Enum):
    """What a touch may cost."""

    SAFE = "safe"
    RESTARTS = "restarts"
    LOSES_DATA = "loses data"
    DESTRUCTIVE = "destructive"


@dataclass(frozen=True, slots=True)
class VerbSpec:
    """One touch of an action kind."""

    name: str
    summary: str
    args: tuple[ArgSpec, ...]
    risk: Risk
    undo: str  # how it is undone, in words; empty means irreversible
    told_by: str = ""  # how `did_it_happen` knows, in words
    deadline_s: float = 10.0  # what it may take before it counts as failed
    is_idempotent: bool = True  # doing it twice leaves what doing it once leaves
    is_undone_last: bool = False  # it makes other changes take effect: undone after all of them, by doing it again


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """A kind of touch. `needs` are keys of the target, or of its table `touch`: any one of them is enough."""

    name: str
    summary: str
    verbs: tuple[VerbSpec, ...]
    needs: tuple[str, ...] = ()

    def verb(self, name: str) -> VerbSpec | None:
        """Return the verb of that name, or None."""
        return next((spec for spec in self.verbs if spec.name == name), None)


@dataclass(frozen=True, slots=True)
class AttributeSpec:
    """One key of a target in the system file; `is_reference` keys may be `env:NAME` or `file:PATH`."""

    name: str
    summary: str
    is_required: bool = False
    is_reference: bool = False
    is_secret: bool = False
    is_list: bool = False
    is_path: bool = False
    default: str = ""  # what a guide sees when the system file does not say


@dataclass(frozen=True, slots=True)
class TargetKind:
    """A kind of target, with the attributes it has beside the common ones."""

    name: str
    summary: str
    attributes: tuple[AttributeSpec, ...]
    derived: tuple[str, ...] = ()  # names a guide may use in `{self.NAME}` beside the attributes: host, port


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All kinds that exist here; the compiler knows nothing else."""

    kinds: Mapping[str, KindSpec]
    actions: Mapping[str, ActionSpec]
    targets: Mapping[str, TargetKind]
    common: tuple[AttributeSpec, ...] = field(default=())  # attributes of every target
    touch: tuple[AttributeSpec, ...] = field(default=())  # keys of `[targets.NAME.touch]`: what may be touched, and how
