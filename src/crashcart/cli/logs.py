"""`crashcart logs`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

import click

from crashcart import __version__, app, config
from crashcart.cli.common import parse_since, tell_guide_errors
from crashcart.cli.help import Command
from crashcart.cli.writing import write_text
from crashcart.drive.known import known_texts
from crashcart.drive.profiles import read_profile, write_profile
from crashcart.drive.scan import Progress, Request, Tell, scan, signatures_of
from crashcart.errors import CrashcartError, UsageError
from crashcart.logs.conclude import Asked, conclude, profile_of
from crashcart.logs.filtered import Window
from crashcart.model.guide import Guide
from crashcart.model.logs import LogReport, LogTrouble
from crashcart.model.system import System
from crashcart.redact import Scrubber
from crashcart.report.logs import logs_json, logs_text
from crashcart.sources.cut import Stream


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known beside the logs: the guides, the secrets, and the logs of the system."""

    guides: tuple[Guide, ...]
    secrets: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()


@click.command(
    cls=Command,
    examples=("crashcart logs /var/log/app/", 'crashcart logs app.log --since 14:30 --grep "order 17"'),
)
@click.argument("paths", nargs=-1)
@click.option("--since", default="", help='From when on: "20 min", "14:30" (UTC), or ISO 8601.')
@click.option("--until", default="", help="Until when, written likewise.")
@click.option("--grep", "text", default="", help="Only records that hold this text.")
@click.option("--json", "is_json", is_flag=True, help="The whole report as JSON.")
@click.option(
    "--html", default="", metavar="FILE", help="Write the report as one web page that stands alone, with charts."
)
@click.option(
    "--save-profile",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep what this log usually says, in a file.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A kept profile: what is new and what is missing.",
)
@click.option(
    "--system",
    "system_path",
    type=click.Path(path_type=Path),
    help="The system file: its guides, its secrets and, without PATHS, its logs.",
)
@click.pass_obj
def logs(
    parent_system: Path | None, paths: tuple[str, ...], since: str, until: str, text: str, is_json: bool, html: str,
    save_profile: Path | None, against: Path | None, system_path: Path | None,
) -> None:  # fmt: skip
    """Tell what happened in logs: errors, what is new, burst or stopped

    PATHS are files, folders, patterns, or `-` for standard input; compressed or not. What was rotated away from a file
    is read with it.
    """
    ground = _ground(system_path or parent_system)
    meant = paths or ground.logs
    if html == "-" and is_json:
        raise UsageError("two forms want standard output", hint="one of them, or `--html FILE`")
    if not meant:
        raise UsageError("no log is named", hint="`crashcart logs PATH`, or `-` to read standard input")
    profile = read_profile(against) if against is not None else None
    known = known_texts(ground.guides)
    signatures = signatures_of(known)
    request = Request(meant, signatures, _window(since, until, text), cores(), _stdin())
    with _progress(is_wanted=sys.stderr.isatty() and not is_json) as tell:
        found = scan(request, tell=tell)
        for refused in signatures.refused:
            found.note(LogTrouble("signature", "", refused, 1))
        report = conclude(found, Asked(Scrubber(ground.secrets), known, signatures.places, profile))
    if save_profile is not None:
        write_profile(save_profile, profile_of(report))
        click.echo(f"profile kept in {save_profile}; compare: crashcart logs PATH --against {save_profile}", err=True)
    if html:
        _put_html(report, meant, html)
    if html != "-":
        click.echo(logs_json(report) if is_json else logs_text(report), nl=False)
    click.get_current_context().exit(exit_code(report))


def _put_html(report: LogReport, names: Sequence[str], path: str) -> None:
    from crashcart.report.page.logs import logs_page

    page = logs_page(report, names=names, engine=__version__)
    if path == "-":
        click.echo(page, nl=False)
        return
    write_text(Path(path), page)
    click.echo(f"the report is in {path}: one file, nothing to fetch", err=True)


def exit_code(report: LogReport) -> int:
    """Return 2 when nothing could be read at all, 1 when something was found, else 0."""
    if not report.lines and any(trouble.kind != "signature" for trouble in report.troubles):
        return 2
    return 1 if report.is_bad else 0


def _window(since: str, until: str, text: str) -> Window | None:
    if not (since or until or text):
        return None
    now = datetime.now(UTC)
    since_s, until_s = (int(_moment(each, now).timestamp()) if each else None for each in (since, until))
    return Window(since_s, until_s, text.encode())


def cores() -> int:
    """Return the processors that we may use, which may be fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _stdin() -> Stream:
    # Not Python's buffered reader: it would wait for a whole buffer before it tells the first line.
    return FileIO(sys.stdin.fileno(), closefd=False)


def _moment(text: str, now: datetime) -> datetime:
    """Return a moment; ISO 8601 without a zone is the clock on the wall, as logs without one have it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return parse_since(text, now)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _ground(system_path: Path | None) -> Ground:
    """Return what the system file tells, if there is one; else the shipped guides."""
    try:
        path = system_path or config.find(Path.cwd())
    except CrashcartError:
        guides, errors = app.compile_all(app.shipped_texts(), System("", "", {}))
        tell_guide_errors(errors)
        return Ground(guides)
    loaded = config.load(path, app.catalogue())
    guides, errors = app.compile_all((*app.shipped_texts(), *app.own_texts(loaded)), loaded.system)
    tell_guide_errors(errors)
    logs = tuple(dict.fromkeys(log for target in loaded.system.targets.values() for log in target.logs))
    return Ground(guides, (*loaded.secrets.all(), *loaded.known_secrets), tuple(map(str, logs)))


@contextmanager
def _progress(*, is_wanted: bool) -> Iterator[Tell]:
    """Yield a function that draws how far the reading is, at what rate, and how long it will take yet."""
    if not is_wanted:
        yield lambda progress: None
        return
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    from rich.console import Console

    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def tell(progress: Progress) -> None:
            bar.update(task, completed=progress.done_bytes, total=progress.size_bytes or None)

        yield tell
