"""The one place where the lab waits."""

from __future__ import annotations

import time
from collections.abc import Callable

from crashcart_lab.errors import LabError

# 20 ms: well under the time a service takes to start, and cheap enough for two cores.
POLL_S = 0.02


def until(claim: Callable[[], bool], *, timeout_s: float, what: str, hint: str, poll_s: float = POLL_S) -> None:
    """Return as soon as *claim* holds.

    Raises:
        LabError: it did not hold within *timeout_s* seconds; *what* names what was awaited.
    """
    if not holds_within(timeout_s, claim, poll_s=poll_s):
        raise LabError(f"waited {timeout_s:g} s for {what}, in vain", hint=hint)


def holds_within(timeout_s: float, claim: Callable[[], bool], *, poll_s: float = POLL_S) -> bool:
    """Return whether *claim* holds, now or within so many seconds."""
    deadline = time.monotonic() + timeout_s
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(poll_s)
    return True
