"""Stamps of one form, read in all lines of a block at once: eight characters at a time, without a loop over lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from crashcart.logs import loops
from crashcart.logs.loops.plain import words_at
from crashcart.logs.loops.stamp import Stamp
from crashcart.logs.shape.forms import Form
from crashcart.logs.shape.lines import Offsets

UNDATED: Final = np.iinfo(np.int64).min
_WORD: Final = 8
_DAY_S: Final = 86_400
_EARLIEST_S, _LATEST_S = 946_684_800, 4_102_444_800  # 2000 and 2100: other numbers are no times
_MONTHS: Final = b"JanFebMarAprMayJunJulAugSepOctNovDec"
_MONTH_KEYS: Final = np.array([int.from_bytes(_MONTHS[at : at + 3], "little") for at in range(0, 36, 3)], np.int64)
_MONTH_ORDER: Final = np.argsort(_MONTH_KEYS)
_MONTH_DAYS: Final = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)

Bools = npt.NDArray[np.bool_]


class Reader:
    """Reads the stamps of one form."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.size = len(form.template)
        # More digits, or a zone, would make it another form; unless the very line it was met in goes on so.
        goes_on = np.zeros(256, np.bool_)
        goes_on[list(b"0123456789Z+-" + (b"" if b"." in form.template or b"," in form.template else b".,"))] = True
        goes_on[list(form.next)] = False
        # All but the seconds and their parts: where these are equal, two stamps are of the same minute.
        rows = [(*_mask(form.template, at), self._of_minute(at)) for at in range(0, self.size, _WORD)]
        masks = np.array([[int.from_bytes(part, "little") for part in row] for row in rows], np.uint64)
        self.stamp = Stamp(masks, self.size, goes_on.tobytes(), -1 if form.is_epoch else form.fields[5])

    def read(self, data: bytes, begins: Offsets, *, written_s: float) -> Offsets:
        """Return seconds since 1970 for stamps that begin there, UNDATED where none does.

        Without a zone, as if the clock on the wall were that of UTC; without a year, so that none is later than two
        days after `written_s`.
        """
        found = np.full(len(begins), UNDATED, np.int64)
        inside, second, first = loops.stamps(data, begins, self.stamp)
        places = begins[inside]
        if len(places):
            found[inside] = (
                self._epoch_s(data, places)
                if self.form.is_epoch
                else self._wall_s(data, places, second, first, written_s)
            )
        return found

    def _of_minute(self, at: int) -> bytes:
        second = self.form.fields[5]
        bits = bytearray(b"\xff" * self.size)
        while 0 <= second < self.size and chr(self.form.template[second]) in "d.,":
            bits[second] = 0
            second += 1
        return bytes(bits[at : at + _WORD])

    def _epoch_s(self, data: bytes, places: Offsets) -> Offsets:
        whole = np.zeros(len(places), np.int64)
        chars = np.frombuffer(data, np.uint8)
        for at in range(10):  # what follows are parts of a second
            whole = whole * 10 + (chars[places + at] & 0x0F)
        return np.where((whole >= _EARLIEST_S) & (whole < _LATEST_S), whole, UNDATED)

    def _wall_s(self, data: bytes, places: Offsets, second: Offsets, first: Offsets, written_s: float) -> Offsets:
        """Read minutes once where several lines have the same, as most lines in a row have."""
        minutes = self._minutes_s(data, places[first], written_s)
        seconds = np.repeat(minutes, np.diff(np.append(first, len(places))))
        return np.where((second <= 60) & (seconds != UNDATED), seconds + np.minimum(second, 59), UNDATED)

    def _minutes_s(self, data: bytes, places: Offsets, written_s: float) -> Offsets:
        """Return the second at which the minute of each stamp begins."""
        year_at, month_at, day_at, hour_at, minute_at, _ = self.form.fields
        chars = np.frombuffer(data, np.uint8)
        day = _two(chars, places + day_at)
        month = _named(chars, places + month_at) if self.form.has_name else _two(chars, places + month_at)
        if year_at < 0:
            year = np.full(len(places), datetime.fromtimestamp(written_s, UTC).year)
        else:
            year = 100 * _two(chars, places + year_at) + _two(chars, places + year_at + 2)
        hour, minute = _two(chars, places + hour_at), _two(chars, places + minute_at)
        is_time = (hour < 24) & (minute < 60) & (month >= 1) & (month <= 12)
        month = np.where(is_time, month, 1)
        is_time &= (day >= 1) & (day <= _days_in(year, month))
        days = _days(year, month, day)
        if year_at < 0:  # December's lines, read in January
            is_late = days * _DAY_S + hour * 3600 > written_s + 2 * _DAY_S
            days = np.where(is_late, _days(year - 1, month, day), days)
        return np.where(is_time, days * _DAY_S + hour * 3600 + minute * 60 - (self.form.zone_s or 0), UNDATED)


def _mask(template: bytes, begin: int) -> tuple[bytes, bytes, bytes]:
    """Return what eight characters must look like: the bits that are given, what they are, the lower half of digits."""
    fixed, value, digit = bytearray(_WORD), bytearray(_WORD), bytearray(_WORD)
    for at, char in enumerate(template[begin : begin + _WORD]):
        if char == ord("d"):
            fixed[at], value[at], digit[at] = 0xF0, 0x30, 0x0F
        elif char not in b"sm":
            fixed[at], value[at] = 0xFF, char
    return bytes(fixed), bytes(value), bytes(digit)


def follows(data: bytes, text: bytes, places: Offsets) -> Bools:
    """Say where the last eight bytes of a text, or all if it is shorter, stand right before a place."""
    tail = text[-_WORD:]
    found = np.zeros(len(places), np.bool_)
    inside = np.flatnonzero((places >= len(tail)) & (places <= len(data)))
    words = words_at(data, places[inside] - len(tail), len(tail)) & np.uint64((1 << 8 * len(tail)) - 1)
    found[inside] = words == np.uint64(int.from_bytes(tail, "little"))
    return found


def _two(chars: npt.NDArray[np.uint8], places: Offsets) -> Offsets:
    """Return the number in two characters; a space counts as nought, and as its lower half is nought anyway."""
    found: Offsets = (chars[places] & 0x0F).astype(np.int64) * 10 + (chars[places + 1] & 0x0F)
    return found


def _named(chars: npt.NDArray[np.uint8], places: Offsets) -> Offsets:
    key = chars[places].astype(np.int64)
    key += chars[places + 1].astype(np.int64) << 8
    key += chars[places + 2].astype(np.int64) << 16
    at = np.minimum(np.searchsorted(_MONTH_KEYS, key, sorter=_MONTH_ORDER), 11)
    month = _MONTH_ORDER[at]
    found: Offsets = np.where(_MONTH_KEYS[month] == key, month + 1, 0)
    return found


def _days_in(year: Offsets, month: Offsets) -> Offsets:
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    found: Offsets = _MONTH_DAYS[month] - ((month == 2) & ~is_leap)
    return found


def _days(year: Offsets, month: Offsets, day: Offsets) -> Offsets:
    """Return days since 1970-01-01; the year begins in March here, so that leap days come last."""
    march_year = year - (month <= 2)
    leaps = march_year // 4 - march_year // 100 + march_year // 400
    found: Offsets = 365 * march_year + leaps + (153 * ((month + 9) % 12) + 2) // 5 + day - 719_469
    return found
