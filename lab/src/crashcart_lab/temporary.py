"""Worlds that last for one errand, and are gone after it, whatever happens."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from crashcart_lab import lifecycle
from crashcart_lab.world import World

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def fresh_world(*, seed: int, has_workers: bool = False, has_front: bool = False) -> Iterator[World]:
    """Give a world of its own that is up, in a folder of its own; afterwards, neither exists.

    SIGTERM and SIGHUP end the errand as Ctrl-C does. Must be called from the main thread.
    """
    with _interruptible():
        folder = Path(tempfile.mkdtemp(prefix="crashcart-")).resolve()
        world = World(folder / "world")
        try:
            with world.alone():
                lifecycle.up(world, seed=seed, has_workers=has_workers, has_front=has_front)
                yield world
        finally:
            with _undisturbed():
                lifecycle.down(world)
                shutil.rmtree(folder, ignore_errors=True)


class DeadlinePassed(Exception):
    """What was to be done took longer than it may.

    No LabError and no OSError, both of which are caught on the way, where they mean something else.
    """


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """End the block when *seconds* are over. Must be called from the main thread.

    Raises:
        DeadlinePassed: they are.
    """

    def passed(number: int, frame: FrameType | None) -> None:
        raise DeadlinePassed(f"not done within {seconds:g} s")

    handler = signal.signal(signal.SIGALRM, passed)
    left_s, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        # Somebody else's alarm, such as the test runner's, goes on.
        signal.setitimer(signal.ITIMER_REAL, left_s)
        signal.signal(signal.SIGALRM, handler)


@contextmanager
def _interruptible() -> Iterator[None]:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handlers(interrupt):
        yield


@contextmanager
def _undisturbed() -> Iterator[None]:
    # An impatient second Ctrl-C would otherwise leave processes behind.
    with _handlers(signal.SIG_IGN):
        yield


@contextmanager
def _handlers(handler: object) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in ENDINGS}  # type: ignore[arg-type]
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
