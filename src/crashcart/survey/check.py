"""The health of a running system: the Healthy items of its guides, looked at once, or again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping

from crashcart.drive.take import Taker
from crashcart.guides.health import health_lines, health_looks
from crashcart.model.health import Health
from crashcart.model.net import Net
from crashcart.model.observation import LookId, Observation
from crashcart.model.spec import Catalogue
from crashcart.model.system import System
from crashcart.ports import Clock

Tell = Callable[[Health, Health | None], None]  # the health now, and that of the round before


async def check(
    net: Net,
    system: System,
    taker: Taker,
    catalogue: Catalogue,
    clock: Clock,
    *,
    budget_s: float,
    only: Collection[str] = (),
) -> Health:
    """Look once at everything that the Healthy items ask, and judge them; `only` names the targets that count."""
    began = clock.monotonic()
    found: dict[LookId, Observation] = {}

    def arrived(observation: Observation) -> None:
        found[observation.look] = observation

    await taker.take(health_looks(net, only), within_s=budget_s, arrived=arrived)
    return judged(net, system, found, catalogue, clock, began_s=began, only=only)


def judged(
    net: Net,
    system: System,
    found: Mapping[LookId, Observation],
    catalogue: Catalogue,
    clock: Clock,
    *,
    began_s: float,
    only: Collection[str] = (),
) -> Health:
    """Return the health that observations show, as of now; `began_s` is when looking began, by the same clock."""
    took_s = round(clock.monotonic() - began_s, 6)
    lines = health_lines(net, found, catalogue, only)
    return Health(system.name, system.environment, clock.now(), took_s, len(found), lines, net.notes)


async def watch(
    look: Callable[[], Awaitable[Health]], tell: Tell, *, every_s: float, stopped: asyncio.Event
) -> Health | None:
    """Look again and again, `every_s` after each answer, until stopped; return the last health, if there was one."""
    before: Health | None = None
    while not stopped.is_set():
        health = await _unless(stopped, look())
        if health is None:
            break
        tell(health, before)
        before = health
        await _unless(stopped, asyncio.sleep(every_s))
    return before


async def _unless(stopped: asyncio.Event, work: Awaitable[Health | None]) -> Health | None:
    """Return what the work gives, or None when it was stopped first."""
    stop = asyncio.create_task(stopped.wait())
    doing = asyncio.ensure_future(work)
    await asyncio.wait((doing, stop), return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if doing.done():
        return await doing
    doing.cancel()
    await asyncio.gather(doing, return_exceptions=True)
    return None
