"""One step in the hands' care: with a deadline, and with our own bugs told instead of hidden."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from crashcart.drive.touching.world import World
from crashcart.model.plan import BoundStep, PlanStep, Undoing
from crashcart.model.system import Target
from crashcart.model.touch import Happened, Prepared, Touch, Touched, TouchState
from crashcart.redact import fingerprint

GRACE_S = 2.0  # a hand keeps within its own deadline; this is for one that does not
_OLD = "{old}"

Answer = TypeVar("Answer", Prepared, Touched, Happened)


def keyed(step: BoundStep, run: str, number: int) -> Touch:
    """Return the touch of a step as this run knows it."""
    assert step.touch is not None
    return replace(step.touch, key=f"{run}.{number + 1}")


async def prepare(world: World, step: BoundStep, run: str, number: int) -> Prepared:
    """Find out by looking alone what a step would change."""
    touch = keyed(step, run, number)
    target = _target(world, touch)
    if target is None:
        return Prepared((), refused=f"there is no target {touch.target} in the system file any more")
    asking = world.hand_of(touch.kind).prepare(touch, target, timeout_s=step.deadline_s)
    return await _within(asking, step.deadline_s, lambda why: Prepared((), refused=why), world)


async def touch(world: World, step: BoundStep, kept: Mapping[str, str], run: str, number: int) -> Touched:
    """Do it, once."""
    one = keyed(step, run, number)
    target = _target(world, one)
    if target is None:
        return Touched(TouchState.REFUSED, f"there is no target {one.target} in the system file any more")
    secret = _secret(world, step, one, number)
    if one.secrets and secret is None:
        return Touched(TouchState.REFUSED, "nobody gave the secret value that the plan was made with")
    touching = world.hand_of(one.kind).touch(one, target, kept, secret=secret, timeout_s=step.deadline_s)
    return await _within(touching, step.deadline_s, lambda why: Touched(TouchState.FAILED, why), world)


async def did_it_happen(world: World, step: BoundStep, kept: Mapping[str, str], run: str, number: int) -> Happened:
    """Ask whether a touch took effect."""
    one = keyed(step, run, number)
    target = _target(world, one)
    if target is None:
        return Happened.CANNOT_KNOW
    asking = world.hand_of(one.kind).did_it_happen(one, target, kept, timeout_s=step.deadline_s)
    return await _within(asking, step.deadline_s, lambda why: Happened.CANNOT_KNOW, world)


async def undo(world: World, step: BoundStep, kept: Mapping[str, str], run: str, number: int) -> Touched:
    """Take a step back, as the guide says or as its action knows."""
    if step.undoing is Undoing.GUIDE:
        return await _undo_as_guided(world, step, kept, run, number)
    one = keyed(step, run, number)
    target = _target(world, one)
    if target is None:
        return Touched(TouchState.REFUSED, f"there is no target {one.target} in the system file any more")
    undoing = world.hand_of(one.kind).undo(one, target, kept, timeout_s=step.deadline_s)
    return await _within(undoing, step.deadline_s, lambda why: Touched(TouchState.FAILED, why), world)


async def _undo_as_guided(world: World, step: BoundStep, kept: Mapping[str, str], run: str, number: int) -> Touched:
    told = []
    for at, entry in enumerate(step.undo_touches):
        one = replace(step, touch=_with_old(entry, kept), undoing=Undoing.NONE)
        name = f"{run}.{number + 1}.undo"
        prepared = await prepare(world, one, name, at)
        if prepared.refused:
            return Touched(TouchState.REFUSED, prepared.refused)
        if not prepared.is_needed:
            continue
        touched = await touch(world, one, prepared.kept, name, at)
        if touched.state is not TouchState.DONE:
            return touched
        told.append(touched.detail)
    return Touched(TouchState.DONE, "; ".join(told))


def _with_old(entry: Touch, kept: Mapping[str, str]) -> Touch:
    old = kept.get("old", _OLD)
    return replace(entry, args=tuple((name, value.replace(_OLD, old)) for name, value in entry.args))


def _secret(world: World, step: BoundStep, one: Touch, number: int) -> str | None:
    if not one.secrets:
        return None
    wanted = one.arg("value")
    setting = next((name for name, is_secret in step.asked if is_secret), "value")
    secret = world.person.secret(number + 1, setting, wanted)
    return secret if secret is not None and fingerprint(secret) == wanted else None


def _target(world: World, one: Touch) -> Target | None:
    return world.system_now().targets.get(one.target)


async def _within(
    asking: Awaitable[Answer], deadline_s: float, failed: Callable[[str], Answer], world: World
) -> Answer:
    try:
        async with asyncio.timeout(deadline_s + GRACE_S):
            return await asking
    except TimeoutError:
        return failed(f"no answer within {deadline_s:g} s")
    except Exception as error:  # noqa: BLE001 (our own bug: told, and taken as a failure, so that nothing goes on as if it were done)
        world.person.tell(f"the action broke, and that is our bug: {type(error).__name__}: {error}")
        return failed(f"the action broke ({type(error).__name__}): a bug of ours")


def foreseen(prepared: Prepared | None, step: BoundStep) -> PlanStep:
    """Return a step as the plan shows it."""
    if prepared is None:
        return PlanStep(step)
    return PlanStep(step, prepared.diff, prepared.is_needed, prepared.refused)
