"""The records of a window, and which of them hold the text."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, Secrets
from crashcart.probes.log.asked import LogRecord, Wanted, wanted
from crashcart.probes.log.kept import KeptReadings
from crashcart.probes.log.logfiles import sources, why_not
from crashcart.probes.log.reading import Reading
from crashcart.probes.log.shown import instant, shown
from crashcart.probes.log.stamps import Zone
from crashcart.probes.log.window import unfollowed, window
from crashcart.probes.pool import FILES
from crashcart.redact import Scrubber

_SHOWN = 8


class LogLook:
    """Scans logs; reads each file once for all looks of a session."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place
        self._scrubber = scrubber
        self._kept = KeptReadings(place)

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        zone = _declared(target.timezone)
        if isinstance(zone, Unseen):
            return zone
        if not target.logs:
            return Unseen(f"{target.name} has no logs in the system file")
        asked = wanted(look, moment)
        found = await FILES.run(lambda: sources(self._place, target.logs, start_s=asked.start_s))
        troubles = list(found.troubles)
        readings: list[Reading] = []
        for source in found.files:
            try:
                readings.append(await self._kept.since(source, asked.start_s, zone=zone, zone_name=target.timezone))
            except OSError as error:
                troubles.append(why_not(error, source.path))
        return await FILES.run(lambda: self._outcome(readings, asked, target.name, troubles))

    def _outcome(self, readings: Sequence[Reading], asked: Wanted, name: str, troubles: Sequence[str]) -> Outcome:
        found = window(readings, asked)
        matched = found.matched
        reasons = [*troubles, *_undated(readings, found.undated, name), *_partial(readings)]
        # What was not read may hold the text: not finding it then says nothing.
        if reasons and not matched:
            return Unseen(reasons[0])
        fields: dict[str, Scalar] = {
            "is_seen": bool(matched),
            "count": len(matched),
            "records": found.records,
            "is_partial": bool(reasons),
        }
        if found.records:
            fields["share"] = 100.0 * len(matched) / found.records
        if matched:
            fields["first"], fields["last"] = (instant(record.at_s or 0.0) for record in (matched[0], matched[-1]))
        if asked.follow is not None:
            matched = unfollowed(readings, matched, asked)
            fields["unfollowed"] = len(matched)
        return Seen(fields, tuple(shown(record, asked.pattern, self._scrubber) for record in matched[-_SHOWN:]))


def _declared(name: str) -> Zone | Unseen | None:
    if not name:
        return None
    try:
        return Zone(name=ZoneInfo(name))
    except (ValueError, OSError, KeyError):  # ZoneInfo raises any of them, by what is wrong with the name
        return Unseen(f"no such time zone: {name!r}; write it like Europe/Berlin or UTC")


def _undated(readings: Sequence[Reading], undated: Sequence[LogRecord], name: str) -> list[str]:
    """Return why it is not known when the text was written, if it was."""
    if not undated:
        return []
    path = undated[0].path
    if any(reading.has_stamps for reading in readings if reading.path == path):
        return [f'the text is in {path}, and its stamps name no zone: add timezone = "..." to {name}']
    return [f"the text is in {path}, which has no time stamps, so when it was written is not known"]


def _partial(readings: Sequence[Reading]) -> list[str]:
    return [
        f"{reading.path} has more than 64 MiB within the window, and the text is not in the newest of them"
        for reading in readings
        if reading.is_partial
    ]
