"""Blocks of a file to its lines, as text. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crashcart.probes.log.records import RECORD_CHARS


def text_lines(blocks: Sequence[bytes], *, is_whole: bool) -> Iterator[str]:
    """Yield the lines, each cut at the length of a record. Unless the file is whole, the first line is half a line."""
    rest = b""
    is_half = not is_whole
    for block in blocks:
        *lines, last = block.split(b"\n")
        for line in lines:
            if not is_half:
                yield _text(rest + line[:RECORD_CHARS])
            rest, is_half = b"", False
        if len(rest) < RECORD_CHARS:
            rest += last[:RECORD_CHARS]
    if rest and not is_half:
        yield _text(rest)


def _text(line: bytes) -> str:
    if len(line) >= RECORD_CHARS:
        # Drop the word at the cut: half a secret is one that nobody recognises.
        line = line[:RECORD_CHARS]
        line = line[: max(line.rfind(b" ", RECORD_CHARS - 4096), RECORD_CHARS - 4096)]
    return line.decode("utf-8", "replace").rstrip("\r")
