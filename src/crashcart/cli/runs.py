"""`crashcart runs`, `status`, `handover` and `journal`: what was done, by whom, and whether the record is whole."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from crashcart import app, config, fixing
from crashcart.cli.help import Command, Group
from crashcart.errors import UsageError
from crashcart.model.run import Approved, Event, Finished, Planned
from crashcart.remedy.limits import is_open
from crashcart.remedy.windows import show_window
from crashcart.report.plain import line, plain
from crashcart.report.run import handover as handover_text
from crashcart.report.run import recorded
from crashcart.storage import lease
from crashcart.storage.journal import Reading
from crashcart.storage.journal import read as read_journal
from crashcart.storage.runs import RunStore

_system = click.option(
    "--system",
    "system_path",
    type=click.Path(path_type=Path),
    help="The system file; else crashcart.toml here or above.",
)


def _loaded(system_path: Path | None) -> tuple[config.Loaded, RunStore]:
    loaded = config.load(system_path or config.find(Path.cwd()), app.catalogue())
    return loaded, RunStore(app.state_folder(), loaded.path)


@click.command(cls=Command, examples=("crashcart runs", "crashcart runs 20260131-143000-3fa2 --really key-refused"))
@click.argument("run", default="")
@click.option("--really", default="", metavar="CAUSE", help="Tell which cause it really was: kept for learning.")
@_system
@click.pass_obj
def runs(parent_system: Path | None, run: str, really: str, system_path: Path | None) -> None:
    """List the runs of this system, the newest first; or tell what one of them really was"""
    _, store = _loaded(system_path or parent_system)
    if really:
        _tell_really(store, run, really)
        return
    found = list(store.readings())
    for name, reading in reversed(found):
        if name.startswith(run):
            click.echo(_row(name, reading))
    if not found:
        click.echo("nothing was ever touched here")


def _tell_really(store: RunStore, run: str, really: str) -> None:
    if not run:
        raise UsageError("--really needs the run that it tells of", hint="`crashcart runs RUN --really CAUSE`")
    name, reading = fixing.reading_of(store, run)
    state = fixing.state_of(reading)
    if state.end is None:
        raise UsageError(f"run {name} is not over", hint="`crashcart fix --resume`")
    try:
        fixing.learn(store, name, state, datetime.now(UTC), really=really)
    except OSError as error:
        raise UsageError(f"it cannot be kept: {error}", where=str(store.folder)) from error
    click.echo(f"kept: run {name} was really {line(really, 60)}")


def _row(name: str, reading: Reading) -> str:
    if reading.problem:
        return f"{name}  THE JOURNAL IS NOT WHOLE: {reading.problem}"
    events = fixing.events_of(reading)
    planned = next((event for event in events if isinstance(event, Planned)), None)
    title = f"{line(planned.plan.title, 50)} ({planned.plan.target})" if planned else "nothing was planned"
    by = next((event.approval.by for event in events if isinstance(event, Approved)), "nobody")
    return f"{name}  {_end(events):<12}  {title}, by {line(by, 20)}"


def _end(events: tuple[Event, ...]) -> str:
    last = events[-1] if events else None
    return last.end.value if isinstance(last, Finished) else "not over"


@click.command(cls=Command, examples=("crashcart status", "crashcart status --system shop.toml"))
@_system
@click.pass_obj
def status(parent_system: Path | None, system_path: Path | None) -> None:
    """Say whether this system may be touched right now, and who is at it"""
    loaded, store = _loaded(system_path or parent_system)
    now = datetime.now(UTC)
    limits = loaded.touching
    holder = lease.holder(lease.place(loaded.path))
    is_stopped = fixing.is_stopped(loaded)
    left = fixing.unfinished(store)
    rows = [
        ("system", f"{loaded.system.name}{f' ({loaded.system.environment})' if loaded.system.environment else ''}"),
        ("at it", f"{holder.by} (pid {holder.pid}) since {holder.since}" if holder else "nobody"),
        ("red button", f"PRESSED: {limits.red_button}" if is_stopped else f"not pressed ({limits.red_button})"),
        ("window", _window(loaded, now)),
        (
            "touches",
            f"{fixing.touches_since(store, now - fixing.HOUR)} in the last hour, {limits.max_touches_per_h} allowed",
        ),
        ("never", ", ".join(limits.never_touch) or "nothing is named"),
        ("not over", f"{', '.join(left)}: `crashcart fix --resume`" if left else "no run"),
    ]
    for word, text in rows:
        click.echo(f"{word:<11} {line(text)}")


def _window(loaded: config.Loaded, now: datetime) -> str:
    windows = loaded.touching.windows
    if not windows:
        return "at any time"
    word = "open" if is_open(windows, now) else "CLOSED"
    return f"{word}; {', '.join(show_window(window) for window in windows)} UTC"


@click.command(cls=Command, examples=("crashcart handover 20260131-143000-3fa2", "crashcart handover 20260131"))
@click.argument("run")
@_system
@click.pass_obj
def handover(parent_system: Path | None, run: str, system_path: Path | None) -> None:
    """Print what the next person must know of a RUN, as text to paste"""
    _, store = _loaded(system_path or parent_system)
    name, reading = fixing.reading_of(store, run)
    _whole(reading)
    times = [record.at for record in reading.records]
    click.echo(handover_text(name, fixing.events_of(reading), reading.head, times), nl=False)


@click.group(cls=Group, examples=("crashcart journal verify 20260131", "crashcart journal show 20260131"))
def journal() -> None:
    """Check and show the record of a run"""


@journal.command(examples=("crashcart journal verify 20260131", "crashcart journal verify 20260131 --head 9f86d081"))
@click.argument("run")
@click.option("--head", default="", help="A head that was printed: finds what a whole chain alone cannot.")
@_system
@click.pass_obj
def verify(parent_system: Path | None, run: str, head: str, system_path: Path | None) -> None:
    """Compute the chain of a RUN's journal again, and compare it with a printed head"""
    name, reading = _reading(run, system_path or parent_system)
    problem = reading.differs(head) if head else reading.problem
    if problem:
        click.echo(f"{name}: NOT as it was written: {problem}")
        click.get_current_context().exit(1)
    torn = f"; {reading.torn_bytes} bytes of a record that a crash cut off, never acted upon" * bool(reading.torn_bytes)
    against = "as its head was printed" if head else "whole; only a printed head tells whether it is the same journal"
    click.echo(f"{name}: {len(reading.records)} records, {against}{torn}\nhead {reading.head}")


@journal.command(examples=("crashcart journal show 20260131", "crashcart journal show 20260131 --json"))
@click.argument("run")
@click.option("--json", "is_json", is_flag=True, help="Every record whole, as it was written.")
@_system
@click.pass_obj
def show(parent_system: Path | None, run: str, is_json: bool, system_path: Path | None) -> None:
    """Print the records of a RUN's journal, one a line: number, time, hash, and what happened"""
    _, reading = _reading(run, system_path or parent_system)
    if is_json or reading.problem:
        texts = [plain(json.dumps(record.event, sort_keys=True, ensure_ascii=False)) for record in reading.records]
    else:
        texts = recorded(fixing.events_of(reading))
    for record, text in zip(reading.records, texts, strict=True):
        click.echo(f"{record.number:>3} {record.at[:19]} {record.hash[:12]} {text}")
    _whole(reading)


def _reading(run: str, system_path: Path | None) -> tuple[str, Reading]:
    if Path(run).is_file():
        return run, read_journal(Path(run))
    _, store = _loaded(system_path)
    return fixing.reading_of(store, run)


def _whole(reading: Reading) -> None:
    if reading.problem:
        raise UsageError(f"the journal is not whole: {reading.problem}", hint="`crashcart journal verify RUN`")
