"""The known good sweep: everything there is to see, taken when all is well, to compare a bad day with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crashcart.drive.diagnose import sweep
from crashcart.drive.take import Taker
from crashcart.guides.captures import Captured
from crashcart.model.health import Health
from crashcart.model.net import Net
from crashcart.model.observation import Look, Observation
from crashcart.model.spec import Catalogue
from crashcart.model.system import System
from crashcart.ports import Clock
from crashcart.survey.check import judged


@dataclass(frozen=True, slots=True)
class Kept:
    """A sweep, and the health that it shows: the same observations tell both."""

    observations: tuple[Observation, ...]
    health: Health


async def take_known_good(
    net: Net,
    system: System,
    taker: Taker,
    catalogue: Catalogue,
    clock: Clock,
    *,
    rebind: Callable[[Captured], Net],
    budget_s: float,
) -> Kept:
    """Take every look that any guide could ask, and what every target consists of."""
    began_s = clock.monotonic()
    inventories = [Look("changes", name, "inventory") for name in system.targets]
    observations = await sweep(net, taker, catalogue, rebind=rebind, budget_s=budget_s, also=inventories)
    found = {observation.look: observation for observation in observations}
    health = judged(net, system, found, catalogue, clock, began_s=began_s)
    return Kept(tuple(sorted(observations, key=lambda entry: entry.look)), health)
