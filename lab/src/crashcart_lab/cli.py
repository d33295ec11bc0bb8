"""The lab's command line. Results go to stdout, everything else to stderr."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Concatenate, NoReturn, ParamSpec

import click

from crashcart_lab import client as outside
from crashcart_lab import demo as story
from crashcart_lab import drill, lifecycle, processes, truths
from crashcart_lab.errors import LabError
from crashcart_lab.faults import FAULTS
from crashcart_lab.world import World

P = ParamSpec("P")
FINE, FOUND, FAILED = 0, 1, 2
STOPPED = 130  # as a shell says it of Ctrl-C


def _command(act: Callable[Concatenate[World, P], int]) -> Callable[P, None]:
    """Give *act* the world it is to work on, and turn its result or its error into an exit code."""

    @wraps(act)
    @click.option(
        "--world",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path(".lab"),
        show_default=True,
        envvar="CRASHCART_LAB_WORLD",
        help="Folder of the world; also $CRASHCART_LAB_WORLD.",
    )
    def run(world: Path, *args: P.args, **kwargs: P.kwargs) -> None:
        _exit(lambda: act(World(world.resolve()), *args, **kwargs))

    return run  # type: ignore[return-value]  # click calls it with `world` by name


def _exit(act: Callable[[], int]) -> NoReturn:
    """Turn the result of *act* or its error into an exit code."""
    try:
        code = act()
    except LabError as err:
        _say(f"error: {err.what}")
        _say(f"  try: {err.hint}")
        code = FAILED
    except KeyboardInterrupt:
        _say("stopped")
        code = STOPPED
    sys.exit(code)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run real services that really fail.

    \b
    crashcart-lab demo
    crashcart-lab up && crashcart-lab break rate-limited
    """


seed_option = click.option("--seed", type=int, help="What is drawn is drawn from this; a new one unless given.")
any_option = click.option("--any", "is_any", is_flag=True, help="Draw from all faults, not only from those alike.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@main.command()
@seed_option
@click.option("--workers", "has_workers", is_flag=True, help="Run digest's jobs in Celery workers over a queue.")
@click.option("--front", "has_front", is_flag=True, help="Put a proxy in front of digest, whatever the seed draws.")
@_command
def up(world: World, seed: int | None, has_workers: bool, has_front: bool) -> int:
    """Bring the lab up."""
    if world.is_up():
        _say(f"the lab is up in {world.root} already")
        return FINE
    seed = _seed(seed)
    began = time.monotonic()
    with world.alone():
        lifecycle.up(world, seed=seed, has_workers=has_workers, has_front=has_front)
    click.echo(f"the lab is up in {world.root} (seed {seed}, {time.monotonic() - began:.1f} s)")
    click.echo(f"  digest       {world.digest_url}/page")
    click.echo(f"  site         {world.site_url}")
    click.echo(f"  provider     {world.provider_url}")
    click.echo(f"  system file  {world.system_file}")
    click.echo("next: crashcart-lab break")
    return FINE


@main.command()
@_command
def down(world: World) -> int:
    """End every process of the lab."""
    if not world.root.exists():
        _say(f"no lab is up in {world.root}")
        return FINE
    with world.alone():
        ended = lifecycle.down(world)
    _say("the lab is down" if ended else f"no lab is up in {world.root}")
    return FINE


@main.command()
@json_option
@_command
def status(world: World, as_json: bool) -> int:
    """Show programs and the fault that is present."""
    if not world.is_up():
        left = len(processes.leftovers(world.root))
        lines = [f"no lab is up in {world.root}"]
        lines += [f"but {left} of its processes still run; end them: crashcart-lab down"] if left else []
        _emit({"v": 1, "up": False, "leftovers": left}, as_json, lines)
        return FOUND
    current = world.state
    programs = world.supervisor.status()
    fault = current.broken.fault if current.broken else None
    lines = [f"{one.name:<10} {one.state:<9} {one.pid or '-'}" for one in programs]
    lines += [f"fault      {fault or 'none'}", f"seed       {current.seed}", f"system     {world.system_file}"]
    _emit(
        {
            "v": 1,
            "up": True,
            "seed": current.seed,
            "ports": asdict(current.ports),
            "system_file": str(world.system_file),
            "programs": [asdict(one) for one in programs],
            "broken": asdict(current.broken) if current.broken else None,
        },
        as_json,
        lines,
    )
    return FINE if all(one.state in ("RUNNING", "STARTING") for one in programs) else FOUND


@main.command("break")
@click.argument("fault", required=False)
@seed_option
@any_option
@json_option
@_command
def break_(world: World, fault: str | None, seed: int | None, is_any: bool, as_json: bool) -> int:
    """Cause FAULT, or one that the seed draws from those that look alike from outside."""
    seed = _seed(seed)
    chosen = drill.choose(fault, seed=seed, is_any=is_any, suits=lambda one: drill.lacks(world, one) is None)
    with world.alone():
        done = drill.break_(world, chosen, seed=seed)
    _emit(
        {
            "v": 1,
            "fault": done.fault.name,
            "seed": seed,
            "drawn": dict(done.broken.drawn),
            "truth": str(done.fault.truth),
            "words": done.after.words,
        },
        as_json,
        [
            f"broken: {done.fault.name} (seed {seed})",
            f"  before  the client said: {done.before.words}",
            f"  now     the client says: {done.after.words}",
            "next: crashcart-lab heal",
        ],
    )
    return FINE


@main.command()
@_command
def heal(world: World) -> int:
    """Take the fault away."""
    with world.alone():
        outcome = drill.heal(world)
    if outcome is None:
        _say("nothing is broken")
        return FINE
    click.echo(f"healed: the client says: {outcome.words}")
    return FINE if outcome.succeeded else FOUND


@main.command()
@json_option
def faults(as_json: bool) -> None:
    """List what can be broken."""
    rows = [
        {"name": one.name, "summary": one.summary, "client_sees": one.client_sees, "truth": str(one.truth)}
        for one in FAULTS
    ]
    _emit({"v": 1, "faults": rows}, as_json, [f"{one.name:<18} {one.summary}" for one in FAULTS])


@main.command()
@click.argument("fault", required=False)
@seed_option
@any_option
def demo(fault: str | None, seed: int | None, is_any: bool) -> None:
    """Tell the whole story: a service breaks, and crashcart names the cause."""
    seed = _seed(seed)

    def tell() -> int:
        chosen = drill.choose(fault, seed=seed, is_any=is_any, suits=truths.is_covered)
        words = [*([fault] if fault else ["--any"] if is_any else []), f"--seed {seed}"]
        return FINE if story.tell(chosen, seed=seed, again=" ".join(words)) else FOUND

    _exit(tell)


@main.command()
@click.argument("service", type=click.Choice(["digest"]), default="digest")
@click.option("--seeds", default="0-9", show_default=True, help="0-9; 1,4; or commit: ten from the commit's hash.")
@click.option("--faults", "names", help="Names with commas between them; all unless given.")
@click.option("--healthy", type=click.IntRange(min=0), default=20, show_default=True, help="Worlds without a fault.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".lab-score"),
    show_default=True,
    help="Folder of the results; what is in it already is not run again.",
)
@click.option("--fresh", is_flag=True, help="Run everything again.")
@click.option("--budget", help="60min, 90s, 2h: begin no run that would take longer; the next score goes on there.")
@click.option("--short", is_flag=True, help="Six faults drawn by the commit, one seed each, in at most 5 min.")
@click.option("--fix", "is_fix", is_flag=True, help="Fix them, too: right plans, wrong ones, and fixes that must fail.")
@click.option("--pairs", type=click.IntRange(min=0), default=60, show_default=True, help="With --fix: wrong plans.")
@json_option
def score(
    service: str, seeds: str, names: str | None, healthy: int, out: Path, fresh: bool, budget: str | None, short: bool,
    is_fix: bool, pairs: int, as_json: bool,
) -> None:  # fmt: skip
    """Break SERVICE in every way, diagnose it from outside, and count."""
    from crashcart_lab.score import loop, plan

    def count() -> int:
        budget_s = plan.seconds_of(budget) if budget else None
        full = plan.plan(service, seeds=seeds, faults=names, healthy=healthy, budget_s=budget_s)
        if is_fix:
            from crashcart_lab.repair import score as repairs

            is_held, told = repairs.score(full, pairs=pairs, out=out, is_fresh=fresh, say=_say)
            click.echo((out / "fix.json").read_text() if as_json else told)
            return FINE if is_held else FOUND
        chosen = plan.short(service) if short else full
        _say(f"{chosen.commit}; seeds ({chosen.seeds_from}) {' '.join(map(str, chosen.seeds))}")
        folder = out / "short" if short else out  # or the short one would write over the long one
        scored, text = loop.score(chosen, out=folder, is_fresh=fresh, say=_say)
        click.echo((folder / "score.json").read_text() if as_json else text)
        if scored.failures:
            return FAILED
        return FINE if scored.is_passed else FOUND

    _exit(count)


@main.command()
@json_option
@_command
def client(world: World, as_json: bool) -> int:
    """Do what a user does, and say how it went."""
    outcome = outside.scrape(world.digest_url, world.site_url)
    lines = [outcome.words] + ([f"  {outcome.summary}"] if outcome.summary else [])
    _emit({"v": 1, **asdict(outcome)}, as_json, lines)
    return FINE if outcome.succeeded else FOUND


def _seed(given: int | None) -> int:
    return random.SystemRandom().randrange(1_000_000) if given is None else given


def _emit(data: object, as_json: bool, lines: list[str]) -> None:
    click.echo(json.dumps(data, sort_keys=True) if as_json else "\n".join(lines))


def _say(text: str) -> None:
    click.echo(text, err=True)
