"""Threads for calls that block and cannot be cancelled: the resolver, files on a dead mount.

The threads are daemons: neither a deadline nor the exit of the program waits for one that is stuck. That is why the
standard pool is not used; it joins its threads at exit.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class Pool:
    """At most `size` daemon threads, started when they are needed."""

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._size = size
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._started = 0

    def start(self, call: Callable[[], T]) -> Future[T]:
        """Have `call` made by a thread. The result may be shared: who stops waiting for it does not cancel it."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        self._calls.put(lambda: _settle(future, call))
        with self._guard:
            if self._started < self._size:
                self._started += 1
                threading.Thread(target=self._serve, name=f"crashcart-{self._name}", daemon=True).start()
        return future

    async def run(self, call: Callable[[], T]) -> T:
        """Await the result of `call`. When cancelled, the thread goes on and its result is dropped."""
        return await asyncio.wrap_future(self.start(call))

    def _serve(self) -> None:
        while True:
            self._calls.get()()


def _settle(future: Future[T], call: Callable[[], T]) -> None:
    try:
        result = call()
    # Whatever it is, it is handed to whoever waits: a lost error would be a wait for ever.
    except BaseException as error:  # noqa: BLE001
        future.set_exception(error)
    else:
        future.set_result(result)


FILES = Pool("files", 4)  # also processes: both are answered by the kernel, mostly at once
NAMES = Pool("names", 8)  # a resolver that does not answer holds its thread for 30 s or so
