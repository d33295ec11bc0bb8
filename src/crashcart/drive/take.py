"""Taking looks: side by side, each with a deadline, the whole within what is left of the budget."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from crashcart.errors import BrokenLook
from crashcart.model.observation import Look, LookId, Moment, Observation, Outcome, Unseen
from crashcart.model.spec import KindSpec
from crashcart.model.system import System
from crashcart.ports import Clock, Looker

MAX_AT_ONCE = 16

LookerOf = Callable[[str], Looker]  # kind -> its code, imported at the first call
Arrived = Callable[[Observation], None]


class Taker(Protocol):
    """Who answers looks: the world, or a case."""

    async def take(self, looks: Sequence[Look], *, within_s: float, arrived: Arrived) -> None:
        """Hand over an observation for every look, as they come in; after `within_s` the rest is Unseen."""
        ...


class WorldTaker:
    """Looks at the running system."""

    def __init__(
        self,
        system: System,
        looker_of: LookerOf,
        clock: Clock,
        moment: Moment,
        *,
        deadline_s: float,
        kinds: Mapping[str, KindSpec],
    ) -> None:
        self._system = system
        self._looker_of = looker_of
        self._clock = clock
        self._moment = moment
        self._deadline_s = deadline_s
        self._kinds = kinds
        self.broken: list[BrokenLook] = []

    async def take(self, looks: Sequence[Look], *, within_s: float, arrived: Arrived) -> None:
        """Hand over an observation for every look, as they come in.

        A look that raises is our bug: it becomes Unseen, the rest goes on, and `broken` keeps the error.
        """
        room = asyncio.Semaphore(MAX_AT_ONCE)
        ends_at = self._clock.monotonic() + within_s
        async with asyncio.TaskGroup() as group:
            for look in looks:
                group.create_task(self._one(look, room, ends_at, arrived))

    async def _one(self, look: Look, room: asyncio.Semaphore, ends_at: float, arrived: Arrived) -> None:
        async with room:
            began = self._clock.monotonic()
            outcome = await self._outcome(look, ends_at - began)
            arrived(Observation(look.id, outcome, self._clock.now(), round(self._clock.monotonic() - began, 6)))

    async def _outcome(self, look: Look, left_s: float) -> Outcome:
        if left_s <= 0:
            return Unseen("the budget was over before this look began; try --budget")
        if look.kind == "ask":
            return Unseen("nobody was asked; try `crashcart diagnose --ask`")
        target = self._system.targets.get(look.target)
        if target is None:
            return Unseen(f"there is no target {look.target} in the system file")
        watch_s = self._watch_s(look)
        if watch_s >= left_s:
            # Half a watch would only cost the looks that still fit.
            return Unseen(f"it watches for {watch_s:g} s, and {left_s:.3g} s of the budget are left; try --budget")
        limit_s = min(self._deadline_s + watch_s, left_s)
        try:
            async with asyncio.timeout(limit_s):
                return await self._looker_of(look.kind).take(look, target, self._moment)
        except TimeoutError:
            return Unseen(f"the look gave no answer within {limit_s:.3g} s")
        except Exception as error:  # noqa: BLE001 (our own bug: named, counted, told; the other looks go on)
            broken = BrokenLook(
                f"the look {look.id} broke: {type(error).__name__}: {error}", hint="reporting this, it is our bug"
            )
            broken.__cause__ = error
            self.broken.append(broken)
            return Unseen(f"the look broke ({type(error).__name__}): a bug of ours")

    def _watch_s(self, look: Look) -> float:
        kind = self._kinds.get(look.kind)
        spec = kind.look(look.look) if kind else None
        return spec.watch_s(look.over_s) if spec else 0.0


class CaseTaker:
    """Answers from a case; what was not recorded stays unseen."""

    def __init__(self, observations: Mapping[LookId, Observation], moment: Moment) -> None:
        self._observations = observations
        self._moment = moment

    async def take(self, looks: Sequence[Look], *, within_s: float, arrived: Arrived) -> None:
        """Hand over what the case holds, in order of id."""
        for look in sorted(looks, key=lambda entry: entry.id):
            recorded = self._observations.get(look.id)
            arrived(recorded or Observation(look.id, Unseen("not recorded in this case"), self._moment.now, 0.0))


def log_broken(broken: Sequence[BrokenLook]) -> None:
    """Write what broke to standard error, one event a line."""
    for error in broken:
        print(f"event=broken_look what={error.what!r}", file=sys.stderr)
