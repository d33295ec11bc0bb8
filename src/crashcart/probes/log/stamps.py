"""Time stamps of log lines, and the zone of those that name none. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

_MONTHS = {name: at // 3 + 1 for at in range(0, 36, 3) if (name := "JanFebMarAprMayJunJulAugSepOctNovDec"[at : at + 3])}
_HEAD_CHARS = 160  # an access log has an IPv6 address and a user in front of its stamp
_CLOCK = r"(?P<clock>\d\d:\d\d:\d\d)(?:[.,](?P<part>\d{1,9}))?"
_ZONE = r"(?:[ ]?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)(?![\w:]))?"

# In front of the stamp: who wrote it ("api-1  | "), a syslog priority, a bracket, a level or a key. Any other word
# makes it a date within a sentence.
_FRONT = (
    r"(?:[\w.\-]{1,60} {1,40}\| |\[pod/[^\]\s]{1,120}\] )?(?:<\d{1,3}>(?:\d )?)?[\[(\"']{0,2}"
    r"(?:(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|[DIWEC]|time|ts|timestamp)"
    r"[\"']?[:=\]| ]{1,8}[\[(\"']{0,2})?"
)
_DATE = r"(?P<y>\d{4})[-/](?P<m>\d\d)[-/](?P<d>\d\d)[T _]" + _CLOCK + _ZONE
_ISO = re.compile(_FRONT + _DATE)
_KEYED = re.compile(r"(?:[\w.]{1,20}=(?:\"[^\"]{0,60}\"|[^\s\"]{0,60}) ){1,4}(?:ts|time|timestamp)=\"?" + _DATE)
_ACCESS = re.compile(r"\S+ \S+ \S+ \[(?P<d>\d\d)/(?P<mon>[A-Z][a-z]{2})/(?P<y>\d{4})[: ]" + _CLOCK + _ZONE)
_DAY_FIRST = re.compile(
    r"(?:\d{1,7}:[A-Z] )?\[?(?P<d>\d{1,2})[ /-](?P<mon>[A-Z][a-z]{2})[ /-](?P<y>\d{4})[ :]" + _CLOCK + _ZONE
)
_APACHE = re.compile(r"\[?[A-Z][a-z]{2} (?P<mon>[A-Z][a-z]{2}) {1,2}(?P<d>\d{1,2}) " + _CLOCK + r" (?P<y>\d{4})\]?")
_SYSLOG = re.compile(r"(?:<\d{1,3}>)?(?P<mon>[A-Z][a-z]{2}) {1,2}(?P<d>\d{1,2}) " + _CLOCK + r"\s")
_GLOG = re.compile(r"[DIWEF](?P<m>\d\d)(?P<d>\d\d) " + _CLOCK + r"\s")
_EPOCH = re.compile(r"[\[(]?(?P<number>\d{10}(?:\.\d{1,9})?|\d{13}|\d{16}|\d{19})(?![\d.])")
_FORMS = (_ISO, _ACCESS, _DAY_FIRST, _APACHE, _SYSLOG, _GLOG, _KEYED)

_EARLIEST_S, _LATEST_S = 946_684_800.0, 4_102_444_800.0  # 2000 and 2100: other numbers are no times
_QUARTER_S = 900
_AGREES_S = 60.0


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment in seconds since 1970; when `is_zoned` is False, as if the clock on the wall were that of UTC."""

    seconds: float
    is_zoned: bool


def stamp_of(line: str, *, written_s: float) -> Stamp | None:
    """Return the stamp at the start of a line. `written_s` is when the file was last written: syslog has no year."""
    head = line[:_HEAD_CHARS]
    for form in _FORMS:
        match = form.match(head)
        if match is not None:
            return _from_match(match, written_s)
    number = _EPOCH.match(head)
    return from_number(float(number["number"])) if number is not None else None


def from_number(number: float) -> Stamp | None:
    """Return an epoch in seconds, milliseconds, microseconds or nanoseconds, told apart by its size."""
    for scale in (1.0, 1e3, 1e6, 1e9):
        if _EARLIEST_S <= number / scale < _LATEST_S:
            return Stamp(number / scale, True)
    return None


def _from_match(match: re.Match[str], written_s: float) -> Stamp | None:
    parts = match.groupdict()
    month = _MONTHS.get(parts["mon"] or "") if "mon" in parts else int(parts["m"])
    year = int(parts["y"]) if parts.get("y") else None
    hour, minute, second = (int(part) for part in parts["clock"].split(":"))
    micro = int(((parts["part"] or "") + "000000")[:6])
    if month is None:
        return None
    try:
        zone = _zone(parts.get("zone"))
        assumed = year or datetime.fromtimestamp(written_s, UTC).year
        # A leap second is the next one here.
        at = datetime(assumed, month, int(parts["d"]), hour, minute, min(second, 59), micro, zone or UTC)
        if year is None and at.timestamp() > written_s + 2 * 86400:
            at = at.replace(year=assumed - 1)  # December's lines, read in January
    except ValueError:  # 2024-13-45 is no date
        return None
    return Stamp(at.timestamp(), zone is not None)


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(offset if text[0] == "+" else -offset)


@dataclass(frozen=True, slots=True)
class Zone:
    """How far a file's wall clock is ahead of UTC: by name, by a fixed number of seconds, or not known (both None)."""

    name: ZoneInfo | None = None
    offset_s: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether stamps without a zone can be placed."""
        return self.name is not None or self.offset_s is not None

    def seconds(self, stamp: Stamp) -> float | None:
        """Return the moment of a stamp, None when it cannot be placed."""
        if stamp.is_zoned:
            return stamp.seconds
        if self.name is not None:
            wall = datetime.fromtimestamp(stamp.seconds, UTC).replace(tzinfo=self.name)
            return wall.timestamp()
        return None if self.offset_s is None else stamp.seconds - self.offset_s


def inferred(last: Stamp, *, written_s: float) -> Zone:
    """Return the zone under which the last stamp of a file agrees with the time the file was last written.

    Every zone in use is whole quarters of an hour from UTC, between -12 and +14 h.
    """
    ahead_s = last.seconds - written_s
    offset_s = round(ahead_s / _QUARTER_S) * _QUARTER_S
    is_right = abs(ahead_s - offset_s) <= _AGREES_S and -12 * 3600 <= offset_s <= 14 * 3600
    return Zone(offset_s=float(offset_s)) if is_right else Zone()
