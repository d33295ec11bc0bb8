"""The schema's revision: what the file has, what this release needs, and the way from one to the other."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from crashcart_lab.digest.storage.database import Database, make_folder

logger = logging.getLogger(__name__)

NEWEST = "0003"
SCRIPTS = Path(__file__).parent / "migrations"


class SchemaDiffers(Exception):
    """The database has another schema than this release needs."""


def revision_of(path: Path) -> str | None:
    """Return the revision of a database file, None when it has none. Raises sqlite3.Error when it is no database."""
    if not path.exists():
        return None
    with closing(sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True, timeout=5.0)) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None
        row = db.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def prepare(database: Database, *, may_migrate: bool) -> None:
    """Bring the file to the newest revision.

    Raises:
        SchemaDiffers: it has another revision, and we may not migrate or do not know it.
    """
    make_folder(database.path)
    found = revision_of(database.path)
    if found == NEWEST:
        return
    if found is not None and found not in _known():
        raise SchemaDiffers(
            f"{database.path} has schema revision {found}, which this release does not know; "
            "it was written by a newer release: start that one, or restore a backup"
        )
    if not may_migrate:
        raise SchemaDiffers(
            f"{database.path} has schema revision {found or 'none'} and this release needs {NEWEST}; "
            "run `python -m crashcart_lab.digest migrate`, or set MIGRATE_ON_START=true"
        )
    migrate(database, NEWEST)


def migrate(database: Database, revision: str) -> None:
    """Go to a revision, forwards or backwards, in one transaction."""
    # Slow to load, and needed once in the life of a database.
    from alembic import command
    from alembic.config import Config

    before = revision_of(database.path)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        is_back = before is not None and revision < before
        (command.downgrade if is_back else command.upgrade)(config, revision)
    logger.info("database %s migrated from revision %s to %s", database.path, before or "none", revision)


def _known() -> set[str]:
    return {script.name.partition("_")[0] for script in (SCRIPTS / "versions").glob("*.py")}
