"""Breaking and healing a world, each proved by an outside client before and after."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from crashcart_lab import client, noise
from crashcart_lab.client import Outcome
from crashcart_lab.errors import LabError
from crashcart_lab.faults import ALIKE, FAULTS, Fault, by_name
from crashcart_lab.state import Broken
from crashcart_lab.world import World


@dataclass(frozen=True, slots=True)
class Breakage:
    """A fault that is present, and what the client saw before and after it came."""

    fault: Fault
    broken: Broken
    before: Outcome
    after: Outcome


def choose(name: str | None, *, seed: int, is_any: bool = False) -> Fault:
    """Return the fault of this name; without one, the seed draws from those that look alike, or from all."""
    if name:
        return by_name(name)
    return random.Random(f"fault {seed}").choice(FAULTS if is_any else ALIKE)


def chance(fault: Fault, *, seed: int) -> random.Random:
    """Return the chance that this fault draws from under this seed."""
    # Any salt is as good as any other; with this one, seeds 0-9 meet every variant at least twice,
    # so that development sees them all.
    return random.Random(f"e {fault.name} {seed}")


def break_(world: World, fault: Fault, *, seed: int) -> Breakage:
    """Let clients work, cause the fault, and let clients fail.

    Raises:
        LabError: a fault is there already, the client fails before, or it still works after; in
            the last case the fault has been taken away again.
    """
    current = world.state
    if current.broken is not None:
        raise LabError(f"the lab is broken already: {current.broken.fault}", hint="crashcart-lab heal")
    rng = chance(fault, seed=seed)
    broken = Broken(fault.name, seed, fault.draw(rng))
    bustle = noise.draw_bustle(rng)
    before = client.scrape(world.digest_url, world.site_url, jobs=bustle.good_jobs)
    if not before.succeeded:
        raise LabError(f"nothing was broken, yet the client says: {before.words}", hint=f"read {world.log}")
    noise.ask_what_is_refused(world.digest_url, bustle)
    # Remembered first: should we be interrupted in the middle, `heal` still knows what to take away.
    world.remember(replace(world.state, broken=broken))
    fault.break_(world, broken.drawn)
    after = client.scrape(world.digest_url, world.site_url, jobs=bustle.bad_jobs)
    if after.succeeded:
        heal(world)
        raise LabError(f"{fault.name} was caused, yet the client still works", hint="this is a defect of the lab")
    return Breakage(fault, broken, before, after)


def heal(world: World) -> Outcome | None:
    """Take the fault away and return how the client fares; None when there was no fault."""
    broken = world.state.broken
    if broken is None:
        return None
    by_name(broken.fault).heal(world)
    world.remember(replace(world.state, broken=None))
    return client.scrape(world.digest_url, world.site_url)
