"""The client of the system file: a command that does what a user does, and says by its exit code how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from crashcart.actions.command import run


async def fails(argv: Sequence[str], folder: Path, timeout_s: float) -> str:
    """Act as a user once; return why that failed, "" when it went well in time."""
    try:
        # In a thread: it is ended at its deadline with all that it has started, whatever becomes of us.
        await asyncio.to_thread(run, argv, folder=str(folder), timeout_s=timeout_s)
    except OSError as error:
        return str(error)
    return ""
