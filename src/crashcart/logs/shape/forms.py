"""How time stamps are written, read off single lines. A form, once met, is applied to all lines at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from crashcart.logs.shape.json_line import object_of

_HEAD_CHARS: Final = 160  # an access log has an IPv6 address and a user in front of its stamp
_CLOCK = r"(?P<clock>\d\d:\d\d:\d\d)(?:[.,]\d{1,9})?"
_ZONE = r"(?:[ ]?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)(?![\w:]))?"
_NAMED_DAY = r"(?P<mon>[A-Z][a-z]{2}) (?P<d>[ \d]\d) "

# In front of the stamp: who wrote it ("api-1  | "), a syslog priority, a bracket, a level or a key. Behind any other
# word it is a date within a sentence.
_FRONT = (
    r"(?:[\w.\-]{1,60} {1,40}\| |\[pod/[^\]\s]{1,120}\] )?(?:<\d{1,3}>(?:\d )?)?[\[(\"']{0,2}"
    r"(?:(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|[DIWEC]|time|ts|timestamp)"
    r"[\"']?[:=\]| ]{1,8}[\[(\"']{0,2})?"
)
_PATTERNS: Final = tuple(
    re.compile(pattern.encode())
    for pattern in (
        _FRONT + r"(?P<all>(?P<y>\d{4})[-/](?P<m>\d\d)[-/](?P<d>\d\d)[T _]" + _CLOCK + _ZONE + ")",
        r"\S+ \S+ \S+ \[(?P<all>(?P<d>\d\d)/(?P<mon>[A-Z][a-z]{2})/(?P<y>\d{4})[: ]" + _CLOCK + _ZONE + ")",
        r"(?:\d{1,7}:[A-Z] )?\[?(?P<all>(?P<d>\d\d)[ /-](?P<mon>[A-Z][a-z]{2})[ /-](?P<y>\d{4})[ :]"
        + _CLOCK
        + _ZONE
        + ")",
        r"\[?[A-Z][a-z]{2} (?P<all>" + _NAMED_DAY + _CLOCK + r" (?P<y>\d{4}))\]?",
        r"[DIWEF](?P<all>(?P<m>\d\d)(?P<d>\d\d) " + _CLOCK + r")(?=\s)",
        r"(?:<\d{1,3}>)?(?P<all>" + _NAMED_DAY + _CLOCK + r")(?=\s)",
        r"[\[(]?(?P<all>(?P<epoch>\d{10}(?:\.\d{1,9})?|\d{13}|\d{16}|\d{19}))(?![\d.])",
    )
)
_ACCESS: Final = _PATTERNS[1]
_KEYED = re.compile(rb"(?:[\w.]{1,20}=(?:\"[^\"]{0,60}\"|[^\s\"]{0,60}) ){0,4}?(?P<key>(?:ts|time|timestamp)=\"?)")
_KEYS: Final = ("timestamp", "time", "@timestamp", "ts", "asctime", "datetime")


@dataclass(frozen=True, slots=True)
class Form:
    """Where a stamp stands in a line, and what each of its characters is.

    `template` has d for a digit, s for a digit or a space, m for a letter of a month's name, else the character
    itself. `fields` tells where year, month, day, hour, minute and second begin; -1 for a year that is not written.
    """

    anchor: bytes  # the text right before it, at its first place in the line; if that is empty, it stands at `offset`
    offset: int  # 0 with an anchor
    template: bytes
    fields: tuple[int, int, int, int, int, int]
    zone_s: int | None  # None: the wall clock of nobody knows where
    next: bytes  # the character behind it in the line where it was met
    met_at: int = field(default=0, compare=False)  # where it stood in that line
    is_epoch: bool = False  # seconds since 1970, or smaller units if there are more than ten digits

    @property
    def has_name(self) -> bool:
        """Whether the month is a name."""
        return b"m" in self.template


def form_of(line: bytes) -> Form | None:
    """Return the form of the stamp at the beginning of a line, or under a usual key of JSON or logfmt."""
    if line.startswith(b"{"):
        return _json_form(line)
    head = line[:_HEAD_CHARS]
    for pattern in _PATTERNS:
        match = pattern.match(head)
        if match is not None:
            return _form(match, b" [" if pattern is _ACCESS else b"", line)
    keyed = _KEYED.match(head)
    return _at(line, keyed.end("key"), keyed["key"]) if keyed is not None else None


def _json_form(line: bytes) -> Form | None:
    found = object_of(line) or {}
    key = next((key for key in _KEYS if isinstance(found.get(key), str | int | float)), None)
    if key is None:
        return None
    place = re.search(rb'"%s"[ ]?:[ ]?"?' % re.escape(key.encode()), line)
    return _at(line, place.end(), place[0]) if place is not None else None


def _at(line: bytes, begin: int, anchor: bytes) -> Form | None:
    for pattern in _PATTERNS:
        match = pattern.match(line, begin)
        if match is not None and match.start("all") == begin:
            return _form(match, anchor, line)
    return None


def _form(match: re.Match[bytes], anchor: bytes, line: bytes) -> Form:
    begin, end = match.span("all")
    groups = match.groupdict()
    template = bytearray(re.sub(rb"\d", b"d", match["all"]))
    following = line[end : end + 1]
    offset = 0 if anchor else begin
    if groups.get("epoch"):
        digits = match["epoch"].partition(b".")[0]
        following = line[begin + len(digits) :][:1]
        return Form(anchor, offset, b"d" * len(digits), (-1,) * 6, 0, following, met_at=begin, is_epoch=True)
    if groups.get("mon"):
        name = match.start("mon") - begin
        template[name : name + 3] = b"mmm"
    if groups.get("zone"):
        # A zone is not any zone: this one, to the letter.
        zone = match.start("zone") - begin
        template[zone:] = match["zone"]
    day = match.start("d") - begin
    template[day : day + 1] = b"s"
    clock = match.start("clock") - begin
    year = match.start("y") - begin if groups.get("y") else -1
    month = match.start("mon" if groups.get("mon") else "m") - begin
    zone_s = _zone_s(groups.get("zone"))
    fields = (year, month, day, clock, clock + 3, clock + 6)
    return Form(anchor, offset, bytes(template), fields, zone_s, following, met_at=begin)


def _zone_s(text: bytes | None) -> int | None:
    if not text:
        return None
    if not text[-1:].isdigit():
        return 0
    digits = text[1:].replace(b":", b"")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return int(ahead.total_seconds()) * (1 if text[:1] == b"+" else -1)
