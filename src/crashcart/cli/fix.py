"""`crashcart fix` and `crashcart undo`: a plan, a yes to exactly it, and the run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from crashcart import app, fixing
from crashcart.cli.asking import Terminal, given_values
from crashcart.cli.common import load_bench, on_interrupt, parse_since
from crashcart.cli.diagnose import Asked, looked
from crashcart.cli.help import Command
from crashcart.drive import fix as drive_fix
from crashcart.errors import UsageError
from crashcart.model.diagnosis import Verdict
from crashcart.model.plan import Approval, End, Plan
from crashcart.model.run import Event, Facts
from crashcart.model.spec import Risk
from crashcart.model.vector import plan_runs, runs
from crashcart.remedy import choose
from crashcart.remedy.choose import Candidate
from crashcart.remedy.limits import refusal, typed_target
from crashcart.remedy.machine import hash_of
from crashcart.remedy.state import State
from crashcart.report.plain import line
from crashcart.report.plan import environment, plan_text
from crashcart.report.run import told
from crashcart.report.text import Pages
from crashcart.storage import lease
from crashcart.storage.forget import forget
from crashcart.storage.journal import Journal

_GOOD = (End.FIXED, End.RELIEVED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked `fix` for."""

    system_path: Path | None
    words: str = ""
    since: str = ""
    cause: str = ""
    budget_s: float | None = None
    is_plan_only: bool = False
    is_dry_run: bool = False
    approve: str = ""
    typed: str = ""
    may_ask: bool = True
    values: Mapping[str, str] = field(default_factory=dict)


def run_fix(wanted: Wanted) -> int:
    """Diagnose, plan, ask, run; return the exit code."""
    ready = load_bench(wanted.system_path)
    person = Terminal(may_ask=wanted.may_ask, values=wanted.values)
    now = datetime.now(UTC)
    onset = parse_since(wanted.since, now) if wanted.since else None
    question = app.Question(wanted.words, onset, now=now)
    result = asyncio.run(looked(ready, question, Asked(complaint=wanted.words, budget_s=wanted.budget_s)))
    site = fixing.Site(ready, fixing.store_of(ready), person, question, result)
    click.echo(Pages(result.diagnosis, result.net, ready.system, result.observations).short(next_command=""), nl=False)
    if wanted.approve:
        return _run_approved(site, fixing.kept_plan(site.store, wanted.approve), wanted, person)
    if result.diagnosis.verdict is Verdict.NOTHING_WRONG and not wanted.cause:
        click.echo("Nothing to fix.")
        return 0
    plan_made = _plan(site, wanted, person)
    if plan_made is None or wanted.is_plan_only or wanted.is_dry_run:
        return 1
    approval = _ask(plan_made, wanted, person)
    if approval is None:
        click.echo("nothing was touched", err=True)
        return 1
    return _run(site, plan_made, approval)


def _run_approved(site: fixing.Site, plan: Plan, wanted: Wanted, person: Terminal) -> int:
    """Run the plan of a hash. Giving the hash is the yes, unless the plan is one that always asks."""
    approval: Approval | None = _approval(plan, wanted.typed)
    if plan_runs(plan):
        click.echo(f"\n{plan_text(plan, hash_of(plan), now_refused=_refused_now(site, plan))}", nl=False)
        click.echo("a plan with a free-form `run` always asks, also when its hash is given", err=True)
        approval = _ask(plan, wanted, person)
    if approval is None:
        click.echo("nothing was touched", err=True)
        return 1
    return _run(site, plan, approval)


def _plan(site: fixing.Site, wanted: Wanted, person: Terminal) -> Plan | None:
    """Choose, ask for values, prepare and show."""
    found = site.candidates(wanted.cause)
    usable = [entry for entry in found if not entry.remedy.unbound_because]
    for entry in found:
        if entry.remedy.unbound_because and not usable:
            click.echo(f"{entry.remedy.name} for {line(entry.cause.title, 60)}: {line(entry.remedy.unbound_because)}")
    if not usable:
        click.echo("No guide knows a remedy that can be planned here: over to a person.")
        return None
    chosen = _with_values(usable[0], person)
    if chosen is None:
        return None
    plan = asyncio.run(site.plan(chosen, site.world()))
    click.echo("")
    click.echo(
        plan_text(plan, hash_of(plan), is_whole=wanted.is_dry_run, now_refused=_refused_now(site, plan)), nl=False
    )
    _tell_others(usable[1:])
    _keep(site, plan, is_told=wanted.is_plan_only or wanted.is_dry_run)
    return plan


def _with_values(candidate: Candidate, person: Terminal) -> Candidate | None:
    asked = choose.open_values(candidate.remedy)
    values: dict[tuple[int, str], tuple[str, str]] = {}
    for step, name, is_secret in asked:
        value = person.value(step, name, is_secret=is_secret)
        if value is None:
            click.echo(f'step {step} wants a value for "{name}": `--set {name}=VALUE`', err=True)
            return None
        values[step, name] = value
    return replace(candidate, remedy=choose.answered(candidate.remedy, values)) if values else candidate


def _refused_now(site: fixing.Site, plan: Plan) -> str:
    now = datetime.now(UTC)
    facts = Facts(now, 0.0, 0.0, fixing.is_stopped(site.loaded), fixing.touches_since(site.store, now - fixing.HOUR))
    return refusal(plan, site.loaded.touching, facts, left=plan.steps, has_begun=False)


def _tell_others(others: list[Candidate]) -> None:
    for entry in others[:3]:
        click.echo(
            f"Another way: {entry.remedy.name} for {line(entry.cause.title, 50)}, {entry.risk.value}"
            f" (`crashcart fix --cause {entry.cause.cause}`)"
        )


def _keep(site: fixing.Site, plan: Plan, *, is_told: bool) -> None:
    try:
        found = fixing.keep_plan(site.store, plan)
    except OSError as error:
        click.echo(f"note: the plan cannot be kept, so `--approve` will not find it: {error}", err=True)
        return
    if is_told:
        typed = f" --typed {typed_target(plan)}" if plan.is_typed else ""
        click.echo(f"\nNext: crashcart fix --approve {found[:16]}{typed}")


# -- the yes


def _ask(plan: Plan, wanted: Wanted, person: Terminal) -> Approval | None:
    if not wanted.may_ask:
        click.echo("nobody can be asked (--no-input): `crashcart fix --plan`, then `--approve HASH`", err=True)
        return None
    target = typed_target(plan)
    if target:
        typed = person.type_name(f'{environment(plan)}This {plan.risk.value}. To say yes, type "{target}"')
        return _approval(plan, typed, is_asked=True) if typed == target else None
    what = "restart" if plan.risk is Risk.RESTARTS else "touch"
    touched = ", ".join(plan.touched) or "nothing; the steps are yours"
    is_yes = person.is_yes(f"{environment(plan)}Carry out this plan ({what} {touched})?")
    return _approval(plan, "", is_asked=True) if is_yes else None


def _approval(plan: Plan, typed: str, *, is_asked: bool = False) -> Approval:
    return Approval(hash_of(plan), fixing.whoami(), datetime.now(UTC), typed, is_asked)


# -- the run


def _run(site: fixing.Site, plan: Plan, approval: Approval) -> int:
    now = datetime.now(UTC)
    by = fixing.whoami()
    with lease.held(lease.place(site.loaded.path), by=by, now=now) as dead:
        _tell_dead(dead)
        left = fixing.unfinished(site.store)
        if left:
            raise UsageError(f"run {left[-1]} never ended", hint="`crashcart fix --resume` first")
        _forget(site, now)
        name, journal = site.store.create(approval.plan_hash, now)
        click.echo(f"\nrun {name}: {told_approval(approval)}")
        going = drive_fix.start(name, site.world(), journal, fixing.planned_event(name, plan, site, now), approval)
        return _go(site, going, journal)


def _forget(site: fixing.Site, now: datetime) -> None:
    try:
        forget(site.store, now)
    except OSError as error:
        click.echo(f"note: what is older than 30 days could not be removed: {error}", err=True)


def told_approval(approval: Approval) -> str:
    """Say who said yes."""
    return f"yes from {line(approval.by, 30)} (the OS user, unproved)"


def _go(site: fixing.Site, going: drive_fix.Run, journal: Journal) -> int:
    plan = going.state.plan

    def tell(event: Event, head: str) -> None:
        text = told(event, plan)
        if text:
            click.echo(f"  {text}")

    going.tell = tell
    is_over = False
    try:
        state = asyncio.run(_stoppable(going))
        is_over = True
    finally:
        journal.close(is_over=is_over)
    return _ended(site, going, state)


async def _stoppable(going: drive_fix.Run) -> State:
    # Ctrl-C ends the run after the current step; a step is never cut in half.
    on_interrupt(going.stop.set)
    return await drive_fix.go(going)


def _ended(site: fixing.Site, going: drive_fix.Run, state: State) -> int:
    assert state.end is not None
    for note in state.notes:
        click.echo(f"  note: {line(note)}")
    click.echo(f"Journal head: {going.journal.head}")
    if state.in_effect:
        click.echo(f"Take it back: crashcart undo {going.name}")
    if state.end not in _GOOD and state.has_begun:
        click.echo(f"Hand it over: crashcart handover {going.name}")
    try:
        fixing.learn(site.store, going.name, state, datetime.now(UTC))
    except OSError as error:
        click.echo(f"note: what this run taught cannot be kept: {error}", err=True)
    return 0 if state.end in _GOOD else 1


def _tell_dead(dead: lease.Holder | None) -> None:
    if dead is not None:
        click.echo(
            f"note: the last one here, {line(dead.by, 30)} (pid {dead.pid}, since {dead.since}), died; taken over", err=True
        )  # fmt: skip


def resume(wanted: Wanted, run: str) -> int:
    """Go on with a run that was killed; return the exit code."""
    ready = load_bench(wanted.system_path)
    person = Terminal(may_ask=wanted.may_ask, values=wanted.values)
    site = fixing.Site(ready, fixing.store_of(ready), person, app.Question(now=datetime.now(UTC)))
    by = fixing.whoami()
    with lease.held(lease.place(site.loaded.path), by=by, now=datetime.now(UTC)) as dead:
        _tell_dead(dead)
        left = fixing.unfinished(site.store)
        if not left:
            click.echo("every run ended; there is nothing to resume")
            return 0
        name = run or left[-1]
        going, _ = fixing.reopen(site.store, name, site.world(), by)
        if going.state.pending is None:
            raise UsageError(f"run {name} has ended", hint=f"`crashcart handover {name}`")
        click.echo(f"run {going.name} goes on: {line(going.state.plan.title, 60)} ({going.state.plan.target})")
        drive_fix.resume(going)
        return _go(site, going, going.journal)


@click.command(
    cls=Command,
    examples=("crashcart fix", "crashcart fix --plan", "crashcart fix --approve 3fa2c1d09b7e4455"),
)
@click.argument("words", nargs=-1)
@click.option("--plan", "is_plan_only", is_flag=True, help="Only print the plan and its hash.")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Print the plan with every line that would change.")
@click.option("--approve", default="", metavar="HASH", help="Say yes to the plan of that hash, without a prompt.")
@click.option(
    "--typed", default="", metavar="TARGET", help="With --approve, where data may be lost: the target's name."
)
@click.option("--resume", "resumed", is_flag=True, help="Go on with the run that was killed.")
@click.option("--cause", default="", help="Fix this cause, and not the likeliest.")
@click.option("--set", "values", multiple=True, metavar="NAME=VALUE", help="A value that the plan asks for.")
@click.option("--since", default="", help='When it began: "20 min", "14:30" (UTC), or ISO 8601.')
@click.option("--budget", "budget_s", type=click.FloatRange(0.1, 3600), help="Seconds that looking may take.")
@click.option("--no-input", is_flag=True, help="Never ask; what would have to be asked is not done.")
@click.option(
    "--system",
    "system_path",
    type=click.Path(path_type=Path),
    help="The system file; else crashcart.toml here or above.",
)
@click.pass_obj
def fix(
    parent_system: Path | None, words: tuple[str, ...], is_plan_only: bool, is_dry_run: bool, approve: str, typed: str,
    resumed: bool, cause: str, values: tuple[str, ...], since: str, budget_s: float | None, no_input: bool,
    system_path: Path | None,
) -> None:  # fmt: skip
    """Diagnose, show a plan, and after a yes carry it out, verify it, and undo what got worse

    Nothing is touched without a yes to that exact plan. Ctrl-C stops after the current step.
    """
    wanted = Wanted(
        system_path=system_path or parent_system, words=" ".join(words), since=since, cause=cause, budget_s=budget_s,
        is_plan_only=is_plan_only, is_dry_run=is_dry_run, approve=approve, typed=typed, may_ask=not no_input,
        values=given_values(values),
    )  # fmt: skip
    code = resume(wanted, "") if resumed else run_fix(wanted)
    click.get_current_context().exit(code)


@click.command(cls=Command, examples=("crashcart undo 20260131-143000-3fa2", "crashcart undo 20260131 --yes HEAD"))
@click.argument("run")
@click.option("--yes", default="", metavar="HEAD", help="Say yes without a prompt, to the journal with that head.")
@click.option(
    "--system",
    "system_path",
    type=click.Path(path_type=Path),
    help="The system file; else crashcart.toml here or above.",
)
@click.pass_obj
def undo(parent_system: Path | None, run: str, yes: str, system_path: Path | None) -> None:
    """Take back what a RUN has done, in reverse order"""
    ready = load_bench(system_path or parent_system)
    person = Terminal(may_ask=not yes, values={})
    site = fixing.Site(ready, fixing.store_of(ready), person, app.Question(now=datetime.now(UTC)))
    by = fixing.whoami()
    with lease.held(lease.place(site.loaded.path), by=by, now=datetime.now(UTC)) as dead:
        _tell_dead(dead)
        going, reading = fixing.reopen(site.store, run, site.world(), by)
        code = _undo(site, going, person, yes, reading.head)
    click.get_current_context().exit(code)


def _undo(site: fixing.Site, going: drive_fix.Run, person: Terminal, yes: str, head: str) -> int:
    state = going.state
    if state.pending is not None:
        raise UsageError(f"run {going.name} is not over", hint="`crashcart fix --resume`")
    if not state.in_effect:
        click.echo("nothing of it is in effect; there is nothing to take back")
        return 0
    for number in reversed(state.in_effect):
        step = state.step(number).step
        click.echo(f"  {number + 1}. {line(step.text, 80)}\n      undo     {line(step.undo, 80) or 'irreversible'}")
    if yes and any(runs(state.step(number).step) for number in state.in_effect):
        raise UsageError(
            "taking back a free-form `run` always asks", where="--yes", hint=f"`crashcart undo {going.name}`"
        )
    if yes:
        is_yes = len(yes) >= 8 and head.startswith(yes)
    else:
        is_yes = person.is_yes(f"{environment(state.plan)}Take this back ({', '.join(state.plan.touched)})?")
    if not is_yes:
        click.echo("nothing was touched", err=True)
        return 1
    if fixing.is_stopped(site.loaded):
        raise UsageError("the red button is pressed", where=site.loaded.touching.red_button, hint="removing that file")
    drive_fix.take_back(going)
    code = _go(site, going, going.journal)
    return 0 if going.state.end is End.UNDONE else code
