"""Stages with real SQLite files."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from stages import Stage, State, staged, touch_of

from crashcart.model.system import Target
from crashcart.model.touch import TouchState

DONE = (TouchState.DONE, TouchState.DONE)

# What another process does and leaves open until it is told to end: the last one to close empties the log.
_OTHER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    database.execute(statement).fetchall()
print("done", flush=True)
sys.stdin.read()
"""


def other(path: Path, *statements: str) -> None:
    """Run statements in a process of their own, and close."""
    subprocess.run(
        [sys.executable, "-c", _OTHER, str(path), *statements], input=b"", check=True, stdout=subprocess.PIPE
    )


def seen(path: Path) -> State:
    """Look at a copy: opening the file itself could change it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        for ending in ("", "-wal"):
            if Path(f"{path}{ending}").exists():
                shutil.copyfile(f"{path}{ending}", f"{copy}{ending}")
        with closing(sqlite3.connect(copy)) as database:
            tables = [
                name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
            ]
            rows = [
                database.execute(f"SELECT count(*), total(id) FROM {name}").fetchone()
                for name in tables
                if name == "jobs"
            ]
            return {
                "tables": ", ".join(tables),
                "rows": str(rows),
                "indexes": str(database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index'").fetchall()),
                "free_pages": int(database.execute("PRAGMA freelist_count").fetchone()[0]),
            }


def made(folder: Path, rows: int = 500) -> Path:
    path = folder / "app.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=wal")
        database.execute("CREATE TABLE jobs (id INTEGER PRIMARY KEY, status TEXT, made_at TEXT)")
        database.execute("BEGIN")
        database.executemany("INSERT INTO jobs VALUES (?, 'queued', ?)", ((row, "x" * 100) for row in range(rows)))
        database.execute("COMMIT")
    return path


def _target(path: Path, **touch: tuple[str, ...]) -> Target:
    return Target("db", "sqlite", {"path": str(path)}, touch=touch)


@staged("sqlite-checkpoint")
def _checkpoint(folder: Path) -> Iterator[Stage]:
    path = made(folder)
    argv = [sys.executable, "-c", _OTHER, str(path), "DELETE FROM jobs WHERE id < 10"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        wal = Path(f"{path}-wal")

        def state() -> State:
            return {**seen(path), "log_bytes": wal.stat().st_size}

        def disturb() -> None:
            other(path, "PRAGMA wal_checkpoint(TRUNCATE)")

        touch = touch_of("sqlite", "checkpoint")
        yield Stage(touch, _target(path), state, disturb, passing=("log_bytes",), if_disturbed=DONE)


@staged("sqlite-vacuum")
def _vacuum(folder: Path) -> Iterator[Stage]:
    path = made(folder)
    other(path, "DELETE FROM jobs WHERE id > 50")

    def disturb() -> None:
        other(path, "VACUUM")

    touch = touch_of("sqlite", "vacuum")
    yield Stage(touch, _target(path), lambda: seen(path), disturb, passing=("free_pages",), if_disturbed=DONE)


@staged("sqlite-index")
def _index(folder: Path) -> Iterator[Stage]:
    path = made(folder)

    def disturb() -> None:
        if "CREATE INDEX" in str(seen(path)["indexes"]):
            name = "ix_jobs_status_made_at_crashcart"
            other(path, f"DROP INDEX {name}", f"CREATE INDEX {name} ON jobs (made_at)")
        else:
            other(path, "ALTER TABLE jobs RENAME TO tasks")

    touch = touch_of("sqlite", "index", table="jobs", columns="status, made_at")
    yield Stage(touch, _target(path), lambda: seen(path), disturb, passing=("free_pages",))


@staged("sqlite-restore")
def _restore(folder: Path) -> Iterator[Stage]:
    path = made(folder, rows=300)
    (folder / "backup").mkdir()
    shutil.copyfile(path, folder / "backup" / "app-1.db")
    other(path, "DELETE FROM jobs WHERE id > 5")

    def disturb() -> None:
        (folder / "elsewhere").mkdir()
        made(folder / "elsewhere", rows=7).replace(path)

    target = Target("db", "sqlite", {"path": str(path), "backups": f"{folder}/backup/app-*.db"})
    yield Stage(touch_of("sqlite", "restore"), target, lambda: seen(path), disturb)


_ENV_PY = """
from alembic import context
from sqlalchemy import create_engine
with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
_VERSION = """
from alembic import op
import sqlalchemy as sa
revision, down_revision = "{revision}", {before!r}
def upgrade():
    op.create_table("t_{revision}", sa.Column("id", sa.Integer))
def downgrade():
    op.drop_table("t_{revision}")
"""


def _alembic(folder: Path) -> Iterator[Stage]:
    path = made(folder)
    (folder / "alembic" / "versions").mkdir(parents=True)
    (folder / "alembic.ini").write_text(f"[alembic]\nscript_location = alembic\nsqlalchemy.url = sqlite:///{path}\n")
    (folder / "alembic" / "env.py").write_text(_ENV_PY)
    for revision, before in (("one", None), ("two", "one"), ("three", "two")):
        text = _VERSION.format(revision=revision, before=before)
        (folder / "alembic" / "versions" / f"{revision}.py").write_text(text)
    alembic = (sys.executable, "-m", "alembic")

    def go(way: str, revision: str) -> None:
        subprocess.run([*alembic, way, revision], cwd=folder, check=True, capture_output=True)

    go("upgrade", "one")

    def disturb() -> None:
        go(*(("downgrade", "two") if "t_three" in str(seen(path)["tables"]) else ("upgrade", "two")))

    forth, back = (*alembic, "upgrade", "head"), (*alembic, "downgrade", "{revision}")
    target = _target(path, migrate=forth, migrate_back=back, folder=(str(folder),))
    yield Stage(touch_of("sqlite", "migrate"), target, lambda: seen(path), disturb, passing=("free_pages",))


staged("sqlite-migrate")(_alembic)
