"""`crashcart replay` and `crashcart case`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from crashcart import app, config
from crashcart.cli.common import load_bench, tell_guide_errors
from crashcart.cli.diagnose import exit_code
from crashcart.cli.help import Command, Group
from crashcart.drive.diagnose import sweep
from crashcart.drive.take import log_broken
from crashcart.errors import UsageError
from crashcart.model.case import Case, GuideText
from crashcart.model.observation import Look, Moment
from crashcart.proof import Proof, prove
from crashcart.report.document import to_json
from crashcart.report.text import Pages
from crashcart.storage import cases


@click.command(cls=Command, examples=("crashcart replay case.json", "crashcart replay case.json --without key-refused"))
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--without", default="", help="Leave one cause out of the guides.")
@click.option(
    "--guides",
    "which",
    type=click.Choice(["case", "current"]),
    default="case",
    help="Guides of the case, or those of now.",
)
@click.option("--json", "is_json", is_flag=True, help="The whole diagnosis as JSON.")
@click.option(
    "--system",
    "system_path",
    type=click.Path(path_type=Path),
    help="With --guides current: where own guides are named.",
)
def replay(path: Path, without: str, which: str, is_json: bool, system_path: Path | None) -> None:
    """Diagnose again from a case, offline: the same bytes as then"""
    case = cases.read(path)
    texts = _current(system_path) if which == "current" else None
    ready = app.bench_of_case(case, texts)
    tell_guide_errors(ready.guide_errors)
    result = app.replay_case(case, ready, texts=texts, without=without)
    if is_json:
        click.echo(to_json(result.diagnosis, result.net, case.system), nl=False)
    else:
        click.echo(Pages(result.diagnosis, result.net, case.system, result.observations).long(), nl=False)
    click.get_current_context().exit(exit_code(result))


def _current(system_path: Path | None) -> tuple[GuideText, ...]:
    if system_path is None:
        return app.shipped_texts()
    return (*app.shipped_texts(), *app.own_texts(config.load(system_path, app.catalogue())))


@click.group(
    cls=Group,
    examples=("crashcart case record -o broken.json --truth key-refused", "crashcart case prove cases/*.json"),
)
def case() -> None:
    """Record evidence, and prove guides by it"""


@case.command(
    examples=("crashcart case record -o now.json", "crashcart case record -o full.json --truth disk-full"),
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The case file to write."
)
@click.option("--truth", multiple=True, help='The cause that is really there, or "nothing": makes the case a proof.')
@click.option("--note", default="", help="What was done to the system, in words.")
@click.option(
    "--budget",
    "budget_s",
    type=click.FloatRange(0.1, 3600),
    default=60.0,
    show_default=True,
    help="Seconds it may take.",
)
@click.option(
    "--system",
    "system_path",
    type=click.Path(path_type=Path),
    help="The system file; else crashcart.toml here or above.",
)
@click.pass_obj
def record(
    parent_system: Path | None,
    output: Path,
    truth: tuple[str, ...],
    note: str,
    budget_s: float,
    system_path: Path | None,
) -> None:
    """Take every look that any guide could ask, once, and keep it: a sweep"""
    ready = load_bench(system_path or parent_system)
    named = tuple(
        found for word in truth for found in (("nothing",) if word == "nothing" else app.find_causes(ready.net, word))
    )
    question = app.Question(now=datetime.now(UTC))
    taker = app.world_taker(ready, Moment(question.now))
    # With these, the case can be the known good one that `changes` compares with.
    also = [Look("changes", name, "inventory") for name in ready.system.targets]
    observations = asyncio.run(
        sweep(ready.net, taker, app.catalogue(), rebind=ready.rebind, budget_s=budget_s, also=also)
    )
    log_broken(taker.broken)
    ordered = tuple(sorted(observations, key=lambda entry: entry.look))
    cases.write(output, replace(app.case_of(ready, question, ordered), truth=named, note=note))
    click.echo(f"{len(ordered)} looks kept in {output}")


@case.command(
    "prove",
    examples=("crashcart case prove cases/*.json", "crashcart case prove cases/*.json --guides current"),
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--guides",
    "which",
    type=click.Choice(["case", "current"]),
    default="case",
    help="Guides of the case, or those of now.",
)
@click.option(
    "--system",
    "system_path",
    type=click.Path(path_type=Path),
    help="With --guides current: where own guides are named.",
)
def prove_cases(paths: tuple[Path, ...], which: str, system_path: Path | None) -> None:
    """Replay cases whose truth is known: is the cause first, and is none blamed when it is left out?"""
    if not paths:
        raise UsageError("no case was named", hint="`crashcart case prove cases/*.json`")
    texts = _current(system_path) if which == "current" else None
    failed = 0
    for path in paths:
        proof = prove(_with_truth(cases.read(path), path), texts)
        failed += not proof.holds
        click.echo(f"{'holds' if proof.holds else 'FAILS'}  {path}  {_proof_text(proof)}")
    click.echo(f"{len(paths) - failed} of {len(paths)} cases hold", err=True)
    click.get_current_context().exit(1 if failed else 0)


def _with_truth(found: Case, path: Path) -> Case:
    if not found.truth:
        raise UsageError(
            "the case does not say what was really wrong", where=str(path), hint="`crashcart case record --truth CAUSE`"
        )
    return found


def _proof_text(proof: Proof) -> str:
    left_out = (
        f"; without it: {proof.without_verdict} (best other {proof.best_other:.3g})"
        if proof.best_other is not None
        else ""
    )
    return f"{proof.verdict}: {proof.first} p = {proof.p:.3g}{left_out}"
