"""The inner loops as array work: what `library` does in C, where that was not built."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from crashcart.logs.loops.stamp import Stamp

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]

# Measured: pieces that stay in the second-level cache are a tenth faster than a whole block of 4 MiB at once.
_PIECE: Final = 128 << 10
_WORD: Final = 8
_WIDTH: Final = 24  # bytes behind the anchor: the number, a blank and its unit
_DIGITS: Final = 16


def line_ends(data: bytes) -> Ints:
    """Return the offset of the end of each line: of its newline, or the end of the data if that is missing."""
    whole = np.frombuffer(data, np.uint8)
    is_end = np.empty(min(_PIECE, len(whole)), np.bool_)
    parts = []
    for at in range(0, len(whole), _PIECE):
        piece = whole[at : at + _PIECE]
        parts.append(np.flatnonzero(np.equal(piece, 10, out=is_end[: len(piece)])) + at)
    if data and data[-1] != 10:
        parts.append(np.array([len(data)]))
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def lines_before(data: bytes, places: Ints) -> Ints:
    """Return how many lines end before each of some ascending places: for a few, in half the time of `line_ends`."""
    whole = np.frombuffer(data, np.uint8)
    is_end = np.empty(min(_PIECE, len(whole)), np.bool_)
    found = np.empty(len(places), np.int64)
    lines = done = 0
    for at in range(0, len(whole), _PIECE):
        piece = whole[at : at + _PIECE]
        mask = np.equal(piece, 10, out=is_end[: len(piece)])
        counted = 0
        while done < len(places) and places[done] <= at + len(piece):
            place = int(places[done]) - at
            lines += int(np.count_nonzero(mask[counted:place]))
            counted = place
            found[done] = lines
            done += 1
        lines += int(np.count_nonzero(mask[counted:]))
    found[done:] = lines
    return found


def find(data: bytes, text: bytes, begins: Ints, ends: Ints, *, is_last: bool = False) -> Ints:
    """Return where a text first (or last) begins in each range, -1 for nowhere."""
    search = data.rfind if is_last else data.find
    found = [search(text, begin, end) for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
    return np.array(found, np.int64)


# --- stamps -----------------------------------------------------------------------------------------------------------


def stamps(data: bytes, places: Ints, stamp: Stamp) -> tuple[Ints, Ints, Ints]:
    """Return which of the places hold such a stamp, the second of each, and which of these begin another minute."""
    inside = np.flatnonzero((places >= 0) & (places + stamp.length <= len(data)))
    here = places[inside]
    words: list[Words] = []
    for number, (fixed, value, digit, _) in enumerate(stamp.masks):
        at = _WORD * number
        word = words_at(data, here + at, min(_WORD, stamp.length - at))
        # A digit's lower half plus six runs over into bit four exactly when it is above nine.
        over = ((word & digit) + (digit & np.uint64(0x0606060606060606))) & np.uint64(0x1010101010101010)
        fits = ((word & fixed) == value) & (over == 0)
        words.append(word)
        if not fits.all():
            inside, here, words = inside[fits], here[fits], [word[fits] for word in words]
    behind = here + stamp.length
    is_end = behind >= len(data)
    goes_on = np.frombuffer(stamp.goes_on, np.bool_)
    is_whole = is_end | ~goes_on[np.frombuffer(data, np.uint8)[np.where(is_end, 0, behind)]]
    if not is_whole.all():
        inside, here, words = inside[is_whole], here[is_whole], [word[is_whole] for word in words]
    if not len(inside):
        return inside, inside, inside
    is_new = np.empty(len(inside), np.bool_)
    is_new[0] = True
    differs = np.zeros(len(inside) - 1, np.uint64)
    for word, (*_, minute) in zip(words, stamp.masks, strict=True):
        differs |= (word[1:] ^ word[:-1]) & minute
    np.not_equal(differs, 0, out=is_new[1:])
    chars = np.frombuffer(data, np.uint8)
    second = np.zeros(len(inside), np.int64)
    if stamp.second >= 0:
        second += (chars[here + stamp.second] & 0x0F).astype(np.int64) * 10 + (chars[here + stamp.second + 1] & 0x0F)
    return inside, second, np.flatnonzero(is_new)


def words_at(data: bytes, places: Ints, size: int) -> Words:
    """Return eight bytes at each place, of which `size` lie within the data."""
    padded = data if len(data) >= _WORD else data + bytes(_WORD)
    words: Words = np.ndarray(len(padded) - _WORD + 1, "<u8", padded, 0, (1,))
    late = np.maximum(places - (len(padded) - _WORD), 0)
    found: Words = words[places - late]
    return found >> (late.astype(np.uint64) * np.uint64(8)) if size < _WORD else found


# --- durations --------------------------------------------------------------------------------------------------------


def durations(data: bytes, places: Ints, ends: Ints, *, unit_s: float) -> Floats:
    """Return the seconds that stand at these places: a number and its unit, or `unit_s` where none follows (0: skip
    it); NaN where there is no number, or nobody knows of what."""
    chars = window(data, places, _WIDTH)
    chars[np.arange(_WIDTH) + places[:, None] >= ends[:, None]] = 0
    value, behind = _numbers(chars)
    rows = np.arange(len(places))
    behind = np.where(chars[rows, np.minimum(behind, _WIDTH - 1)] == ord(" "), behind + 1, behind)
    first, second, third = (chars[rows, np.minimum(behind + step, _WIDTH - 1)] for step in range(3))
    unit = np.full(len(places), unit_s)
    unit[first == ord("s")] = 1.0
    unit[(first == ord("m")) & ((second == ord("s")) | ((second == ord("i")) & (third == ord("l"))))] = 1e-3
    unit[((first == ord("u")) | (first == 0xC2)) & (second != 0)] = 1e-6
    unit[(first == ord("n")) & (second == ord("s"))] = 1e-9
    found: Floats = np.where((places >= 0) & (unit > 0) & ~np.isnan(value), value * unit, np.nan)
    return found


def window(data: bytes, at: Ints, width: int) -> npt.NDArray[np.uint8]:
    """Return so many bytes from each place on; 0 behind the end of the data."""
    whole = np.frombuffer(data, np.uint8)
    index = np.maximum(at, 0)[:, None] + np.arange(width)
    found = whole[np.minimum(index, len(whole) - 1)]
    found[index >= len(whole)] = 0
    return found


def _numbers(chars: npt.NDArray[np.uint8]) -> tuple[Floats, Ints]:
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
