"""The way in: a payload is read, freed of secrets, given to its system, and on the disk before it is accepted."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from crashcart.alerts import AlertGroup, match, parse, redacted
from crashcart.app import scrubber_of
from crashcart.errors import UsageError
from crashcart.server.settings import HookSettings
from crashcart.storage.alerts import Accepted, Delivery, Entry, Inbox

Value = TypeVar("Value")
NOWHERE = ""  # of several systems none is meant: the report says so, nothing is diagnosed


class Reception:
    """Takes payloads in. The inbox has one thread of its own, so a slow disk holds up no other request's answer."""

    def __init__(self, settings: HookSettings, inbox: Inbox) -> None:
        self._settings = settings
        self._inbox = inbox
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inbox")
        self._scrubbers = {name: scrubber_of(loaded) for name, loaded in settings.systems.items()}
        self.arrived: Mapping[str, asyncio.Event] = {name: asyncio.Event() for name in (*settings.systems, NOWHERE)}

    async def accept(self, data: bytes, system: str) -> Accepted:
        """Keep what a payload tells; `system` is "" when the labels are to say which is meant.

        Raises:
            UsageError: it is no payload that we know, or there is no such system.
            InboxFull: no more may wait.
            sqlite3.Error: it could not be written.
        """
        if system and system not in self._settings.systems:
            raise UsageError(f'there is no system "{system}"', hint=", ".join(sorted(self._settings.systems)))
        accepted, name = await self.inbox(functools.partial(self._accept, data, system))
        if accepted.new:
            self.arrived[name].set()
        return accepted

    async def inbox(self, use: Callable[[Inbox], Value]) -> Value:
        """Return what the inbox answers, from its own thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, use, self._inbox)

    def close(self) -> None:
        """Wait for what is being written, then close the inbox."""
        self._thread.shutdown(wait=True)
        self._inbox.close()

    def _accept(self, data: bytes, system: str, inbox: Inbox) -> tuple[Accepted, str]:
        group = parse(data)
        name = system or self._meant(group)
        for scrubber in self._scrubbers.values() if name == NOWHERE else (self._scrubbers[name],):
            group = redacted(group, scrubber)
        entries = tuple(Entry(alert.fingerprint, alert.is_firing) for alert in group.alerts)
        delivery = Delivery(name, group.key, entries, msgspec.json.encode(group))
        settings = self._settings
        accepted = inbox.accept(
            delivery, datetime.now(UTC), window_s=settings.window_s, max_waiting=settings.max_waiting
        )
        return accepted, name

    def _meant(self, group: AlertGroup) -> str:
        """Return the system most of whose targets the labels name; with one system it is always that one."""
        systems = self._settings.systems
        if len(systems) == 1:
            return next(iter(systems))
        named = {
            name: sum(len(match(alert, loaded.system)) for alert in group.alerts) for name, loaded in systems.items()
        }
        best = max(named, key=lambda name: named[name])
        return best if named[best] else NOWHERE
