"""Looking again and again: until told to stop, and not a moment longer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from crashcart.model.health import Health
from crashcart.survey.check import watch

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def health(number: int) -> Health:
    """A health that can be told from another."""
    return Health("shop", "test", NOW, 0.0, number, ())


def test_each_round_is_told_with_the_one_before_and_the_last_is_returned() -> None:
    told: list[tuple[int, int | None]] = []
    stopped = asyncio.Event()

    async def look() -> Health:
        return health(len(told) + 1)

    def tell(now: Health, before: Health | None) -> None:
        told.append((now.looks, before.looks if before else None))
        if len(told) == 3:
            stopped.set()

    last = asyncio.run(watch(look, tell, every_s=0.0, stopped=stopped))

    assert told == [(1, None), (2, 1), (3, 2)]
    assert last == health(3)


def test_a_look_that_hangs_does_not_keep_it_from_ending() -> None:
    """Ctrl-C on a system that does not answer is what people do first."""
    was_cancelled = []

    async def look() -> Health:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            was_cancelled.append(True)
            raise
        return health(1)

    async def stop_soon() -> Health | None:
        stopped = asyncio.Event()
        asyncio.get_running_loop().call_soon(stopped.set)
        return await watch(look, lambda now, before: None, every_s=60.0, stopped=stopped)

    assert asyncio.run(stop_soon()) is None
    assert was_cancelled == [True]


def test_it_ends_in_the_middle_of_a_pause() -> None:
    stopped = asyncio.Event()

    async def look() -> Health:
        asyncio.get_running_loop().call_soon(stopped.set)
        return health(1)

    assert asyncio.run(watch(look, lambda now, before: None, every_s=3600.0, stopped=stopped)) == health(1)
