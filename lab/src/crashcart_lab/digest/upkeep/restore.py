"""Putting a backup in the place of the database.

The content of the present file is replaced through SQLite, in one transaction and under its exclusive lock. A
connection to a database with a write-ahead log holds a shared lock from its first statement to its end, so the
exclusive one is had only when nobody is connected; and because the file stays the same file, whoever connects in
between waits for that lock and then sees the backup. Putting another file there instead would leave such a process
with a file that has no name, and with the new file's write-ahead log.

A file so damaged that SQLite cannot lock it has to be replaced by another one all the same.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage.schema import NEWEST
from crashcart_lab.digest.upkeep.backups import (
    SOUND,
    Backup,
    copy_into,
    integrity_of,
    open_at_rest,
    open_existing,
    sync,
    verify,
)

logger = logging.getLogger(__name__)

# Where SQLite locks (its file format, "Locking" in os.h): pending, reserved and 510 shared bytes of the database, and
# the byte of the shared memory that every connection holds.
DATABASE_LOCK = (0x40000000, 512)
MEMORY_LOCK = (128, 1)
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


class RestoreRefused(Exception):
    """Nothing was restored, and nothing was changed."""


class RestoreFailed(Exception):
    """The restored database is not sound; the text says where the former one is."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there now, and where the former database was put, if there was one."""

    backup: Backup
    former: Path | None


class _Damaged(Exception):
    pass


def restore(path: Path, settings: Settings) -> Restored:
    """Put a backup in the place of the database, and keep the former one beside it.

    Raises:
        BackupUnusable: the backup is damaged or unknown.
        RestoreRefused: it is of a newer release, or somebody has the database open.
        RestoreFailed: it was restored and is not sound.
    """
    backup = verify(path)
    revision = backup.manifest.schema_revision
    if revision is not None and revision > NEWEST:
        raise RestoreRefused(
            f"{path} has schema revision {revision}, and this release knows {NEWEST} at most: restore it with the newer one"
        )
    try:
        former = _put(path, settings.database_path, _name_aside(settings.database_path))
        with closing(open_existing(settings.database_path, busy_s=settings.sqlite_busy_timeout_s)) as db:
            found = integrity_of(db)
    except (OSError, sqlite3.Error) as err:
        raise RestoreFailed(f"{path} could not be restored: {err}; look for {_name_hint(settings)}") from err
    if found != SOUND:
        raise RestoreFailed(f"{settings.database_path} is not sound after restoring: {found}; the former is {former}")
    logger.info("database %s restored from %s", settings.database_path, path)
    return Restored(backup, former)


def _put(path: Path, database: Path, aside: Path) -> Path | None:
    if not database.exists():
        _replace_file(path, database, aside)
        return None
    try:
        _replace_content(path, database, aside)
    except _Damaged:
        _replace_file(path, database, aside)
    return aside


def _replace_content(path: Path, database: Path, aside: Path) -> None:
    try:
        with closing(_open_alone(database)) as db:
            copy_into(db, aside)
            shutil.copymode(database, aside)
            # As a single file it takes a copy of any page size. The lock is ours all the time.
            db.execute("PRAGMA journal_mode = DELETE")
            _beside(database, "-shm").unlink(missing_ok=True)  # of a killed process: this mode leaves it alone
            with closing(open_at_rest(path)) as source:
                source.backup(db)
    except sqlite3.DatabaseError as err:
        if _primary(err) in DAMAGED:  # found before or while writing, and rolled back
            aside.unlink(missing_ok=True)
            raise _Damaged from err
        raise


def _open_alone(database: Path) -> sqlite3.Connection:
    db = open_existing(database, busy_s=0.0)
    try:
        # In this mode the lock of the transaction is kept after it, to the end of the connection.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("BEGIN EXCLUSIVE")
        db.execute("COMMIT")
    except sqlite3.Error as err:
        db.close()
        if _primary(err) in BUSY:
            raise _in_use(database) from err
        raise
    return db


def _replace_file(path: Path, database: Path, aside: Path) -> None:
    """Put a copy of the backup where a damaged database is, or none, and the remains aside."""
    database.parent.mkdir(parents=True, exist_ok=True)
    memory = _beside(database, "-shm")
    with _locked(database, *DATABASE_LOCK), _locked(memory, *MEMORY_LOCK):
        part = _beside(database, ".restoring")
        try:
            shutil.copyfile(path, part)
            sync(part)
            if database.exists():
                shutil.copymode(database, part)
                os.link(database, aside)
            for end in ("-wal", "-shm", "-journal"):  # beside another database they would be taken for its own
                if (rest := _beside(database, end)).exists():
                    rest.rename(_beside(aside, end))
            os.replace(part, database)
            sync(database.parent)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def _locked(path: Path, start: int, length: int) -> Iterator[None]:
    """Hold a lock as SQLite takes it, which tells whether anybody is connected even where SQLite itself cannot read."""
    if not path.exists():
        yield
        return
    with path.open("r+b") as file:
        try:
            # Of the open file, not of the process: it also shows a connection of this very process.
            wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, start, length, 0)
            fcntl.fcntl(file, fcntl.F_OFD_SETLK, wanted)
        except BlockingIOError as err:
            raise _in_use(path) from err
        yield


def _in_use(path: Path) -> RestoreRefused:
    return RestoreRefused(f"{path} is open in another process: stop the service, its workers and whoever else reads it")


def _primary(err: sqlite3.Error) -> int:
    return getattr(err, "sqlite_errorcode", 0) & 0xFF


def _name_aside(database: Path) -> Path:
    return _beside(database, f".before-restore-{datetime.now(UTC):%Y%m%d_%H%M%S}")


def _name_hint(settings: Settings) -> str:
    return f"{settings.database_path}.before-restore-*"


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)
