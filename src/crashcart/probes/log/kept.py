"""What has been read of each log, for all looks of a session: a file is read once, not once a look."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass

from crashcart.ports import FileInfo, Files
from crashcart.probes.log.logfiles import Source
from crashcart.probes.log.reading import Reading
from crashcart.probes.log.stamps import Zone
from crashcart.probes.log.tail import read_since
from crashcart.probes.pool import FILES

_KEPT_BYTES = 128 << 20


@dataclass(frozen=True, slots=True)
class _Entry:
    """A reading of this very file, since `start_s`."""

    info: FileInfo
    start_s: float
    reading: Future[Reading]


class KeptReadings:
    """Reads files in threads; shares what it reads and what it is just reading."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._entries: dict[tuple[str, str], _Entry] = {}

    async def since(self, source: Source, start_s: float, *, zone: Zone | None, zone_name: str) -> Reading:
        """Return the records of a file since a moment, or more. Raises OSError."""
        key = (source.path, zone_name)
        entry = self._entries.get(key)
        # No await between asking and keeping: looks that come at the same time wait for the same reading.
        if entry is None or entry.info != source.info or entry.start_s > start_s:
            reading = FILES.start(lambda: read_since(self._files, source.path, start_s=start_s, zone=zone))
            entry = self._entries[key] = _Entry(source.info, start_s, reading)
        try:
            return await asyncio.wrap_future(entry.reading)
        except OSError:
            self._entries.pop(key, None)  # what failed once is tried again by the next look
            raise
        finally:
            self._forget()

    def _forget(self) -> None:
        """Let go of the oldest readings when all together are too much to keep."""
        sizes = {key: _size(entry.reading) for key, entry in self._entries.items() if entry.reading.done()}
        for key in list(sizes)[:-1]:
            if sum(sizes.values()) <= _KEPT_BYTES:
                return
            del self._entries[key], sizes[key]


def _size(reading: Future[Reading]) -> int:
    return 0 if reading.exception() is not None else reading.result().size_bytes
