"""Backups: copies of the database, each with a manifest that says what it must be."""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from crashcart_lab.digest.settings import Settings

logger = logging.getLogger(__name__)

PATTERN = "summaries_*.json"
LEFTOVERS = ".summaries_*.part*"
SOUND = "ok"


class BackupFailed(Exception):
    """No backup was made."""


class BackupUnusable(Exception):
    """A backup is not what its manifest says, or has none."""


class Manifest(BaseModel):
    """What a backup is; `schema_revision` None for a database older than revisions, `summaries` None for an empty one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    created_at: AwareDatetime
    bytes: int
    sha256: str
    schema_revision: str | None
    summaries: int | None
    integrity: str


@dataclass(frozen=True, slots=True)
class Backup:
    path: Path
    manifest: Manifest


def found_folder(settings: Settings) -> None:
    """Make the folder of the backups unless it is there. Without it, the service still does its other work."""
    try:
        settings.backup_folder.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        logger.error("no backups can be made: the folder %s cannot be made: %s", settings.backup_folder, err.strerror)


def make(settings: Settings, at: datetime) -> Backup:
    """Copy the database while others write to it.

    Raises:
        BackupFailed: there is no database, it cannot be read, or the copy is not sound.
    """
    if not settings.database_path.exists():
        raise BackupFailed(f"there is no database at {settings.database_path}: check DATABASE_PATH")
    path = settings.backup_folder / f"summaries_{at.astimezone(UTC):%Y%m%d_%H%M%S}.db"
    part = path.with_name(f".{path.name}.part")
    try:
        settings.backup_folder.mkdir(parents=True, exist_ok=True)
        _reserve(part, path)
        try:
            with closing(open_existing(settings.database_path, busy_s=settings.sqlite_busy_timeout_s)) as source:
                copy_into(source, part)
            backup = Backup(path, _describe(part, path.name, at))
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
        _write(path.with_suffix(".json"), backup.manifest.model_dump_json(indent=2))
    except (OSError, sqlite3.Error) as err:
        raise BackupFailed(f"{settings.database_path} cannot be copied to {path}: {err}") from err
    logger.info("backup %s made: %d bytes", path.name, backup.manifest.bytes)
    return backup


def list_backups(folder: Path) -> list[Backup]:
    """Return the backups in the folder, the newest first. Files without a manifest of ours are not ours."""
    found = (_read(manifest) for manifest in folder.glob(PATTERN))
    return sorted((one for one in found if one), key=lambda backup: backup.manifest.created_at, reverse=True)


def verify(path: Path) -> Backup:
    """Check a backup by its manifest and by itself.

    Raises:
        BackupUnusable: with what is wrong.
    """
    backup = _read(path.with_suffix(".json"))
    if backup is None or backup.path.name != path.name:
        raise BackupUnusable(f"{path} has no manifest {path.with_suffix('.json').name} beside it")
    try:
        if _sha256(path) != backup.manifest.sha256:
            raise BackupUnusable(f"{path} was changed or damaged: its SHA-256 is not the one in its manifest")
        # What its manifest says of its content is checked too: it is what a restore decides by.
        found = _describe(path, path.name, backup.manifest.created_at)
    except (OSError, sqlite3.Error, BackupFailed) as err:
        raise BackupUnusable(f"{path} cannot be used: {err}") from err
    if found != backup.manifest:
        raise BackupUnusable(f"{path} is not what its manifest says: {found}")
    return backup


def prune(settings: Settings, at: datetime) -> list[Path]:
    """Remove backups that are too old, but never the newest good one. Returns what was removed."""
    _clear_leftovers(settings.backup_folder, at)
    backups = list_backups(settings.backup_folder)
    limit = at - timedelta(days=settings.backup_keep_days)
    if not any(backup.manifest.created_at < limit for backup in backups):
        return []
    kept = next((backup for backup in backups if _is_good(backup)), None)
    if kept is None:
        logger.error("no backup in %s is good: none is removed", settings.backup_folder)
        return []
    old = [backup for backup in backups if backup.manifest.created_at < limit and backup != kept]
    for backup in old:
        # The manifest last: a file that has lost it would never be removed.
        backup.path.unlink(missing_ok=True)
        backup.path.with_suffix(".json").unlink(missing_ok=True)
        logger.info("backup %s removed: older than %d days", backup.path.name, settings.backup_keep_days)
    return [backup.path for backup in old]


def open_existing(path: Path, *, busy_s: float) -> sqlite3.Connection:
    """Open a database that must exist, without transactions by the driver."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=busy_s, isolation_level=None)


def open_at_rest(path: Path) -> sqlite3.Connection:
    """Open a copy that nobody writes to: no lock is taken and no file appears beside it."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)


def copy_into(source: sqlite3.Connection, path: Path) -> None:
    """Copy a database, as it is at one moment, to a single file without a write-ahead log; on error there is none."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as target:
            # A transaction of our own first: the copying itself waits for a lock without end. From here on it reads
            # one moment's state, which with a write-ahead log holds up no writer.
            source.execute("BEGIN")
            try:
                source.execute("SELECT count(*) FROM sqlite_master").fetchone()
                source.backup(target)
            finally:
                source.execute("ROLLBACK")
            target.execute("PRAGMA journal_mode = DELETE")
        sync(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def integrity_of(db: sqlite3.Connection) -> str:
    """Return "ok", or SQLite's first words on what is wrong."""
    return "; ".join(str(row[0]) for row in db.execute("PRAGMA integrity_check(3)"))


def sync(path: Path) -> None:
    """Have a file, or a folder's list of files, survive a crash of the machine."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reserve(part: Path, path: Path) -> None:
    # Only one process can create the part; it is gone when that one has made the file, so look for the file after it.
    try:
        part.touch(exist_ok=False)
    except FileExistsError as err:
        raise BackupFailed(f"{path} is being made by another process: wait for it") from err
    if path.exists():
        part.unlink()
        raise BackupFailed(f"{path} exists already: try again in a second")


def _describe(path: Path, name: str, at: datetime) -> Manifest:
    with closing(open_at_rest(path)) as db:
        integrity = integrity_of(db)
        if integrity != SOUND:
            raise BackupFailed(f"{path} is not a sound database: {integrity}")
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        revision = (
            db.execute("SELECT version_num FROM alembic_version").fetchone() if "alembic_version" in tables else None
        )
        count = db.execute("SELECT count(*) FROM summaries").fetchone() if "summaries" in tables else None
    return Manifest(
        file=name,
        created_at=at,
        bytes=path.stat().st_size,
        sha256=_sha256(path),
        schema_revision=str(revision[0]) if revision else None,
        summaries=count[0] if count else None,
        integrity=integrity,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> Backup | None:
    file = path.with_suffix(".db")
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return Backup(file, manifest) if manifest.file == file.name else None


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(text + "\n", encoding="utf-8")
    sync(part)
    os.replace(part, path)
    sync(path.parent)


def _is_good(backup: Backup) -> bool:
    try:
        verify(backup.path)
    except BackupUnusable as err:
        logger.warning("backup is not usable: %s", err)
        return False
    return True


def _clear_leftovers(folder: Path, at: datetime) -> None:
    """Remove what a backup left behind whose process was killed, unless it may still be at it."""
    for part in folder.glob(LEFTOVERS):
        if part.stat().st_mtime < (at - timedelta(days=1)).timestamp():
            part.unlink(missing_ok=True)
