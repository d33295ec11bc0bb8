"""A look that stays: the same look again and again for some seconds, and the samples of its numbers."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import replace

from crashcart.model.observation import Look, Moment, Outcome, Sample, Seen, Unseen
from crashcart.model.spec import KindSpec
from crashcart.model.system import Target
from crashcart.ports import Looker

_INTERVALS = 10  # eleven samples: enough for a slope, and never more than one request a second from 10 s on


class Watching:
    """Takes the looks of one kind; those with a short `over` for as long as that says."""

    def __init__(self, looker: Looker, spec: KindSpec) -> None:
        self._looker = looker
        self._spec = spec

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once, or stay and watch."""
        table = self._spec.look(look.look)
        watch_s = table.watch_s(look.over_s) if table else 0.0
        if not watch_s:
            return await self._looker.take(look, target, moment)
        samples: list[tuple[float, Seen]] = []
        began = time.monotonic()
        for at_s in (watch_s * step / _INTERVALS for step in range(_INTERVALS + 1)):
            # After a slow sample the next ones are left out, not hurried: the load stays what it was meant to be.
            if samples and at_s + watch_s / _INTERVALS <= time.monotonic() - began:
                continue
            await asyncio.sleep(max(0.0, at_s - (time.monotonic() - began)))
            taken_s = time.monotonic() - began
            outcome = await self._looker.take(look, target, moment)
            if isinstance(outcome, Unseen):
                return outcome
            samples.append((taken_s, outcome))
        return replace(samples[-1][1], watched=_series(samples))


def _series(samples: Sequence[tuple[float, Seen]]) -> dict[str, tuple[Sample, ...]]:
    """Return the samples of every field that was a number each time."""
    first_s = samples[0][0]
    found: dict[str, tuple[Sample, ...]] = {}
    for name in samples[0][1].fields:
        values = [_number(seen, name) for _, seen in samples]
        known = [value for value in values if value is not None]
        if len(known) == len(samples):
            found[name] = tuple(
                (round(at_s - first_s, 3), value) for (at_s, _), value in zip(samples, known, strict=True)
            )
    return found


def _number(seen: Seen, name: str) -> float | None:
    value = seen.fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value
