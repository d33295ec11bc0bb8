"""Deadlines of blocking calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from crashcart.probes.pool import FILES

T = TypeVar("T")


async def within(timeout_s: float, call: Callable[[], T]) -> T:
    """Return the result of a call that blocks. Raises TimeoutError; the call itself cannot be stopped then."""
    async with asyncio.timeout(timeout_s):
        return await FILES.run(call)
