"""Numbers behind a known text: response codes and durations, read from many lines at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from crashcart.logs import loops
from crashcart.logs.loops.plain import window
from crashcart.logs.shape.lines import Offsets

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
    at = loops.find(data, anchor.text, starts, ends, is_last=anchor.is_last)
    return np.where(at < 0, -1, at + len(anchor.text))


def codes(data: bytes, at: Offsets) -> Offsets:
    """Return the three digits that stand in these places; 0 where there are none."""
    digits = window(data, at, 3).astype(np.int64) - ord("0")
    is_code = ((digits >= 0) & (digits <= 9)).all(axis=1) & (at >= 0)
    found: Offsets = np.where(is_code, digits @ np.array([100, 10, 1]), 0)
    return found


def durations(data: bytes, anchor: Anchor, at: Offsets, ends: Offsets) -> npt.NDArray[np.float64]:
    """Return the seconds that stand in these places; NaN where there is no number, or nobody knows of what."""
    return loops.durations(data, at, ends, unit_s=anchor.unit_s)
