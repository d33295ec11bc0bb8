"""What was read of a stranger's command: nouns only. Nothing here, or in this package, is ever executed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum


class Risk(Enum):
    """What may come of running a command as it stands, from harmless to worst; the order is that of `rank`."""

    READ_ONLY = "read-only"
    NEEDS_SECRET = "needs-secret"  # changes nothing, yet uses or prints a secret
    PLACEHOLDER = "placeholder"  # changes nothing, and cannot run before a person fills something in
    CHANGES = "changes-state-reversible"  # also all that is not understood
    RESTARTS = "restarts"
    DATA_LOSS = "data-loss/destructive"

    @property
    def rank(self) -> int:
        """Return the place in the order of harm, from 0."""
        return _ORDER[self]


_ORDER = {risk: place for place, risk in enumerate(Risk)}


class Effect(IntEnum):
    """What a program does to the world, before placeholders and secrets are weighed."""

    LOOKS = 0
    USES = 1  # opens a session, asks a service to compute, sets up this shell: no look, and nothing is kept
    CHANGES = 2
    RESTARTS = 3
    DESTROYS = 4


class FenceKind(Enum):
    """What a fence holds."""

    COMMANDS = "commands"
    SESSION = "session"  # prompts, commands and what they answered
    OUTPUT = "output"
    CONFIG = "config"
    CODE = "code"
    SQL = "sql"
    PROSE = "prose"
    DATA = "data"


class Found(Enum):
    """Where in a text a command stood."""

    LINE = "line"
    PROMPT = "prompt"
    COMMENT = "comment"
    LABEL = "label"  # behind words and a colon: `Check the endpoint: curl ...`
    STRING = "string"  # in a string of code
    SETTING = "setting"  # `NAME = value`, to be set somewhere else
    PART = "part"  # of another command
    UNREAD = "unread"  # no command: from this line on the text was not read, because it is too long


class Place(Enum):
    """The kind of place a command runs in."""

    HERE = "here"
    CONTAINER = "container"
    POD = "pod"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Where:
    """Where a command runs: `name` is the container, pod or host, and empty for HERE."""

    place: Place = Place.HERE
    name: str = ""


HERE = Where()


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command, unquoted. A secret that was pasted in is masked in `text`."""

    text: str
    is_placeholder: bool = False
    is_secret: bool = False
    is_dynamic: bool = False  # holds a variable or a substitution: not known before it runs


@dataclass(frozen=True, slots=True)
class Command:
    """One command as it stands in a text. `text` and `words` hold no pasted secret; `inner` are the commands in it."""

    text: str
    line: int
    end_line: int
    program: str  # the one that acts, without sudo, timeout and the like; "sql" for a statement, "" when not known
    subcommand: str
    words: tuple[Word, ...]
    target: str  # host, service, file, URL, database or object it acts on; "" when there is none
    where: Where
    inner: tuple[Command, ...]
    placeholders: tuple[str, ...]
    secrets: tuple[str, ...]  # masked
    risk: Risk
    why: str
    found: Found = Found.LINE
    is_known: bool = True  # the tables know what the program and its subcommand do


@dataclass(frozen=True, slots=True)
class Remark:
    """Something wrong with a command: `code` is stable, `why` it matters, `todo` what to do."""

    code: str
    line: int
    text: str
    why: str
    todo: str
