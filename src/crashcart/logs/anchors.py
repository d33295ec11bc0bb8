"""Numbers behind a known text: response codes and durations, read from many lines at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from crashcart.logs.shape.lines import Offsets

_WIDTH: Final = 24  # bytes behind the anchor: the number, a blank and its unit
_DIGITS: Final = 16

_UNIT = rb"(?P<unit>ms|us|\xc2\xb5s|ns|s|secs?|seconds?|milliseconds?|msec)"
# Nothing stands in front of these words: a pattern that begins with "any letters" is tried at every one of them.
_KEY = re.compile(
    rb"(?P<anchor>(?:duration|elapsed|latency|took|response_?time|request_?time|process_?time|run_?time|time_taken)"
    rb"(?P<suffix>_?(?:ms|us|ns|s|secs?|seconds|milliseconds|msec))?\"?(?:[ ]?[=:][ ]?\"?|[ ]))"
    rb"(?P<number>\d{1,12}(?:\.\d+)?)[ ]?" + _UNIT + rb"?(?![\w.])",
    re.I,
)
_SPOKEN = re.compile(rb"(?P<anchor> in )(?P<number>\d{1,12}(?:\.\d+)?)[ ]?" + _UNIT + rb"(?!\w)")
_LAST = re.compile(rb"(?P<anchor>[ ])(?P<number>\d{1,9}\.\d+|\d{1,9}(?=ms))(?P<unit>ms|s|us)\Z")
_KEY_WORDS: Final = (b"duration", b"elapsed", b"latency", b"took", b"time")
_STATUS: Final = (
    re.compile(rb"(?P<anchor>\" )(?P<code>[1-5]\d\d)(?: |\Z)"),
    re.compile(
        rb"(?P<anchor>\"?\b(?:http_|http\.|response_)?status(?:_code|Code)?\"?[ ]?[=:][ ]?\"?)(?P<code>[1-5]\d\d)\b"
    ),
)
_FACTOR: Final = {b"n": 1e-9, b"u": 1e-6, b"\xc2": 1e-6, b"m": 1e-3, b"s": 1.0}
_THOUSANDTHS = re.compile(rb"\d+\.\d{3,}\Z")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The text in front of a number. `unit_s` is what the number counts where no unit follows it; 0: skip it."""

    text: bytes
    is_last: bool = False  # at its last place in the line
    unit_s: float = 1.0


def status_anchor(line: bytes) -> Anchor | None:
    """Return what stands in front of the response code of such lines."""
    found = next((match for pattern in _STATUS if (match := pattern.search(line))), None)
    return Anchor(found["anchor"]) if found is not None else None


def duration_anchor(line: bytes) -> Anchor | None:
    """Return what stands in front of the duration of such lines.

    A bare whole number may be anything; one with thousandths is seconds, as nginx and most libraries write it.
    """
    small = line.lower()
    found = _KEY.search(line) if any(word in small for word in _KEY_WORDS) else None
    found = found or (_SPOKEN.search(line) if b" in " in line else None)
    found = found or _LAST.match(line, line.rfind(b" "))
    if found is None:
        return None
    suffix = (found.groupdict().get("suffix") or b"").lstrip(b"_").lower()
    unit = found["unit"] or suffix
    if not unit and not _THOUSANDTHS.match(found["number"]):
        return None
    default = _FACTOR.get(suffix[:1], 1.0 if _THOUSANDTHS.match(found["number"]) else 0.0)
    return Anchor(found["anchor"], found.re is _LAST, default)


def places(data: bytes, anchor: Anchor, starts: Offsets, ends: Offsets) -> Offsets:
    """Return where the number begins in each line, -1 where the anchor is missing."""
    find, text = data.rfind if anchor.is_last else data.find, anchor.text
    found = [find(text, start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    at = np.array(found, np.int64)
    return np.where(at < 0, -1, at + len(text))


def codes(data: bytes, at: Offsets) -> Offsets:
    """Return the three digits that stand in these places; 0 where there are none."""
    digits = _window(data, at, 3).astype(np.int64) - ord("0")
    is_code = ((digits >= 0) & (digits <= 9)).all(axis=1) & (at >= 0)
    found: Offsets = np.where(is_code, digits @ np.array([100, 10, 1]), 0)
    return found


def durations(data: bytes, anchor: Anchor, at: Offsets, ends: Offsets) -> npt.NDArray[np.float64]:
    """Return the seconds that stand in these places; NaN where there is no number, or nobody knows of what."""
    chars = _window(data, at, _WIDTH)
    chars[np.arange(_WIDTH) + at[:, None] >= ends[:, None]] = 0
    value, behind = _numbers(chars)
    rows = np.arange(len(at))
    behind = np.where(chars[rows, np.minimum(behind, _WIDTH - 1)] == ord(" "), behind + 1, behind)
    first, second, third = (chars[rows, np.minimum(behind + step, _WIDTH - 1)] for step in range(3))
    unit = np.full(len(at), anchor.unit_s)
    unit[first == ord("s")] = 1.0
    unit[(first == ord("m")) & ((second == ord("s")) | ((second == ord("i")) & (third == ord("l"))))] = 1e-3
    unit[((first == ord("u")) | (first == 0xC2)) & (second != 0)] = 1e-6
    unit[(first == ord("n")) & (second == ord("s"))] = 1e-9
    found: npt.NDArray[np.float64] = np.where((at >= 0) & (unit > 0) & ~np.isnan(value), value * unit, np.nan)
    return found


def _numbers(chars: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.float64], Offsets]:
    """Return the decimal number at the beginning of each row, NaN for none, and where it ends."""
    size = len(chars)
    value, scale = np.zeros(size), np.ones(size)
    is_open, has_point, seen = np.ones(size, np.bool_), np.zeros(size, np.bool_), np.zeros(size, np.int64)
    end = np.zeros(size, np.int64)
    for column in range(_DIGITS):
        char = chars[:, column]
        is_digit = is_open & (char - ord("0") <= 9)  # below "0" it wraps around
        is_point = is_open & (char == ord(".")) & ~has_point & (seen > 0)
        value = np.where(is_digit, value * 10 + (char - ord("0")), value)
        scale = np.where(is_digit & has_point, scale * 10, scale)
        seen += is_digit
        has_point |= is_point
        is_open = is_digit | is_point
        end += is_open
    return np.where(seen > 0, value / scale, np.nan), end


def _window(data: bytes, at: Offsets, width: int) -> npt.NDArray[np.uint8]:
    whole = np.frombuffer(data, np.uint8)
    index = np.maximum(at, 0)[:, None] + np.arange(width)
    found = whole[np.minimum(index, len(whole) - 1)]
    found[index >= len(whole)] = 0
    return found
