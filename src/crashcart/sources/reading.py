"""Files, whole, as blocks. Whatever is wrong with one is told, and the others are read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from io import FileIO
from typing import Final

from crashcart.sources.block import Item, Trouble, TroubleKind
from crashcart.sources.compressed import Damaged, is_compressed, plain
from crashcart.sources.cut import Cutter, Stream
from crashcart.sources.names import STDIN

_PROBED_BYTES: Final = 8192
_BINARY_SHARE: Final = 0.05
_PACKED_BYTES: Final = 1 << 16  # of compressed data at a time: they become ten times as many
# Control characters but for tab, the ends of lines and pages, and the one that begins a colour.
_CONTROL: Final = bytes(code for code in range(32) if code not in b"\t\n\v\f\r\b\x1b")


def read(files: Iterable[str], *, stdin: Stream | None = None) -> Iterator[Item]:
    """Yield the blocks of each file, and what was wrong with it. `stdin` is read where a file is called `-`."""
    for file in files:
        if file == STDIN and stdin is not None:
            yield from read_stream(stdin, STDIN)
        else:
            yield from _read_file(file)


def read_stream(stream: Stream, file: str) -> Iterator[Item]:
    """Yield the blocks of an open stream, compressed or not."""
    cutter = Cutter(file)
    try:
        yield from _fed(cutter, stream)
    except OSError as error:
        yield Trouble(TroubleKind.UNREADABLE, file, error.strerror or str(error))
    except Damaged as error:
        yield Trouble(TroubleKind.DAMAGED, file, str(error))
    yield from cutter.finish()


def open_file(file: str) -> FileIO | Trouble:
    """Open a regular file for reading, or say why that cannot be."""
    try:
        # Without O_NONBLOCK, opening a pipe that nobody writes to would never return.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except FileNotFoundError:
        return Trouble(TroubleKind.MISSING, file, "no such file")
    except OSError as error:
        return Trouble(TroubleKind.UNREADABLE, file, error.strerror or str(error))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return Trouble(TroubleKind.NOT_A_FILE, file, "not a regular file: reading it would take lines from others")
    return FileIO(descriptor)


def is_binary(begin: bytes) -> bool:
    """Say whether bytes are no text. Zeros at the very beginning are what truncating a log in use leaves."""
    text = begin.lstrip(b"\0")
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True  # UTF-16
    return len(text) - len(text.translate(None, _CONTROL)) > _BINARY_SHARE * len(text)


def _read_file(file: str) -> Iterator[Item]:
    opened = open_file(file)
    if isinstance(opened, Trouble):
        yield opened
        return
    with opened:
        expected = os.fstat(opened.fileno()).st_size
        yield from read_stream(opened, file)
        if os.fstat(opened.fileno()).st_size < expected:
            yield Trouble(TroubleKind.SHRUNK, file, "it was truncated while it was read")


def _fed(cutter: Cutter, stream: Stream) -> Iterator[Item]:
    begin = bytearray(_PROBED_BYTES)
    begin = begin[: stream.readinto(memoryview(begin)) or 0]
    pieces = plain(_pieces(bytes(begin), stream)) if is_compressed(begin) else iter((bytes(begin),))
    for number, piece in enumerate(pieces):
        if number == 0 and is_binary(piece[:_PROBED_BYTES]):
            yield Trouble(TroubleKind.BINARY, cutter.file, "this is no text")
            return
        yield from cutter.feed(piece)
    while cutter.fill(stream):
        yield from cutter.blocks()


def _pieces(begin: bytes, stream: Stream) -> Iterator[bytes]:
    yield begin
    buffer = bytearray(_PACKED_BYTES)
    while size := stream.readinto(memoryview(buffer)):
        yield bytes(buffer[:size])
