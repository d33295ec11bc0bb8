"""The command line. Exit codes: 0 done, 1 done and something is wrong, 2 could not be done."""

from __future__ import annotations

import logging
import math
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from crashcart_lab.digest import logs
from crashcart_lab.digest.settings import InvalidSettings, Settings, load
from crashcart_lab.digest.storage import schema
from crashcart_lab.digest.storage.database import Database

logger = logging.getLogger(__name__)

# Everything else is loaded by the command that needs it: the service's libraries take a second.


class Stop(click.ClickException):
    """The command cannot be done; the text says why, and what to do."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        click.echo(f"Error: {self.message}", err=True)


@click.group(invoke_without_command=True)
@click.option("--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Work there, not here.")
@click.pass_context
def main(context: click.Context, folder: Path | None) -> None:
    """Summarise documentation sites. Without a command: serve."""
    if folder is not None:
        os.chdir(folder)
    if context.invoked_subcommand is None:
        context.invoke(serve)


@main.command()
def serve() -> None:
    """Run the service."""
    settings = _settings()
    logs.to_file(settings.log_path, settings.log_level)
    _prepare(settings, may_migrate=settings.migrate_on_start)
    import uvicorn

    from crashcart_lab.digest.api.app import build

    uvicorn.run(
        build(settings),
        host=settings.host,
        port=settings.port,
        loop="auto",
        http="auto",
        log_config=None,
        access_log=False,  # the service logs its requests itself, with their duration
        # Longer than proxies and clients keep an idle connection, or their next request meets one just closed.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=math.ceil(settings.shutdown_grace_s),
    )


@main.command()
def worker() -> None:
    """Run jobs from the queue (JOBS_RUN=celery)."""
    settings = _settings()
    logs.to_file(settings.log_path, settings.log_level)
    from crashcart_lab.digest.jobs import worker as celery_worker

    with _explained(settings):
        code = celery_worker.main(settings)
    sys.exit(code)


@main.command()
@click.option("--to", "revision", metavar="REVISION", help="Go to this revision, back if need be.")
def migrate(revision: str | None) -> None:
    """Bring the database to this release's schema."""
    settings = _settings()
    if revision is None:
        _prepare(settings, may_migrate=True)
    else:
        _migrate_to(settings, revision)
    with _explained(settings):
        click.echo(f"{settings.database_path} has schema revision {schema.revision_of(settings.database_path)}")


@main.command("check-settings")
def check_settings() -> None:
    """Check the settings and show them."""
    try:
        settings = load()
    except InvalidSettings as err:
        click.echo(f"these settings are wrong:\n{err}\ncorrect them in .env", err=True)
        sys.exit(1)
    for name in Settings.model_fields:
        click.echo(f"{name.upper()}={_shown(getattr(settings, name))}")


@main.command()
def backup() -> None:
    """Back the database up, also while the service runs."""
    settings = _settings()
    from crashcart_lab.digest.upkeep import backups

    try:
        made = backups.make(settings, datetime.now(UTC))
    except backups.BackupFailed as err:
        raise Stop(str(err)) from err
    click.echo(f"{made.path}: {made.manifest.bytes} bytes, {made.manifest.summaries} summaries")


@main.command("backups")
def list_backups() -> None:
    """List the backups, newest first, and check each."""
    settings = _settings()
    from crashcart_lab.digest.upkeep import backups

    found = backups.list_backups(settings.backup_folder)
    if not found:
        click.echo(f"no backups in {settings.backup_folder}; make one with `backup`", err=True)
    is_bad = False
    for one in found:
        try:
            backups.verify(one.path)
            state = "good"
        except backups.BackupUnusable as err:
            is_bad, state = True, f"unusable: {err}"
        facts = one.manifest
        click.echo(f"{one.path}  {facts.created_at:%Y-%m-%d %H:%M} UTC  {facts.summaries} summaries  {state}")
    sys.exit(1 if is_bad else 0)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Put a backup in the place of the database. Stop the service first."""
    settings = _settings()
    from crashcart_lab.digest.upkeep import backups
    from crashcart_lab.digest.upkeep import restore as restoring

    path = file if file.exists() else settings.backup_folder / file
    if not path.exists():
        raise Stop(f"there is no {file}, nor in {settings.backup_folder}; `backups` lists what there is")
    try:
        done = restoring.restore(path, settings)
    except (backups.BackupUnusable, restoring.RestoreRefused, restoring.RestoreFailed) as err:
        raise Stop(str(err)) from err
    click.echo(f"{settings.database_path} restored from {path}: {done.backup.manifest.summaries} summaries")
    if done.former is not None:
        click.echo(f"the former database is {done.former}; start the service, and remove it when all is well")


def _settings() -> Settings:
    try:
        return load()
    except InvalidSettings as err:
        raise Stop(f"digest cannot start, these settings are wrong:\n{err}\ncorrect them in .env") from err


def _prepare(settings: Settings, *, may_migrate: bool) -> None:
    with _explained(settings), _database(settings) as database:
        schema.prepare(database, may_migrate=may_migrate)


def _migrate_to(settings: Settings, revision: str) -> None:
    from alembic.util import CommandError

    try:
        with _explained(settings), _database(settings) as database:
            schema.migrate(database, revision)
    except CommandError as err:
        raise Stop(f"{settings.database_path} cannot go to revision {revision}: {err}") from err


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    database = Database(settings)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _explained(settings: Settings) -> Iterator[None]:
    """Say in words, on stderr and in the log, why the database cannot be used."""
    try:
        yield
    except schema.SchemaDiffers as err:
        raise _stop(str(err)) from err
    except (OSError, sqlite3.Error, DBAPIError) as err:
        cause = err.orig if isinstance(err, DBAPIError) else err
        raise _stop(f"the database {settings.database_path} cannot be used: {cause}") from err


def _stop(text: str) -> Stop:
    if logger.hasHandlers():  # a supervisor may throw stderr away; commands at a terminal keep no log
        logger.error("%s", text)
    return Stop(text)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return "(set)"
    return ",".join(str(part) for part in value) if isinstance(value, tuple) else str(value)
