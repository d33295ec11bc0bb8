"""Logs that somebody hands over: everything they say counts, also where nothing tells when it was written."""

from __future__ import annotations

from dataclasses import replace

from crashcart.ports import Files, Place, Secrets
from crashcart.probes.log.kept import KeptReadings
from crashcart.probes.log.logfiles import Source
from crashcart.probes.log.look import LogLook
from crashcart.probes.log.reading import Reading, ReadRecords
from crashcart.probes.log.stamps import Zone
from crashcart.redact import Scrubber


class GivenLogLook(LogLook):
    """Looks into logs that were handed over because of the trouble; `end_s` is when they end."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets, *, end_s: float) -> None:
        super().__init__(place, scrubber, secrets)
        self._kept = _Dated(place, end_s)


class _Dated(KeptReadings):
    """Gives the records of a file without any stamps the end of the logs as their moment."""

    def __init__(self, files: Files, end_s: float) -> None:
        super().__init__(files)
        self._end_s = end_s
        self._dated: dict[str, Reading] = {}

    async def since(self, source: Source, start_s: float, *, zone: Zone | None, zone_name: str) -> Reading:
        reading = await super().since(source, start_s, zone=zone, zone_name=zone_name)
        if reading.has_stamps or not isinstance(reading, ReadRecords):
            return reading
        if source.path not in self._dated:
            records = tuple(replace(record, at_s=self._end_s) for record in reading.records)
            self._dated[source.path] = replace(reading, records=records)
        return self._dated[source.path]
