"""Breaking and healing a world, each proved by an outside client before and after."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from crashcart_lab import noise
from crashcart_lab.client import Outcome
from crashcart_lab.errors import LabError
from crashcart_lab.faults import ALIKE, FAULTS, Fault, by_name
from crashcart_lab.state import Broken
from crashcart_lab.world import World

MORE_TRIES = 2


@dataclass(frozen=True, slots=True)
class Breakage:
    """A fault that is present, and what the client saw before and after it came."""

    fault: Fault
    broken: Broken
    before: Outcome
    after: Outcome


def choose(
    name: str | None, *, seed: int, is_any: bool = False, suits: Callable[[Fault], bool] = lambda _fault: True
) -> Fault:
    """Return the fault of this name.

    Without one, the seed draws from those that look alike, or from all; in both cases from what *suits*.
    """
    if name:
        return by_name(name)
    return random.Random(f"fault {seed}").choice([one for one in (FAULTS if is_any else ALIKE) if suits(one)])


def lacks(world: World, fault: Fault) -> LabError | None:
    """Return what the world lacks for this fault to come about, and what to do; None when it may come."""
    if fault.needs_workers and not world.state.has_workers:
        return LabError(f"{fault.name} needs jobs that run in workers", hint="crashcart-lab up --workers")
    if fault.needs_front and not world.state.has_front:
        return LabError(f"{fault.name} needs a proxy in front of digest", hint="crashcart-lab up --front")
    if fault.needs_root and os.geteuid() != 0:
        return LabError(f"{fault.name} needs root", hint="run the lab as root, in a container")
    return None


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
    if (lack := lacks(world, fault)) is not None:
        raise lack
    rng = chance(fault, seed=seed)
    broken = Broken(fault.name, seed, fault.draw(rng))
    bustle = noise.draw_bustle(rng)
    before = fault.tries(world.doors, bustle.good_jobs)
    if not before.succeeded:
        raise LabError(f"nothing was broken, yet the client says: {before.words}", hint=f"read {world.log}")
    noise.ask_what_is_refused(world.digest_url, bustle)
    # Remembered first: should we be interrupted in the middle, `heal` still knows what to take away.
    world.remember(replace(world.state, broken=broken))
    fault.break_(world, broken.drawn)
    after = fault.tries(world.doors, bustle.bad_jobs)
    for _ in range(MORE_TRIES):
        if after.succeeded:  # where many want the same, or one is late to look, a first client may still get through
            after = fault.tries(world.doors, bustle.bad_jobs)
    if after.succeeded:
        heal(world)
        raise LabError(f"{fault.name} was caused, yet the client still works", hint="this is a defect of the lab")
    return Breakage(fault, broken, before, after)


def heal(world: World) -> Outcome | None:
    """Take the fault away and return how the client fares; None when there was no fault."""
    broken = world.state.broken
    if broken is None:
        return None
    fault = by_name(broken.fault)
    fault.heal(world)
    world.remember(replace(world.state, broken=None))
    return fault.tries(world.doors, 1)
