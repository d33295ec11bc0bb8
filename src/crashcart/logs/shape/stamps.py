"""Stamps of one form, read in all lines of a block at once: eight characters at a time, without a loop over lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt

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
Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class _Mask:
    """What a word of eight characters must look like."""

    fixed: np.uint64  # the bits that are given: all of a literal, the upper half of a digit
    value: np.uint64
    digit: np.uint64  # the lower half of each digit

    @classmethod
    def of(cls, template: bytes) -> _Mask:
        fixed, value, digit = bytearray(_WORD), bytearray(_WORD), bytearray(_WORD)
        for at, char in enumerate(template):
            if char == ord("d"):
                fixed[at], value[at], digit[at] = 0xF0, 0x30, 0x0F
            elif char not in b"sm":
                fixed[at], value[at] = 0xFF, char
        return cls(*(np.uint64(int.from_bytes(part, "little")) for part in (fixed, value, digit)))

    def fits(self, words: Words) -> Bools:
        # A digit's lower half plus six runs over into bit four exactly when it is above nine.
        over = ((words & self.digit) + (self.digit & np.uint64(0x0606060606060606))) & np.uint64(0x1010101010101010)
        found: Bools = ((words & self.fixed) == self.value) & (over == 0)
        return found


class Reader:
    """Reads the stamps of one form."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.size = len(form.template)
        self._masks = [(at, _Mask.of(form.template[at : at + _WORD])) for at in range(0, self.size, _WORD)]
        # All but the seconds and their parts: where these are equal, two stamps are of the same minute.
        self._minutes = [np.uint64(int.from_bytes(self._of_minute(at), "little")) for at in range(0, self.size, _WORD)]
        # More digits, or a zone, would make it another form; unless the very line it was met in goes on so.
        self._goes_on = np.zeros(256, np.bool_)
        self._goes_on[list(b"0123456789Z+-" + (b"" if b"." in form.template or b"," in form.template else b".,"))] = (
            True
        )
        self._goes_on[list(form.next)] = False

    def read(self, data: bytes, begins: Offsets, *, written_s: float) -> Offsets:
        """Return seconds since 1970 for stamps that begin there, UNDATED where none does.

        Without a zone, as if the clock on the wall were that of UTC; without a year, so that none is later than two
        days after `written_s`.
        """
        found = np.full(len(begins), UNDATED, np.int64)
        inside = np.flatnonzero((begins >= 0) & (begins + self.size <= len(data)))
        places = begins[inside]
        words: list[Words] = []
        for at, mask in self._masks:
            word = _words(data, places + at, min(_WORD, self.size - at))
            fits = mask.fits(word)
            words.append(word)
            if not fits.all():
                inside, places, words = inside[fits], places[fits], [word[fits] for word in words]
        behind = places + self.size
        is_end = behind >= len(data)
        is_whole = is_end | ~self._goes_on[np.frombuffer(data, np.uint8)[np.where(is_end, 0, behind)]]
        if not is_whole.all():
            inside, places, words = inside[is_whole], places[is_whole], [word[is_whole] for word in words]
        if len(places):
            found[inside] = (
                self._epoch_s(data, places) if self.form.is_epoch else self._wall_s(data, places, words, written_s)
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

    def _wall_s(self, data: bytes, places: Offsets, words: list[Words], written_s: float) -> Offsets:
        """Read minutes once where several lines have the same, as most lines in a row have."""
        is_new = np.empty(len(places), np.bool_)
        is_new[0] = True
        differs = np.zeros(len(places) - 1, np.uint64)
        for word, minute in zip(words, self._minutes, strict=True):
            differs |= (word[1:] ^ word[:-1]) & minute
        np.not_equal(differs, 0, out=is_new[1:])
        first = np.flatnonzero(is_new)
        minutes = self._minutes_s(data, places[first], written_s)
        number, shift = divmod(self.form.fields[5], _WORD)
        if shift < _WORD - 1:
            second = _digits(words[number], shift)
        else:
            second = _two(np.frombuffer(data, np.uint8), places + self.form.fields[5])
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


def follows(data: bytes, text: bytes, places: Offsets) -> Bools:
    """Say where the last eight bytes of a text, or all if it is shorter, stand right before a place."""
    tail = text[-_WORD:]
    found = np.zeros(len(places), np.bool_)
    inside = np.flatnonzero((places >= len(tail)) & (places <= len(data)))
    words = _words(data, places[inside] - len(tail), len(tail)) & np.uint64((1 << 8 * len(tail)) - 1)
    found[inside] = words == np.uint64(int.from_bytes(tail, "little"))
    return found


def _words(data: bytes, places: Offsets, size: int) -> Words:
    """Return eight bytes at each place, of which `size` lie within the data."""
    padded = data if len(data) >= _WORD else data + bytes(_WORD)
    words: Words = np.ndarray(len(padded) - _WORD + 1, "<u8", padded, 0, (1,))
    late = np.maximum(places - (len(padded) - _WORD), 0)
    found: Words = words[places - late]
    return found >> (late.astype(np.uint64) * np.uint64(8)) if size < _WORD else found


def _digits(words: Words, at: int) -> Offsets:
    tens, ones = np.uint64(8 * at), np.uint64(8 * at + 8)
    low = np.uint64(0x0F)
    found: Offsets = (((words >> tens) & low) * np.uint64(10) + ((words >> ones) & low)).view(np.int64)
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
