"""What the engines and loops need from the outside, as Protocols. Fakes for tests are in `crashcart.testing`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crashcart.model.observation import Look, Moment, Outcome
from crashcart.model.system import Target
from crashcart.model.touch import Happened, Prepared, Touch, Touched


class Clock(Protocol):
    """Wall time for records, monotonic time for durations."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds since some fixed moment; never goes back."""
        ...


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What `stat` says of a file; `identity` tells a rotated file from its successor."""

    size_bytes: int
    modified_at: datetime
    identity: tuple[int, int]
    is_file: bool
    mode: int
    is_folder: bool = False
    owner: str = ""  # by name, or by number when it has none


@dataclass(frozen=True, slots=True)
class SpaceInfo:
    """A file system. `free_bytes` is what anybody may write; `inodes` is 0 where files are not counted."""

    size_bytes: int
    used_bytes: int
    free_bytes: int
    inodes: int
    free_inodes: int
    is_read_only: bool
    mount: str


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """One process. A value that the system would not tell is None. `environ` is asked for separately."""

    pid: int
    command: tuple[str, ...]
    started_at: datetime
    status: str  # running, sleeping, stopped, zombie, ...
    user: str
    rss_bytes: int | None
    threads: int | None
    fds: int | None
    ports: tuple[int, ...]
    is_ours: bool = False  # this very process or one of its parents: never what a look is after
    parent: int | None = None  # the process that started it, or took it over


Endpoint = tuple[str, int]  # address and port


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A regular file that a process has open."""

    path: str
    descriptor: int
    is_written: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a process stands. What the system would not tell is empty; `peers` are the other ends of what it opened."""

    folder: str = ""
    parent: int = 0
    opened: tuple[OpenFile, ...] = ()
    listens: tuple[Endpoint, ...] = ()
    peers: tuple[Endpoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine as a whole. `busy_s` and `idle_s` are of all cores together, since it was started."""

    memory_bytes: int
    available_bytes: int
    swap_bytes: int
    swap_used_bytes: int
    cores: int
    load_1min: float
    busy_s: float
    idle_s: float


@dataclass(frozen=True, slots=True)
class Connected:
    """How an attempt to connect ended: ok, refused, reset, timeout, dns, unreachable."""

    state: str
    took_s: float


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the resolver said of a name: ok, unknown, failed, timeout, invalid."""

    state: str
    addresses: tuple[str, ...]
    took_s: float


@dataclass(frozen=True, slots=True)
class Handshake:
    """How a TLS handshake ended (the words of the kind `tls`), and what is known of the certificate."""

    state: str
    begins_at: datetime | None
    ends_at: datetime | None
    names: tuple[str, ...]
    issuer: str
    version: str
    took_s: float


@dataclass(frozen=True, slots=True)
class FileLock:
    """A lock on bytes of a file; `pid` is None when its holder is hidden from us."""

    pid: int | None
    is_exclusive: bool


Row = tuple[str | int | float | bytes | None, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """How a question to a SQLite file ended.

    `state` is ok; empty (no byte in the file); locked (readers are kept out); corrupt; foreign (no SQLite file);
    unfinished (cut off in a transaction, only a writer can clean up); slow (not within our time).
    """

    state: str
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """How an HTTP request ended. `state` is as in Connected, also `tls` and `protocol`; `status` 0 when nothing came.

    `end` tells what became of the answer: complete; cut (it broke off, or stalled until the deadline); silent
    (connected, and nothing came in time); unreached (there was nobody to answer).
    """

    state: str
    status: int
    took_s: float
    headers: tuple[tuple[str, str], ...]
    body: bytes  # cut at the limit that was asked for
    is_cut: bool  # by our limit
    end: str = "complete"


@dataclass(frozen=True, slots=True)
class Program:
    """One process that a supervisord keeps, in its own words: `state` is running, fatal, ... in lower case.

    `exit_status` is None unless it tells one: only for what has ended and is not to be started again; -1 after a signal.
    """

    group: str
    name: str
    state: str
    pid: int | None
    started_at: datetime | None
    ended_at: datetime | None
    exit_status: int | None
    error: str  # why it could not be started, or what was wrong with how it ended


@dataclass(frozen=True, slots=True)
class Supervised:
    """What a supervisord says. `state` is ok, absent (nobody listens), forbidden, timeout, or odd (no supervisord)."""

    state: str
    where: str  # its socket, or its host and port
    now: datetime | None = None  # by its clock, to whole seconds
    programs: tuple[Program, ...] = ()
    log: str = ""  # the end of its own log; empty when it cannot be had


class Files(Protocol):
    """Files of a place. Raises OSError as the system does; the look turns that into Seen or Unseen."""

    def read(self, path: str, limit: int, *, offset: int = 0) -> bytes:
        """Return at most `limit` bytes from `offset`; a negative offset counts from the end."""
        ...

    def stat(self, path: str) -> FileInfo:
        """Return what is known about the file."""
        ...

    def glob(self, pattern: str) -> Sequence[str]:
        """Return the paths that match, sorted."""
        ...

    def space(self, path: str) -> SpaceInfo:
        """Return the file system that the path lies on."""
        ...

    def may_write(self, path: str, user: str) -> bool:
        """Say whether permissions and mount let that user write a file, or make files in a folder."""
        ...


class Databases(Protocol):
    """SQLite files of a place. Writes nothing and makes no file. Raises OSError as the system does."""

    def query(self, path: str, sql: str, values: Sequence[str], *, timeout_s: float) -> Rows:
        """Run one reading statement of ours, never one of a guide."""
        ...

    def lock_on(self, path: str, start: int, length: int, *, is_write: bool) -> FileLock | None:
        """Return a lock of another process that a write (else a read) lock on these bytes would meet. Takes none."""
        ...

    def head(self, path: str, limit: int) -> bytes:
        """Return the first bytes of a database, or of a file beside it, in turn with those who read it here."""
        ...


class Processes(Protocol):
    """Processes of a place."""

    def processes(self) -> Sequence[ProcessInfo]:
        """Return all processes that can be seen, by pid."""
        ...

    def process(self, pid: int) -> ProcessInfo | None:
        """Return one process, its ports left out; None when there is none of that id that we may see."""
        ...

    def cpu_s(self, pid: int) -> float:
        """Return the processor time that a process has used. Raises PermissionError or ProcessLookupError."""
        ...

    def machine(self) -> Machine:
        """Return memory, load and processor time of the machine."""
        ...

    def environ(self, pid: int) -> Mapping[str, str]:
        """Return the environment at start. Raises PermissionError or ProcessLookupError."""
        ...

    def surroundings(self, pids: Sequence[int]) -> Mapping[int, Surroundings]:
        """Return where those processes stand; one that has ended meanwhile is left out."""
        ...

    def holders(self, path: str) -> Sequence[ProcessInfo]:
        """Return the processes that have that file open; with some hidden from us, those that can be seen.

        Raises PermissionError when none can be seen and some are hidden, FileNotFoundError when there is no such file.
        """
        ...


class Supervisors(Protocol):
    """Who keeps the processes of a place running."""

    async def supervised(self, path: str, *, timeout_s: float) -> Supervised:
        """Ask the supervisord with these settings, or behind this socket, how its programs fare.

        Raises OSError when the settings cannot be read, ValueError when they do not say where on this machine it
        listens.
        """
        ...


class Network(Protocol):
    """The network as seen from a place. Never raises for what the other side did."""

    async def connect(self, host: str, port: int, *, timeout_s: float) -> Connected:
        """Open a TCP connection and close it at once."""
        ...

    async def resolve(self, host: str, *, timeout_s: float) -> Resolved:
        """Ask the system's resolver for the addresses of a host."""
        ...

    async def handshake(self, host: str, port: int, *, timeout_s: float) -> Handshake:
        """Shake hands as a TLS client that checks everything, and close."""
        ...

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], timeout_s: float, limit_bytes: int
    ) -> Answer:
        """Send one GET, HEAD or OPTIONS. Redirects to other hosts are not followed."""
        ...


class Place(Files, Databases, Processes, Supervisors, Network, Protocol):
    """Where one must stand to see a target. All kinds see the world through it and through nothing else."""


class Looker(Protocol):
    """The code of one kind of look."""

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once. Whatever the target did is Seen; what we could not see is Unseen. Raises only for our own bugs."""
        ...


class Secrets(Protocol):
    """The values behind secret attributes, for the looks that must present them."""

    def value(self, target: str, attribute: str) -> str | None:
        """Return the secret, or None when it is not set."""
        ...


class Hand(Protocol):
    """The code of one kind of action. Each method is given the target as the system file has it.

    A hand raises only for our own bugs: what the target did is an outcome. It keeps within `timeout_s`, and ends
    what it has started.
    """

    async def prepare(self, touch: Touch, target: Target, *, timeout_s: float) -> Prepared:
        """Find out, by looking alone, what the touch would change, and keep what undoing it will need."""
        ...

    async def touch(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, secret: str | None, timeout_s: float
    ) -> Touched:
        """Do it, once. `secret` is the value of the secret argument, which is nowhere else."""
        ...

    async def did_it_happen(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float
    ) -> Happened:
        """Say whether the touch took effect, from the world and from what was kept."""
        ...

    async def undo(self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float) -> Touched:
        """Put back what was there before; refused when somebody else has changed it since."""
        ...
