"""`crashcart init`."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import click
from tomlkit.exceptions import TOMLKitError

from crashcart import app, config
from crashcart.cli.help import Command
from crashcart.errors import SystemFileError
from crashcart.probes.place import LocalPlace
from crashcart.report.init import InitReport, PartLine, init_text
from crashcart.survey.finding.look_around import look_around
from crashcart.survey.finding.merge import Merged, merge
from crashcart.survey.finding.parts import Said, Sure, Survey
from crashcart.survey.finding.write import system_text


@click.command(cls=Command, examples=("crashcart init", "crashcart init /srv/shop --yes"))
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path())
@click.option("--yes", is_flag=True, help="Ask nothing: take what was found.")
@click.option("--no-input", is_flag=True, help="The same: never prompt.")
@click.option(
    "--machine", is_flag=True, help="Take whatever listens on this machine, not only what belongs to the folder."
)
@click.option("--print", "is_print", is_flag=True, help="Write the file to standard output and nowhere else.")
@click.pass_obj
def init(system_path: Path | None, folder: Path, *, yes: bool, no_input: bool, machine: bool, is_print: bool) -> int:
    """Find the parts of your service and write crashcart.toml

    Looks at what runs, and at the files of the folder; reads only, apart from that one file.
    Run again, it adds what is new and keeps every line that you changed.
    """
    folder = folder.resolve()
    path = system_path or folder / config.FILE_NAME
    survey = asyncio.run(look_around(LocalPlace(), str(folder), is_machine=machine))
    old = _old_text(path)
    may_ask = not (yes or no_input or is_print) and sys.stdin.isatty() and sys.stdout.isatty()
    if not old and survey.parts and survey.environment is None and may_ask:
        survey = _asked(survey)
    merged = _merged(old, survey, path)
    if is_print:
        click.echo(merged.text, nl=False)
        return 0 if survey.parts else 1
    is_written = bool(survey.parts or merged.gone)
    if is_written:
        _write(path, merged.text)
    click.echo(init_text(_report(path, survey, merged, is_written=is_written)), nl=False)
    return 0 if survey.parts else 1


def _old_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SystemFileError(f"the system file cannot be read: {error}", where=str(path)) from error


def _merged(old: str, survey: Survey, path: Path) -> Merged:
    if not old.strip():
        return Merged(system_text(survey), tuple(part.name for part in survey.parts), (), ())
    try:
        return merge(old, survey)
    except TOMLKitError as error:
        raise SystemFileError(
            f"the system file is no TOML: {error}", where=str(path), hint="mend that line; then run init again"
        ) from error


def _asked(survey: Survey) -> Survey:
    """Ask what no file tells: which environment this is."""
    told = click.prompt(
        "Which environment is this (shown in every report; empty: not said)", default="", show_default=False
    )
    word = str(told).strip()
    return replace(survey, environment=Said(word, "said at init", Sure.SURE)) if word else survey


def _write(path: Path, text: str) -> None:
    """Write the file at once or not at all, and only when it can be read back as a system file."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".crashcart-", suffix=".toml")
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        config.load(fresh, app.catalogue())
        fresh.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _report(path: Path, survey: Survey, merged: Merged, *, is_written: bool) -> InitReport:
    # Under the names that the file has: merging may have given a part the name that people chose.
    lines = [PartLine(part.name, part.kind, part.sure.word, part.how, part.name in merged.new) for part in survey.parts]
    return InitReport(_shown(path), lines, merged.gone, merged.kept, survey.asides, is_written)


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
