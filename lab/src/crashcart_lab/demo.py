"""The story for a newcomer: a real service breaks, its cause is named from outside, and it is fixed after a yes."""

from __future__ import annotations

import sys
import textwrap
import time

import click
import httpx

from crashcart_lab import drill, truths
from crashcart_lab.client import Act
from crashcart_lab.faults import Fault
from crashcart_lab.product import Answer, Product, shown
from crashcart_lab.repair import operator
from crashcart_lab.repair.operator import Operator, Proposal
from crashcart_lab.score import judge
from crashcart_lab.temporary import fresh_world
from crashcart_lab.world import World

WIDTH = 98
INDENT = "   "
RULE = "-" * WIDTH


def tell(fault: Fault, *, seed: int, again: str) -> bool:
    """Tell the whole story on stdout, and return whether the true cause was first, and its fix held.

    Where only a person can fix it, finding it is enough. *again* are the arguments that tell the same story once more.
    """
    truth = truths.cause_of(fault)
    began = time.monotonic()
    click.echo(f"A real service breaks; crashcart names the cause from outside, and fixes it.  (seed {seed})")
    _scene(1, "The lab comes up: real processes under a real supervisor, on this machine only")
    with fresh_world(seed=seed, has_workers=fault.needs_workers, has_front=fault.needs_front) as world:
        _say(f"digest reads the documentation site {world.site_url}")
        _say(f"and has it summarised by a model behind {world.provider_url} (a simulator of OpenAI).")
        _show_a_working_client(world, fault.tries)
        words = _break(world, fault, seed=seed)
        answer = _diagnose(world, words)
        _reveal(fault, answer, truth=truth)
        held = _fix(world, fault, words, seed=seed)
        if held is not True:
            _heal(world)
        _scene(8, "The lab goes down")
    _say(f"No process is left, and its folder is gone; all of it took {time.monotonic() - began:.0f} s.")
    click.echo()
    click.echo(f"again:   crashcart-lab demo {again}")
    click.echo("others:  crashcart-lab faults")
    return judge.is_first(answer, truth) and held is not False


def _show_a_working_client(world: World, act: Act) -> None:
    _scene(2, "A user submits a site, and gets what was asked for")
    outcome = act(world.doors, 1)
    _quote(outcome.words)
    if outcome.summary:
        for line in textwrap.wrap(outcome.summary, WIDTH - 8, max_lines=3, placeholder=" ..."):
            _say(f"    {line}")


def _break(world: World, fault: Fault, *, seed: int) -> str:
    _scene(3, "Something breaks. What it is stays secret until crashcart has answered")
    words = drill.break_(world, fault, seed=seed).after.words
    _quote(words)
    _say(f"GET /health of the service: {_health(world)}")
    return words


def _health(world: World) -> str:
    try:
        answer = httpx.get(f"{world.digest_url}/health", trust_env=False, timeout=2.0)
    except httpx.TimeoutException:
        return "no answer"
    except httpx.TransportError:
        return "cannot be reached"
    return f"{answer.status_code} {answer.json()['status']!r}" if answer.is_success else str(answer.status_code)


def _diagnose(world: World, words: str) -> Answer:
    _scene(4, "Crashcart looks at the system file and at the system, and at nothing else")
    product = Product(world.crashcart_folder)
    case = world.crashcart_folder / "demo.case.json"
    click.echo(f"{INDENT}$ {shown(['diagnose', words])}")
    began = time.monotonic()
    report = product.report(world.system_file, words, save=case)
    took_s = time.monotonic() - began
    click.echo(RULE)
    click.echo(report.strip("\n"))
    click.echo(RULE)
    _say(f"{took_s:.1f} s, from the start of the command to its end.")
    # The same bytes as just now: that is what a case is for.
    return product.replay(case)


def _reveal(fault: Fault, answer: Answer, *, truth: str) -> None:
    _scene(5, "What it really was")
    _say(f"{fault.name}: {fault.summary}.")
    _say(f"In crashcart's words that is {truth}.")
    p = judge.p_of(answer, truth)
    if judge.is_named(answer, truth):
        _say(f"NAMED: first, and decided, with p = {p:.3f} after {answer.looks} looks.")
        return
    if judge.is_first(answer, truth):
        _say(f"FIRST, AND NOT SURE: it stands before all others, with p = {p:.3f}; to decide takes 0.8.")
        return
    first = answer.suspects[0].cause if answer.suspects else "nothing"
    _say(f"NOT NAMED: the answer is {answer.verdict!r}, {first} stands first, and the true cause has p = {p:.3f}.")


def _fix(world: World, fault: Fault, words: str, *, seed: int) -> bool | None:
    """Have it fixed after a yes; return whether the user is served again, None when nothing was done about it."""
    _scene(6, "Crashcart plans a fix, and touches nothing without a yes to exactly this plan")
    person = operator.at(world, fault=fault.name, seed=seed)
    click.echo(f"{INDENT}$ {shown(['fix', words, '--plan'])}")
    proposal = person.propose(world.system_file, words)
    click.echo(RULE)
    click.echo(_of_plan(proposal.text))
    click.echo(RULE)
    if not proposal.plan_hash or proposal.has_hands:
        _say("The guides know no fix that a machine could do here: this one is a person's.")
        return None
    return _carry_out(world, fault, person, proposal) if _is_yes(proposal) else None


def _of_plan(text: str) -> str:
    """Return the plan without the diagnosis above it, which was told before."""
    return text[max(text.rfind("[lab] Plan "), 0) :].strip("\n")


def _is_yes(proposal: Proposal) -> bool:
    if sys.stdin.isatty():
        return click.confirm(f"{INDENT}Carry out this plan?", default=True)
    _say(f"No terminal, so nobody can be asked: the demo itself says yes, to the plan {proposal.plan_hash}.")
    return True


def _carry_out(world: World, fault: Fault, person: Operator, proposal: Proposal) -> bool:
    _scene(7, "It is carried out step by step, verified, and the user tries once more")
    click.echo(f"{INDENT}$ {shown(['fix', '--approve', proposal.plan_hash])}")
    done = person.approve(world.system_file, proposal)
    click.echo(RULE)
    click.echo(done.text[max(done.text.find(f"run {done.run}"), 0) :].strip("\n"))
    click.echo(RULE)
    is_served = operator.works(world, fault.tries)
    _quote(fault.tries(world.doors, 1).words)
    is_held = done.code == 0 and is_served
    _say("FIXED: it says so, and the user is served." if is_held else f"NOT FIXED: the run ended as {done.end!r}.")
    return is_held


def _heal(world: World) -> None:
    _scene(7, "The lab takes the fault away itself, and the user tries once more")
    outcome = drill.heal(world)
    assert outcome is not None  # something was broken, a moment ago
    _quote(outcome.words)


def _scene(number: int, title: str) -> None:
    click.echo(f"\n{number}  {title}")


def _quote(words: str) -> None:
    _say(f'user: "{words}"')


def _say(text: str) -> None:
    click.echo(textwrap.fill(text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT))
