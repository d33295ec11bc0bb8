"""`crashcart changes`: what differs since all was well?"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from crashcart import app, config
from crashcart.cli.help import Command
from crashcart.drive.take import log_broken
from crashcart.errors import UsageError
from crashcart.guides.words import hint_for
from crashcart.model.observation import Moment
from crashcart.report.changes import changes_json, changes_text
from crashcart.survey.check_changes import changes as compare


@click.command(cls=Command, examples=("crashcart changes", "crashcart changes --only api --json"))
@click.option("--only", multiple=True, metavar="TARGET", help="Only this target; may be given several times.")
@click.option("--json", "is_json", is_flag=True, help="Everything as JSON.")
@click.option(
    "--budget", "budget_s", type=click.FloatRange(0.1, 3600), help="Seconds that looking may take; 60 unless said."
)
@click.option(
    "--system",
    "system_path",
    type=click.Path(path_type=Path),
    help="The system file; else crashcart.toml here or above.",
)
@click.pass_obj
def changes(
    parent_system: Path | None, only: tuple[str, ...], is_json: bool, budget_s: float | None, system_path: Path | None
) -> None:
    """Say what differs from the known good sweep: settings, packages, files, restarts

    Of settings only the names are told. The exit code is 0 when nothing differs, 1 when something does, 2 when nothing
    could be compared. `crashcart check --save` makes the sweep.
    """
    loaded = config.load(system_path or parent_system or config.find(Path.cwd()), app.catalogue())
    for name in only:
        if name not in loaded.system.targets:
            hint = hint_for(name, loaded.system.targets)
            raise UsageError(f'there is no target "{name}"', where=str(loaded.path), hint=hint)
    now = datetime.now(UTC)
    taker = app.taker_of(loaded, Moment(now))
    drifts = asyncio.run(compare(only or tuple(loaded.system.targets), taker, budget_s=budget_s or loaded.budget_s))
    log_broken(taker.broken)
    if is_json:
        click.echo(changes_json(drifts, loaded.system, now), nl=False)
    else:
        click.echo(changes_text(drifts, loaded.system, now), nl=False)
    is_blind = all(drift.unseen for drift in drifts)
    click.get_current_context().exit(2 if is_blind else int(any(drift.is_changed for drift in drifts)))
