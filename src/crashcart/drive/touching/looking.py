"""Checks judged afresh: once, or again and again until they hold, as **Verify** says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from crashcart.drive.touching.world import World
from crashcart.guides.judge import is_answered, judge
from crashcart.model.net import BoundCheck, Finding
from crashcart.model.observation import CLIENT, Look, LookId, Moment, Observation
from crashcart.model.plan import PlanCheck
from crashcart.model.truth import Truth

EVERY_S = 1.0  # between two looks of one that waits; a service needs about that to answer anew
LEAST_S = 0.5
ROUND_S = 15.0  # for one round of looks, which wait side by side


async def look(world: World, looks: Sequence[Look], *, within_s: float = ROUND_S) -> dict[LookId, Observation]:
    """Take looks now, whatever was seen before."""
    found: dict[LookId, Observation] = {}

    def arrived(observation: Observation) -> None:
        found[observation.look] = observation

    wanted = {entry.id: entry for entry in looks if entry.kind not in ("ask", CLIENT)}
    taker = world.taker(Moment(world.clock.now(), world.onset))
    await taker.take(list(wanted.values()), within_s=within_s, arrived=arrived)
    return found


async def judge_once(world: World, checks: Sequence[PlanCheck]) -> tuple[Finding, ...]:
    """Judge each check by one fresh look; questions go to the person."""
    machines = [entry.check for entry in checks if not entry.check.is_question]
    found = await look(world, [one for check in machines for one in (*check.looks, *check.others)])
    judged = {check.key: judge(_plain(check), found, world.catalogue) for check in machines}
    return tuple(judged.get(entry.check.key) or _asked(world, entry.check) for entry in checks)


async def judge_patiently(
    world: World, checks: Sequence[PlanCheck], *, patience_s: float, delay_s: float, stop: asyncio.Event
) -> tuple[Finding, ...]:
    """Judge until all hold, or until time is over; the client comes last, because it acts."""
    looking = [entry for entry in checks if not _is_client(entry.check)]
    findings = await _looked(world, looking, patience_s=patience_s, delay_s=delay_s, stop=stop)
    acting = [entry.check for entry in checks if _is_client(entry.check)]
    wait_s = max([patience_s, *(entry.check.within_s or 0.0 for entry in looking)])
    return (*findings, *[await _acted(world, check, wait_s, stop) for check in acting])


async def _acted(world: World, check: BoundCheck, wait_s: float, stop: asyncio.Event) -> Finding:
    """Have the client act, again and again until it is served or time is over."""
    argv = [word for _, word in check.looks[0].args]
    began = world.clock.monotonic()
    while not stop.is_set():
        why = await world.client(argv, check.cost_s)
        if not why:
            return Finding(check.key, Truth.TRUE, "served")
        if world.clock.monotonic() - began >= wait_s:
            return Finding(check.key, Truth.FALSE, why)
        await _sleep(world, EVERY_S, stop)
    return Finding(check.key, Truth.UNKNOWN, "a person stopped it")


def _is_client(check: BoundCheck) -> bool:
    return any(one.kind == CLIENT for one in check.looks)


async def _looked(
    world: World, checks: Sequence[PlanCheck], *, patience_s: float, delay_s: float, stop: asyncio.Event
) -> tuple[Finding, ...]:
    """Judge until all hold, as long as each must (`for`), or until time is over (`within`, or `patience_s`).

    Times are monotonic: a wall clock that is set meanwhile changes nothing.
    """
    await _sleep(world, delay_s, stop)
    began = world.clock.monotonic()
    wait_s = max([patience_s, *(entry.check.within_s or 0.0 for entry in checks)])
    hold_s = max([0.0, *(entry.check.hold_s or 0.0 for entry in checks)])
    held_since: float | None = None
    while True:
        findings = await judge_once(world, checks)
        now = world.clock.monotonic()
        is_true = all(finding.truth is Truth.TRUE for finding in findings)
        held_since = (held_since if held_since is not None else now) if is_true else None
        if (held_since is not None and now - held_since >= _watched_s(checks)) or stop.is_set():
            return findings if held_since is None or not stop.is_set() else _cut(findings, now - held_since, checks)
        if held_since is None and now - began >= wait_s + hold_s:
            return findings
        if held_since is None and now - began >= wait_s and not _looks_back(checks):
            return findings
        await _sleep(world, EVERY_S, stop)


def logged_since(check: BoundCheck, since_s: float) -> BoundCheck:
    """Return the check with its looks into logs going back so far and no further."""
    over_s = max(since_s, LEAST_S)

    def cut(one: Look) -> Look:
        if one.kind != "log":
            return one
        return replace(one, over_s=min(over_s, one.over_s or over_s), since_onset_s=None)

    # What a claim compares with is cut as well: a second of one log beside an hour of another tells nothing.
    return replace(check, looks=tuple(map(cut, check.looks)), others=tuple(map(cut, check.others)))


def _watched_s(checks: Sequence[PlanCheck]) -> float:
    """Return how long it must hold while we watch; a look at the past has that time in it."""
    return max([0.0, *(entry.check.hold_s or 0.0 for entry in checks if not _has_past(entry.check))])


def _looks_back(checks: Sequence[PlanCheck]) -> bool:
    """Say whether some check must wait until the time before the touch is out of its sight."""
    return any(entry.check.hold_s and _has_past(entry.check) for entry in checks)


def _has_past(check: BoundCheck) -> bool:
    return bool(check.looks) and all(one.over_s is not None for one in check.looks)


def _cut(findings: Sequence[Finding], held_s: float, checks: Sequence[PlanCheck]) -> tuple[Finding, ...]:
    """A person stopped the watching: what had not held long enough is unknown."""
    if held_s >= _watched_s(checks):
        return tuple(findings)
    return tuple(
        replace(entry, truth=Truth.UNKNOWN, saw=f"held for {held_s:.0f} s, then stopped") for entry in findings
    )


def _plain(check: BoundCheck) -> BoundCheck:
    """Return the check as one look can answer it: `within` and `for` are ours to wait for."""
    return replace(check, within_s=None, hold_s=None)


def _asked(world: World, check: BoundCheck) -> Finding:
    if check.unknown_because or not check.looks:
        return Finding(check.key, Truth.UNKNOWN, check.unknown_because or "nothing to look at")
    return is_answered(world.person.answer(check.looks[0].arg("question") or ""), check)


async def _sleep(world: World, seconds: float, stop: asyncio.Event) -> None:
    """Sleep, but no longer than until somebody wants to stop."""
    if seconds <= 0 or stop.is_set():
        return
    sleeping = asyncio.ensure_future(world.sleep(seconds))
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait((sleeping, stopping), return_when=asyncio.FIRST_COMPLETED)
    for task in (sleeping, stopping):
        task.cancel()
    await asyncio.gather(sleeping, stopping, return_exceptions=True)
