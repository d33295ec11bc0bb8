"""The last part of a log file, as far back as a window needs; blocking, for a thread.

Files are rotated, truncated and removed while they are read. What was read before that stays true.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO

from crashcart.ports import FileInfo, Files
from crashcart.probes.log.asked import LogRecord
from crashcart.probes.log.lines import text_lines, unwrapped
from crashcart.probes.log.reading import Reading, ReadRecords
from crashcart.probes.log.records import LEVELS, RawRecord, begins_message, records, stamp_in
from crashcart.probes.log.stamps import Stamp, Zone, inferred

LIMIT_BYTES = 64 << 20
LONG_BYTES = 2 << 20  # from there on, half a second is saved with what loads in a tenth
_FIRST_BLOCK = 256 << 10
_LARGEST_BLOCK = 4 << 20
_COUNTED_BYTES = 64 << 20  # counting the lines in front takes 1 s for 1 GB; beyond this a line number is not worth it
_SLACK_S = 5.0  # processes that share a file write out of order by about this much
_UNKNOWN_ZONE_S = 14 * 3600.0
_PROBED_LINES = 200
_PROBED_BYTES = 256 << 10


def read_since(files: Files, path: str, *, start_s: float, zone: Zone | None) -> Reading:
    """Return the records of a file since `start_s`, and all whose moment is not known. Raises OSError.

    `zone` is what the system file says; without it, it is inferred from the last stamp.
    """
    info = files.stat(path)
    reading = _read(files, path, info, start_s, zone)
    after = files.stat(path)
    if after.identity != info.identity or after.size_bytes < info.size_bytes:
        # Rotated or truncated under our hands; once more, from what is there now.
        reading = _read(files, path, after, start_s, zone)
    return reading


def _read(files: Files, path: str, info: FileInfo, start_s: float, declared: Zone | None) -> Reading:
    written_s = info.modified_at.timestamp()
    begin = max(0, info.size_bytes - _FIRST_BLOCK)
    end = files.read(path, info.size_bytes - begin, offset=begin)
    last = _last_stamp(text_lines(unwrapped([end], is_whole=begin == 0)), written_s)
    zone = declared or (inferred(last, written_s=written_s) if last is not None else Zone())
    blocks, begin, is_enough = _blocks(files, path, info, start_s, zone)
    is_partial = not is_enough and begin > 0
    front = _line_number(files, path, begin, blocks)
    if sum(map(len, blocks)) >= LONG_BYTES:
        index = _indexed(path, blocks, zone, written_s, front, begin == 0, is_partial)
        if index is not None:
            return index
    found = tuple(records(text_lines(unwrapped(blocks, is_whole=begin == 0)), written_s=written_s))
    has_stamps = any(record.stamp is not None for record in found)
    written_at = _written_at_the_end(found, written_s) if not has_stamps else {}
    kept = tuple(_placed(found, zone, path, front, start_s, written_at))
    size_bytes = sum(len(record.text) + len(record.raw) for record in kept)
    return ReadRecords(path, kept, is_partial, has_stamps, size_bytes)


def _indexed(
    path: str, blocks: Sequence[bytes], zone: Zone, written_s: float, front: int, is_whole: bool, is_partial: bool
) -> Reading | None:
    # Loaded only where it saves more than the tenth of a second that this takes.
    from crashcart.probes.log.indexed import indexed

    data = BytesIO()  # what was gathered in it is not copied when it is taken out
    data.writelines(unwrapped(blocks, is_whole=is_whole))
    return indexed(path, data.getvalue(), zone=zone, written_s=written_s, front=front, is_partial=is_partial)


def _blocks(files: Files, path: str, info: FileInfo, start_s: float, zone: Zone) -> tuple[Sequence[bytes], int, bool]:
    """Return the blocks of the end of a file in order, where they begin, and whether they reach back far enough."""
    blocks: list[bytes] = []
    end, size = info.size_bytes, _FIRST_BLOCK
    is_enough = False
    while end > 0 and not is_enough and info.size_bytes - end < LIMIT_BYTES:
        begin = max(0, end - min(size, LIMIT_BYTES - (info.size_bytes - end)))
        blocks.append(files.read(path, end - begin, offset=begin))
        end, size = begin, min(2 * size, _LARGEST_BLOCK)
        is_enough = _is_older(blocks[-1], end == 0, start_s, zone, info.modified_at.timestamp())
    return blocks[::-1], end, is_enough


def _is_older(block: bytes, is_first: bool, start_s: float, zone: Zone, written_s: float) -> bool:
    """Say whether a block begins before the window, by the first stamp in it."""
    lines = unwrapped([block[:_PROBED_BYTES]], is_whole=is_first)
    for number, line in enumerate(text_lines(lines)):
        stamp = stamp_in(line, written_s=written_s)
        if stamp is not None:
            at_s = zone.seconds(stamp)
            return at_s < start_s - _SLACK_S if at_s is not None else stamp.seconds < start_s - _UNKNOWN_ZONE_S
        if number >= _PROBED_LINES:
            break
    return False


def _last_stamp(lines: Iterator[str], written_s: float) -> Stamp | None:
    for line in reversed(list(lines)[-_PROBED_LINES:]):
        stamp = stamp_in(line, written_s=written_s)
        if stamp is not None:
            return stamp
    return None


def _line_number(files: Files, path: str, begin: int, blocks: Sequence[bytes]) -> int:
    """Return the number of the first whole line that was read, 0 when it is not worth counting."""
    if begin == 0:
        return 1
    if begin > _COUNTED_BYTES:
        return 0
    before = 0
    at = 0
    while at < begin and (block := files.read(path, min(_LARGEST_BLOCK, begin - at), offset=at)):
        before += block.count(b"\n")
        at += len(block)
    return before + 2  # lines before, the half line that was dropped, and counting from 1


def _written_at_the_end(found: Sequence[RawRecord], written_s: float) -> Mapping[int, float]:
    """Return the moments, by line, of the last message of a file without stamps, if it is a warning or worse.

    It was written when the file was. Its further lines look like records of their own, so all that follows counts as
    that message; behind an INFO that may as well be prints of any age.
    """
    last = next((place for place in range(len(found) - 1, -1, -1) if begins_message(found[place])), len(found))
    is_trouble = last < len(found) and found[last].level >= LEVELS.index("warning")
    return {record.line: written_s for record in found[last:]} if is_trouble else {}


def _placed(
    found: Sequence[RawRecord], zone: Zone, path: str, front: int, start_s: float, known: Mapping[int, float]
) -> Iterator[LogRecord]:
    """Give each record its moment, that of the one above if it has none, and leave out those before the window."""
    first = next((record.stamp for record in found if record.stamp is not None), None)
    stamp = first
    for record in found:
        stamp = record.stamp or stamp
        at_s = zone.seconds(stamp) if stamp is not None else known.get(record.line)
        if at_s is None or at_s >= start_s:
            yield LogRecord(record.text, record.raw, at_s, record.level, path, record.line + front if front else 0)
