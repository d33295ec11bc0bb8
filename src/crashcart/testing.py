"""Stand-ins for tests of guides, kinds and loops: a clock that jumps, a place in memory, a catalogue to try things on."""

from __future__ import annotations

import errno
import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crashcart.model.spec import (
    ActionSpec,
    Alarm,
    ArgSpec,
    Catalogue,
    Cost,
    Dimension,
    Failure,
    FieldSpec,
    Form,
    KindSpec,
    LookSpec,
    Risk,
    StateSpec,
    VerbSpec,
)
from crashcart.ports import (
    Answer,
    Connected,
    FileInfo,
    FileLock,
    Handshake,
    Machine,
    ProcessInfo,
    Resolved,
    Rows,
    SpaceInfo,
    Supervised,
    Surroundings,
)
from crashcart.probes.registry import specs
from crashcart.probes.targets import COMMON, TARGET_KINDS

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


class FakeClock:
    """A clock that moves only when it is told to."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now
        self._monotonic_s = 0.0

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds jumped so far."""
        return self._monotonic_s

    def jump(self, seconds: float) -> None:
        """Let time pass at once."""
        self._now += timedelta(seconds=seconds)
        self._monotonic_s += seconds


@dataclass(slots=True)
class FakePlace:
    """A place in memory. What is in no table is not there: no such file, no such process, connection refused.

    `answers` are by (method, url), `connects` by (host, port), `environs` by pid, `held` by path,
    `spaces` by mount, `rows` by (path, statement), `locks` by (path, first byte), `supervisors` by path. `asked`
    keeps what was asked of the network, in order.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)  # paths that may not be read
    modified_at: dict[str, datetime] = field(default_factory=dict)  # noon unless said
    running: list[ProcessInfo] = field(default_factory=list)
    environs: dict[int, Mapping[str, str]] = field(default_factory=dict)
    around: dict[int, Surroundings] = field(default_factory=dict)
    machines: Machine | None = None  # half of 1 GiB in use, on two idle cores, unless said
    cpu_times: dict[int, list[float]] = field(default_factory=dict)  # by pid: one for each time it is asked
    held: dict[str, Sequence[ProcessInfo]] = field(default_factory=dict)
    spaces: dict[str, SpaceInfo] = field(default_factory=dict)
    unwritable: set[str] = field(default_factory=set)
    rows: dict[tuple[str, str], Rows] = field(default_factory=dict)
    locks: dict[tuple[str, int], FileLock] = field(default_factory=dict)
    supervisors: dict[str, Supervised] = field(default_factory=dict)
    connects: dict[tuple[str, int], Connected] = field(default_factory=dict)
    names: dict[str, Resolved] = field(default_factory=dict)
    handshakes: dict[tuple[str, int], Handshake] = field(default_factory=dict)
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def read(self, path: str, limit: int, *, offset: int = 0) -> bytes:
        """Return at most `limit` bytes from `offset`; a negative offset counts from the end."""
        data = self._file(path)
        begin = max(0, len(data) + offset) if offset < 0 else offset
        return data[begin : begin + limit]

    def stat(self, path: str) -> FileInfo:
        """Return what is known about the file."""
        data = self._file(path, is_read=False)
        identity = (1, sorted(self.files).index(path) + 1)
        return FileInfo(len(data), self.modified_at.get(path, NOON), identity, is_file=True, mode=0o644, owner="app")

    def glob(self, pattern: str) -> Sequence[str]:
        """Return the paths that match, sorted; here `*` crosses slashes."""
        return sorted(fnmatch.filter(self.files, pattern))

    def space(self, path: str) -> SpaceInfo:
        """Return the file system that the table has for the longest beginning of the path; half full unless said."""
        found = [mount for mount in self.spaces if path.startswith(mount)]
        return self.spaces[max(found, key=len)] if found else SpaceInfo(100, 50, 50, 100, 50, False, "/")

    def may_write(self, path: str, user: str) -> bool:
        """Say no for what stands in `unwritable`."""
        return path not in self.unwritable

    def query(self, path: str, sql: str, values: Sequence[str], *, timeout_s: float) -> Rows:
        """Return what the table says; a file that is in it only as bytes is no database."""
        self._file(path)
        return self.rows.get((path, sql), Rows("foreign"))

    def lock_on(self, path: str, start: int, length: int, *, is_write: bool) -> FileLock | None:
        """Return the lock that the table has for the first byte."""
        self._file(path)
        return self.locks.get((path, start))

    def head(self, path: str, limit: int) -> bytes:
        """Return the first bytes of a file."""
        return self.read(path, limit)

    def processes(self) -> Sequence[ProcessInfo]:
        """Return all processes, by pid."""
        return sorted(self.running, key=lambda process: process.pid)

    def process(self, pid: int) -> ProcessInfo | None:
        """Return the process of that id, or None."""
        return next((process for process in self.running if process.pid == pid), None)

    def cpu_s(self, pid: int) -> float:
        """Return the next of the processor times in the table."""
        if not self.cpu_times.get(pid):
            raise ProcessLookupError(errno.ESRCH, "no such process", str(pid))
        return self.cpu_times[pid].pop(0)

    def machine(self) -> Machine:
        """Return what the table says."""
        return self.machines or Machine(1 << 30, 1 << 29, 0, 0, 2, 0.0, 0.0, 0.0)

    def environ(self, pid: int) -> Mapping[str, str]:
        """Return the environment of a process; one that is in no table may not be read."""
        if pid not in {process.pid for process in self.running}:
            raise ProcessLookupError(errno.ESRCH, "no such process", str(pid))
        if pid not in self.environs:
            raise PermissionError(errno.EACCES, "environment not permitted", str(pid))
        return self.environs[pid]

    def surroundings(self, pids: Sequence[int]) -> Mapping[int, Surroundings]:
        """Return what the table says of them; one that is in none is nowhere."""
        return {pid: self.around[pid] for pid in pids if pid in self.around}

    def holders(self, path: str) -> Sequence[ProcessInfo]:
        """Return the processes that hold the file."""
        self._file(path, is_read=False)
        return self.held.get(path, ())

    async def supervised(self, path: str, *, timeout_s: float) -> Supervised:
        """Return what the table says."""
        if path not in self.supervisors:
            self._file(path)
            raise ValueError(f"{path} says nowhere where it listens")
        return self.supervisors[path]

    async def connect(self, host: str, port: int, *, timeout_s: float) -> Connected:
        """Return what the table says."""
        self.asked.append(f"connect {host}:{port}")
        return self.connects.get((host, port), Connected("refused", 0.001))

    async def resolve(self, host: str, *, timeout_s: float) -> Resolved:
        """Return what the table says; a name that is in none is unknown."""
        self.asked.append(f"resolve {host}")
        return self.names.get(host, Resolved("unknown", (), 0.001))

    async def handshake(self, host: str, port: int, *, timeout_s: float) -> Handshake:
        """Return what the table says."""
        self.asked.append(f"handshake {host}:{port}")
        return self.handshakes.get((host, port), Handshake("refused", None, None, (), "", "", 0.001))

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], timeout_s: float, limit_bytes: int
    ) -> Answer:
        """Return what the table says."""
        self.asked.append(f"{method} {url}")
        return self.answers.get((method, url), Answer("refused", 0, 0.001, (), b"", False, "unreached"))

    def _file(self, path: str, *, is_read: bool = True) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(errno.ENOENT, "no such file", path)
        if is_read and path in self.forbidden:
            raise PermissionError(errno.EACCES, "not permitted", path)
        return self.files[path]


def answered(status: int, body: bytes = b"", *, content_type: str = "application/json", took_s: float = 0.01) -> Answer:
    """Return a complete HTTP answer, for `FakePlace.answers`."""
    return Answer("ok", status, took_s, (("content-type", content_type),), body, False)


# --- a catalogue to try the language on --------------------------------------------------------------------------------


def example_catalogue() -> Catalogue:
    """Return the kinds that exist, and a few that do not exist yet, so that tests can use the whole language."""
    kinds = (*specs().values(), _REDIS)
    actions = (_SERVICE, _REDIS_ACTION)
    return Catalogue(
        kinds={kind.name: kind for kind in kinds},
        actions={action.name: action for action in actions},
        targets=TARGET_KINDS,
        common=COMMON,
    )


def _look(name: str, fields: tuple[FieldSpec, ...], *, states: tuple[StateSpec, ...] = ()) -> LookSpec:
    alarm = Alarm.STATE if states else Alarm.THRESHOLD
    return LookSpec(name, f"example: {name or 'the one look'}", (), fields, states, Cost.CHEAP, alarm, has_history=True)


_REDIS = KindSpec(
    name="redis",
    summary="example: a Redis server",
    looks=(
        _look(
            "ping",
            (
                FieldSpec("answer", Dimension.WORD, "what it says", ("pong", "error", "none")),
                FieldSpec("took", Dimension.TIME, "until it said so"),
            ),
            states=(StateSpec("pong", "answer", "pong", "it answers"),),
        ),
        _look(
            "memory",
            (
                FieldSpec("used", Dimension.BYTES, "memory in use"),
                FieldSpec("limit", Dimension.BYTES, "what it may use"),
            ),
        ),
        _look(
            "settings",
            (
                FieldSpec("maxmemory_policy", Dimension.TEXT, "what it does when memory is full"),
                FieldSpec("maxmemory", Dimension.BYTES, "what it may use"),
            ),
        ),
    ),
    failures=(Failure("nothing listens", "seen: answer = none"),),
    needs=("url",),
)
_SERVICE = ActionSpec(
    "service",
    "example: starts and stops",
    (
        VerbSpec("start", "start it", (), Risk.SAFE, "stop it"),
        VerbSpec("stop", "stop it", (), Risk.RESTARTS, "start it"),
        VerbSpec("restart", "stop and start it", (), Risk.RESTARTS, ""),
    ),
)
_REDIS_ACTION = ActionSpec(
    "redis",
    "example: changes a Redis server",
    (
        VerbSpec(
            "set",
            "change a setting while it runs",
            (
                ArgSpec("maxmemory", (Form.SETTING,), "what it may use"),
                ArgSpec("maxmemory_policy", (Form.SETTING,), "what it does when memory is full"),
            ),
            Risk.SAFE,
            "set what was there before",
        ),
    ),
)
