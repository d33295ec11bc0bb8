"""`crashcart demo`: a recorded outage, diagnosed before one's eyes; nothing is needed but the wheel."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import click

from crashcart import app
from crashcart.cli.help import Command
from crashcart.drive.diagnose import Result
from crashcart.model.case import Case
from crashcart.model.diagnosis import Stop
from crashcart.report.demo import opening, step, truth_row
from crashcart.report.text import Pages
from crashcart.storage import cases

_ROUNDS = 12  # no recorded case takes more


@click.command(cls=Command, examples=("crashcart demo", "crashcart demo --html demo.html"))
@click.option("--step", "is_stepped", is_flag=True, help="Wait for Enter before each round.")
@click.option("--html", default="", metavar="FILE", help="Write the report as one web page as well.")
@click.option(
    "--save", type=click.Path(path_type=Path, dir_okay=False), help="Keep the case in this file, to play with it."
)
def demo(is_stepped: bool, html: str, save: Path | None) -> None:
    """Replay a recorded outage step by step, offline

    The looks are those of a real service that really failed; the engine weighs them here and now.
    """
    case = shipped_case()
    click.echo("\n".join(opening(case.system, case.complaint)))
    result = app.replay_case(case)
    for number in range(1, min(_ROUNDS, len(result.diagnosis.rounds)) + 1):
        if is_stepped and sys.stdin.isatty():
            click.prompt("\nEnter for the next round", default="", show_default=False, prompt_suffix=" ", err=True)
        so_far = _after(case, number)
        click.echo("\n".join(step(number, so_far.diagnosis, so_far.net, so_far.observations)))
    pages = Pages(result.diagnosis, result.net, case.system, result.observations)
    click.echo("\nThe answer:\n")
    click.echo(pages.short(next_command=_next(save)), nl=False)
    click.echo(f"\n{truth_row(case.truth, result.net)}")
    _keep(result, case, html, save)


def shipped_case() -> Case:
    """Return the case in the wheel."""
    return cases.decode(files(__name__).joinpath("case.json").read_bytes(), where="the case of the demo")


def _after(case: Case, rounds: int) -> Result:
    """Return what was known after so many rounds."""
    return app.replay_case(replace(case, stopped_after=rounds, stop=Stop.BUDGET.value))


def _next(save: Path | None) -> str:
    return f"crashcart why --case {save}" if save else "crashcart init, in the folder of a service of yours"


def _keep(result: Result, case: Case, html: str, save: Path | None) -> None:
    if save is not None:
        cases.write(save, case)
        click.echo(f"the case is in {save}; try: crashcart replay {save} --without quota", err=True)
    if html:
        from crashcart.cli.report import put_html, story_of

        put_html(story_of(result, case.system, result.observations), html)
