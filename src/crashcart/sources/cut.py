"""Bytes as they come, cut into blocks of whole lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from crashcart.sources.block import BLOCK_BYTES, Block, Item, Trouble, TroubleKind


class Stream(Protocol):
    """What bytes are read from."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Read into the buffer, and return how many bytes; 0 or None when there are none now."""
        ...


class Cutter:
    """Gathers the bytes of one file in a buffer of one block."""

    def __init__(self, file: str, *, offset: int = 0, block_bytes: int = BLOCK_BYTES) -> None:
        self.file = file
        self._offset = offset  # of the buffer's first byte
        # One buffer for all blocks: fresh memory for each would cost more than the copy out of it.
        self._buffer = bytearray(block_bytes)
        self._view = memoryview(self._buffer)
        self._filled = 0
        self._is_skipping = False  # the rest of a long line
        self._is_counted = False
        self._long_lines = 0

    def fill(self, stream: Stream, *, most: int = BLOCK_BYTES) -> int:
        """Read what there is room for, and return how many bytes came. Take the blocks before the next."""
        room = self._view[self._filled : self._filled + most]
        size = stream.readinto(room) or 0
        self._filled += size
        return size

    def feed(self, data: bytes) -> Iterator[Block]:
        """Yield the blocks that become full with these bytes."""
        at = 0
        while at < len(data):
            size = min(len(data) - at, len(self._buffer) - self._filled)
            self._view[self._filled : self._filled + size] = data[at : at + size]
            self._filled += size
            at += size
            yield from self.blocks()

    def blocks(self) -> Iterator[Block]:
        """Yield the whole lines, if the buffer is full."""
        self._skip()
        if self._filled < len(self._buffer):
            return
        whole = list(self.whole_lines())
        yield from whole
        if not whole:
            yield self._taken(self._filled)
            self._is_skipping, self._is_counted = True, False

    def whole_lines(self) -> Iterator[Block]:
        """Yield the lines that are complete, though the buffer is not full."""
        self._skip()
        end = self._buffer.rfind(b"\n", 0, self._filled) + 1
        if end:
            yield self._taken(end)

    def finish(self) -> Iterator[Item]:
        """Yield what is left, its last line complete or not, and how many lines were cut."""
        self._skip()
        if self._filled:
            yield self._taken(self._filled)
        if self._long_lines:
            detail = f"{self._long_lines} lines are longer than {len(self._buffer)} bytes; the rest of them was skipped"
            yield Trouble(TroubleKind.LONG_LINE, self.file, detail, self._long_lines)
            self._long_lines = 0

    def _skip(self) -> None:
        """Drop what still belongs to a long line."""
        if not self._is_skipping or not self._filled:
            return
        end = self._buffer.find(b"\n", 0, self._filled) + 1
        self._is_skipping = not end
        dropped = end or self._filled
        if dropped > (1 if end else 0) and not self._is_counted:
            self._long_lines += 1
            self._is_counted = True
        self._drop(dropped)

    def _taken(self, size: int) -> Block:
        block = Block(bytes(self._view[:size]), self.file, self._offset)
        self._drop(size)
        return block

    def _drop(self, size: int) -> None:
        left = self._filled - size
        self._view[:left] = bytes(self._view[size : self._filled])
        self._filled = left
        self._offset += size
