"""A SQLite file, read while others use it, with not a byte written and no file made beside it.

`mode=ro` alone does not do that: it opens the write-ahead log for writing, makes it and its index when they are not
there, and deletes the log of an empty database. So a shared lock is taken first (as every reader does), under which
nobody may remove the log; then only what is there is opened. A log that nobody has left needs no index: `immutable`.

Closing a descriptor drops every lock that this process has on the file, so those who open one take turns.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import struct
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from urllib.parse import quote

from crashcart.ports import FileLock, Row, Rows

TURN = threading.Lock()
_IS_DARWIN = sys.platform == "darwin"
# struct flock: Linux has type, whence, start, length, pid; macOS has start, length, pid, type, whence.
_FLOCK = "qqihh" if _IS_DARWIN else "hhqqi4x"
_PENDING = 0x40000000  # PENDING_BYTE of os.h: a writer waits for the readers to go
_SHARED = (0x40000002, 510)  # SHARED_FIRST and SHARED_SIZE of os.h: where every reader has its lock
_WAL_FORMAT = 2  # bytes 18 and 19 of the header
_STEPS = 1000  # virtual machine steps between two looks at the clock: about 10 us
PATIENCE_S = 0.5
_STEP_S = 0.02
_STATES = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_CORRUPT: "corrupt",
    sqlite3.SQLITE_NOTADB: "foreign",
    sqlite3.SQLITE_READONLY: "unfinished",  # a transaction was cut off, and only a writer may clean up behind it
    sqlite3.SQLITE_INTERRUPT: "slow",
}


def query(path: str, sql: str, values: Sequence[str], *, timeout_s: float) -> Rows:
    """Run one statement. Raises OSError when the file cannot be opened."""
    gives_up_at = time.monotonic() + min(PATIENCE_S, timeout_s)
    while True:
        with TURN, _opened(path) as file:
            found = _under_lock(path, file, sql, values, timeout_s=timeout_s)
        if found.state not in ("locked", "unfinished") or time.monotonic() > gives_up_at:
            return found
        time.sleep(_STEP_S)  # a commit, or the last user who is just leaving: both pass


def lock_on(path: str, start: int, length: int, *, is_write: bool) -> FileLock | None:
    """Return a lock of another process that a write (else a read) lock on these bytes would meet. Takes none."""
    wanted = fcntl.F_WRLCK if is_write else fcntl.F_RDLCK
    asked = (start, length, 0, wanted, os.SEEK_SET) if _IS_DARWIN else (wanted, os.SEEK_SET, start, length, 0)
    with TURN, _opened(path) as file:
        found = struct.unpack(_FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, struct.pack(_FLOCK, *asked)))
    kind, pid = (found[3], found[2]) if _IS_DARWIN else (found[0], found[4])
    # The kernel says 0 or -1 of a process that we may not see, as in another container.
    return None if kind == fcntl.F_UNLCK else FileLock(pid if pid > 0 else None, kind == fcntl.F_WRLCK)


def head(path: str, limit: int) -> bytes:
    """Return the first bytes of a database, or of a file beside it."""
    with TURN, _opened(path) as file:
        return os.pread(file, limit, 0)


@contextmanager
def _opened(path: str) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _under_lock(path: str, file: int, sql: str, values: Sequence[str], *, timeout_s: float) -> Rows:
    try:
        # As SQLite does it: who finds a writer waiting for readers to go does not join them.
        fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, 1, _PENDING)
        fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, _SHARED[1], _SHARED[0])
        fcntl.lockf(file, fcntl.LOCK_UN, 1, _PENDING)
    except BlockingIOError:
        return Rows("locked")
    header = os.pread(file, 100, 0)
    if not header:
        return Rows("empty")  # SQLite would delete a log that lies beside it
    has_log = os.path.exists(f"{path}-wal")
    if has_log and not os.path.exists(f"{path}-shm"):
        return Rows("unfinished")
    is_alone = len(header) > 19 and header[19] == _WAL_FORMAT and not has_log
    found = _ask(path, "immutable=1" if is_alone else "readonly_shm=1", sql, values, timeout_s=timeout_s)
    # Somebody who began a log meanwhile may have written what we were reading without a lock.
    return Rows("locked") if is_alone and os.path.exists(f"{path}-wal") else found


def _ask(path: str, how: str, sql: str, values: Sequence[str], *, timeout_s: float) -> Rows:
    ends_at = time.monotonic() + timeout_s
    url = f"file:{quote(os.path.abspath(path))}?mode=ro&{how}"
    try:
        with closing(sqlite3.connect(url, uri=True, timeout=0.0, isolation_level=None)) as connection:
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            connection.set_progress_handler(lambda: time.monotonic() > ends_at, _STEPS)
            rows: list[Row] = connection.execute(sql, values).fetchall()
    except sqlite3.DatabaseError as error:
        state = _STATES.get(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF)
        if state is None:
            raise OSError(0, f"SQLite says: {error}", path) from error
        return Rows(state)
    return Rows("ok", tuple(rows))
