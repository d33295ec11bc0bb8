"""How many requests a minute the provider gets from us."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

logger = logging.getLogger(__name__)

MINUTE_S = 60.0


class Rate:
    """Makes requests wait so that no minute has more than *per_minute* of them.

    What is counted is kept at *storage* ("memory://", or the address of a Redis that several processes share),
    and so outlives the event loop of a single job; a limiter that belongs to a loop would begin anew with each.
    """

    def __init__(
        self, per_minute: int, *, storage: str, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._limit = RateLimitItemPerMinute(per_minute)
        self._window = MovingWindowRateLimiter(storage_from_string(storage))
        self._sleep = sleep

    async def turn(self) -> None:
        """Return when a request may be sent, and count it."""
        while not self._window.hit(self._limit, "openai"):
            free_at = self._window.get_window_stats(self._limit, "openai").reset_time
            # Never longer than the window, whatever somebody does to the wall clock.
            wait_s = min(max(free_at - time.time(), 0.0), MINUTE_S)
            logger.info("%d requests went to the provider within a minute, waiting %.1f s", self._limit.amount, wait_s)
            await self._sleep(wait_s)
