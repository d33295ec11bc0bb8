"""A file that grows, across rotation and truncation. Whoever asks decides when, and how long to wait in between."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import FileIO

from crashcart.sources.block import Item, Trouble, TroubleKind
from crashcart.sources.cut import Cutter
from crashcart.sources.names import rotated
from crashcart.sources.reading import open_file, read


class Follower:
    """Reads what was appended since it was asked last. A half line waits for its other half, or for the file's end."""

    def __init__(self, file: str, *, is_from_end: bool = False) -> None:
        """With `is_from_end`, what is in the file already is not read."""
        self._file = file
        self._stream: FileIO | None = None
        self._cutter = Cutter(file)
        self._is_told_missing = False
        if is_from_end:
            self._skip_all()

    def poll(self) -> Iterator[Item]:
        """Yield the whole lines that have come, in blocks, and what went wrong; nothing when nothing has changed."""
        if self._stream is not None:
            yield from self._read_on(self._stream)
            yield from self._moved_on(self._stream)
        if self._stream is None:
            yield from self._begin()

    def close(self) -> Iterator[Item]:
        """Yield what is left of a half line, and let go of the file."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
        yield from self._cutter.finish()
        self._cutter = Cutter(self._file)

    def _begin(self) -> Iterator[Item]:
        opened = open_file(self._file)
        if isinstance(opened, Trouble):
            # Between the two steps of a rotation there is no file; told once, not at each poll.
            if not self._is_told_missing:
                yield opened
            self._is_told_missing = True
            return
        self._is_told_missing = False
        self._stream = opened
        yield from self._read_on(opened)

    def _read_on(self, stream: FileIO) -> Iterator[Item]:
        if os.fstat(stream.fileno()).st_size < stream.tell():
            yield from self._cutter.finish()
            yield Trouble(TroubleKind.SHRUNK, self._file, "it was truncated; read again from its beginning")
            stream.seek(0)
            self._cutter = Cutter(self._file)
        while self._cutter.fill(stream):
            yield from self._cutter.blocks()
        yield from self._cutter.whole_lines()

    def _moved_on(self, stream: FileIO) -> Iterator[Item]:
        """When the name means another file now, finish this one and those that came and went since."""
        here = os.fstat(stream.fileno())
        if _identity(self._file) == (here.st_dev, here.st_ino):
            return
        names = rotated(self._file)
        identities = [_identity(name) for name in names]
        between = (
            names[identities.index((here.st_dev, here.st_ino)) + 1 : -1]
            if ((here.st_dev, here.st_ino) in identities)
            else []
        )
        yield from self._read_on(stream)  # the last lines before the writer took the new file
        yield from self.close()
        yield from read(between)

    def _skip_all(self) -> None:
        opened = open_file(self._file)
        if not isinstance(opened, Trouble):
            offset = opened.seek(0, os.SEEK_END)
            self._stream = opened
            self._cutter = Cutter(self._file, offset=offset)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        info = os.stat(path)
    except OSError:
        return None
    return info.st_dev, info.st_ino
