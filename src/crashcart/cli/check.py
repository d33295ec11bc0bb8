"""`crashcart check`: is it healthy?"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import click

from crashcart import app, config
from crashcart.cli.common import on_interrupt, tell_guide_errors
from crashcart.cli.help import Command
from crashcart.cli.writing import as_typed, write_text
from crashcart.errors import UsageError
from crashcart.guides.words import hint_for
from crashcart.model.health import Health, Mark
from crashcart.model.observation import Moment
from crashcart.report.check import Row, health_rows
from crashcart.report.plain import plain
from crashcart.survey.check import check as look_at_health

_COLOURS = {Mark.FAIL: "red", Mark.WARN: "yellow", Mark.UNSEEN: "cyan", Mark.PASS: "green"}
STDOUT = "-"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for. A file named "-" is standard output."""

    loaded: config.Loaded
    only: tuple[str, ...]
    budget_s: float
    is_json: bool = False
    junit: str = ""
    prometheus: str = ""


@click.command(cls=Command, examples=("crashcart check", "crashcart check --only db --watch"))
@click.option("--only", multiple=True, metavar="TARGET", help="Only this target; may be given several times.")
@click.option(
    "--watch", "is_watched", is_flag=True, help="Look again and again, and mark what changes; Ctrl-C ends it."
)
@click.option(
    "--every", "every_s", type=click.FloatRange(0.2, 3600), default=5.0, show_default=True,
    help="With --watch: seconds between looks.",
)  # fmt: skip
@click.option(
    "--save", "is_saved", is_flag=True, help="All is well: keep the known good sweep, for `crashcart changes`."
)
@click.option("--force", "is_forced", is_flag=True, help="With --save: although something fails.")
@click.option("--json", "is_json", is_flag=True, help="Everything as JSON; with --watch a line for each round.")
@click.option("--junit", default="", metavar="FILE", help='Write JUnit XML; "-" is standard output.')
@click.option("--prometheus", default="", metavar="FILE", help='Write Prometheus text; "-" is standard output.')
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
def check(
    parent_system: Path | None, only: tuple[str, ...], is_watched: bool, every_s: float, is_saved: bool, is_forced: bool,
    is_json: bool, junit: str, prometheus: str, budget_s: float | None, system_path: Path | None,
) -> None:  # fmt: skip
    """Say whether the system is healthy: every Healthy item of its guides

    The exit code is 0 when nothing fails (a warning does not), 1 when something does, 2 when nothing could be seen.
    """
    _together(is_watched, is_saved, bool(only), [is_json, junit == STDOUT, prometheus == STDOUT])
    loaded = config.load(system_path or parent_system or config.find(Path.cwd()), app.catalogue())
    for name in only:
        if name not in loaded.system.targets:
            hint = hint_for(name, loaded.system.targets)
            raise UsageError(f'there is no target "{name}"', where=str(loaded.path), hint=hint)
    asked = Asked(loaded, only, budget_s or loaded.budget_s, is_json, junit, prometheus)
    if is_saved:
        code = _save(asked, is_forced=is_forced)
    elif is_watched:
        code = exit_code(asyncio.run(_watch(asked, every_s)))
    else:
        health = asyncio.run(_once(asked, _bench(asked)))
        _put(asked, health)
        code = exit_code(health)
    click.get_current_context().exit(code)


def _together(is_watched: bool, is_saved: bool, is_part: bool, outputs: list[bool]) -> None:
    if is_watched and is_saved:
        raise UsageError("--watch and --save do not go together", hint="`crashcart check --save` alone")
    if is_saved and is_part:
        raise UsageError("a known good sweep is of the whole system", hint="--save without --only")
    if sum(outputs) > 1:
        raise UsageError("two formats want standard output", hint="a file for one of them: `--junit check.xml`")


def exit_code(health: Health | None) -> int:
    """Return 1 when something fails, 2 when nothing could be judged, else 0."""
    return 2 if health is None else {Mark.FAIL: 1, Mark.UNSEEN: 2}.get(health.mark, 0)


def _bench(asked: Asked) -> app.Bench:
    ready = app.bench_of_health(asked.loaded)
    tell_guide_errors(ready.guide_errors)
    return ready


async def _once(asked: Asked, ready: app.Bench) -> Health:
    clock = app.SystemClock()
    taker = app.world_taker(ready, Moment(clock.now()))
    health = await look_at_health(
        ready.net, ready.system, taker, app.catalogue(), clock, budget_s=asked.budget_s, only=asked.only
    )
    if taker.broken:
        from crashcart.drive.take import log_broken

        log_broken(taker.broken)
    return health


# -- what comes out


def _put(asked: Asked, health: Health) -> None:
    """Write every file that was asked for, and one thing to standard output."""
    _write_files(asked, health)
    if not _put_format(asked, health):
        click.echo("\n".join(styled(row) for row in health_rows(health)))


def _write_files(asked: Asked, health: Health) -> None:
    if not (asked.junit or asked.prometheus):
        return
    from crashcart.report.check_formats import health_junit, health_prometheus

    for where, made in ((asked.junit, health_junit), (asked.prometheus, health_prometheus)):
        if where not in ("", STDOUT):
            write_text(Path(where), made(health))


def _put_format(asked: Asked, health: Health, *, is_line: bool = False) -> bool:
    """Write the format that wants standard output; return whether there is one. `is_line`: JSON as one line."""
    if asked.is_json:
        from crashcart.report.check_json import health_json

        click.echo(health_json(health, indent=0 if is_line else 1), nl=False)
        return True
    if STDOUT not in (asked.junit, asked.prometheus):
        return False
    from crashcart.report.check_formats import health_junit, health_prometheus

    click.echo((health_junit if asked.junit == STDOUT else health_prometheus)(health), nl=False)
    return True


def styled(row: Row) -> str:
    """Return a row with its mark in colour; click leaves the colour out where nobody sees it."""
    if row.mark is None:
        return row.text
    return "  " + click.style(row.text[2:8], fg=_COLOURS[row.mark], bold=row.mark is not Mark.PASS) + row.text[8:]


# -- again and again


async def _watch(asked: Asked, every_s: float) -> Health | None:
    from crashcart.cli.watching import Screen, tell_changes
    from crashcart.survey.check import watch

    ready = _bench(asked)
    stopped = asyncio.Event()
    on_interrupt(stopped.set)

    async def look() -> Health:
        return await _once(asked, ready)

    is_page = sys.stdout.isatty() and not asked.is_json and STDOUT not in (asked.junit, asked.prometheus)
    with Screen(every_s) if is_page else contextlib.nullcontext() as screen:

        def tell(health: Health, before: Health | None) -> None:
            _write_files(asked, health)
            if screen is not None:
                screen.tell(health, before)
            elif not _put_format(asked, health, is_line=True):
                tell_changes(health, before)

        return await watch(look, tell, every_s=every_s, stopped=stopped)


# -- the known good sweep


def _save(asked: Asked, *, is_forced: bool) -> int:
    from crashcart.storage import cases
    from crashcart.survey.check_sweep import take_known_good

    ready = app.bench_of_world(asked.loaded)
    tell_guide_errors(ready.guide_errors)
    clock = app.SystemClock()
    question = app.Question(now=clock.now())
    taker = app.world_taker(ready, Moment(question.now))
    kept = asyncio.run(
        take_known_good(
            ready.net, ready.system, taker, app.catalogue(), clock, rebind=ready.rebind, budget_s=asked.budget_s
        )
    )
    _put(asked, kept.health)
    path = Path(next(iter(ready.system.targets.values())).known_good)
    if kept.health.mark in (Mark.FAIL, Mark.UNSEEN) and not is_forced:
        click.echo(plain(_refusal(kept.health, path).draw()), err=True)
        return exit_code(kept.health)
    cases.write(path, replace(app.case_of(ready, question, kept.observations), truth=("nothing",), note="known good"))
    click.echo(
        f"kept {len(kept.observations)} looks in {as_typed(path)}; what differs later: crashcart changes", err=True
    )
    return 0


def _refusal(health: Health, path: Path) -> UsageError:
    what = "something fails" if health.mark is Mark.FAIL else "nothing could be judged"
    hint = "healing it first, or `crashcart check --save --force` when this is as good as it gets"
    return UsageError(f"{what}, so this is no known good sweep, and none was kept", where=as_typed(path), hint=hint)
