"""The end of a file to its lines, as text. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crashcart.logs.unwrap import Unwrapper
from crashcart.probes.log.records import RECORD_CHARS


def unwrapped(blocks: Iterable[bytes], *, is_whole: bool) -> Iterator[bytes]:
    """Yield pieces of whole lines, as their program wrote them. Unless the file is whole, the first line is half a line,
    and left out; of a line that goes over several blocks there is the length of a record."""
    unwrapper = Unwrapper()
    rest = b""
    is_half = not is_whole
    for block in blocks:
        end = block.rfind(b"\n") + 1
        if end:
            begin = block.find(b"\n") + 1 if is_half else 0
            if begin < end:
                yield unwrapper.feed(rest + block[begin:end])
            rest, is_half = b"", False
        if not is_half and len(rest) < RECORD_CHARS:
            rest += block[end:][:RECORD_CHARS]
    if rest:
        yield unwrapper.feed(rest)


def text_lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines, each cut at the length of a record."""
    for lines in pieces:
        at = 0
        while at < len(lines):
            end = lines.find(b"\n", at)
            end = end if end >= 0 else len(lines)
            yield _text(lines[at : min(end, at + RECORD_CHARS)])
            at = end + 1


def _text(line: bytes) -> str:
    if len(line) >= RECORD_CHARS:
        # Drop the word at the cut: half a secret is one that nobody recognises.
        line = line[:RECORD_CHARS]
        line = line[: max(line.rfind(b" ", RECORD_CHARS - 4096), RECORD_CHARS - 4096)]
    return line.decode("utf-8", "replace").rstrip("\r")
