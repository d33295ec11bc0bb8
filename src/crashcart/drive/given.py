"""Logs that are handed over: the files, and a place in which nothing else is there."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from crashcart.ports import FileInfo
from crashcart.probes.log.tail import LIMIT_BYTES
from crashcart.probes.place import LocalPlace
from crashcart.sources.block import Trouble, TroubleKind
from crashcart.sources.compressed import is_compressed
from crashcart.sources.names import find
from crashcart.sources.reading import open_file, read

_MAGIC_BYTES = 6


@dataclass(frozen=True, slots=True)
class GivenFile:
    """One file. `data` is the end of a compressed one; others are read where they lie."""

    path: str
    data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Given:
    """What was handed over, and what could not be read, or not all of it."""

    files: tuple[GivenFile, ...]
    troubles: tuple[Trouble, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the files lie."""
        return tuple(file.path for file in self.files)


def hand_over(paths: Sequence[str]) -> Given:
    """Return the files that paths, folders and patterns mean, with what was rotated away from them."""
    found = find(paths)
    files: list[GivenFile] = []
    troubles = list(found.troubles)
    for path in found.files:
        taken = list(_taken(path))
        files += [each for each in taken if isinstance(each, GivenFile)]
        troubles += [each for each in taken if isinstance(each, Trouble)]
    return Given(tuple(files), tuple(troubles))


def _taken(path: str) -> Iterator[GivenFile | Trouble]:
    opened = open_file(path)
    if isinstance(opened, Trouble):
        yield opened
        return
    with opened:
        begin = opened.read(_MAGIC_BYTES) or b""
    if not is_compressed(begin):
        yield GivenFile(path)
        return
    # The log look reads backwards, which compressed files do not allow: their end is kept, as much as it would read.
    kept: deque[bytes] = deque()
    size = 0
    is_cut = False
    for item in read([path]):
        if isinstance(item, Trouble):
            yield item
            continue
        kept.append(item.data)
        size += len(item.data)
        while size > LIMIT_BYTES:
            size -= len(kept.popleft())
            is_cut = True
    if is_cut:
        detail = "only its last 64 MiB were read, and its line numbers count from there"
        yield Trouble(TroubleKind.DAMAGED, path, detail)
    if kept:
        yield GivenFile(path, b"".join(kept))


class GivenPlace(LocalPlace):
    """This machine, of which nothing but the given files is there."""

    def __init__(self, files: Sequence[GivenFile]) -> None:
        super().__init__()
        self._files = {file.path: file for file in files}

    def read(self, path: str, limit: int, *, offset: int = 0) -> bytes:
        data = self._given(path).data
        if data is None:
            return super().read(path, limit, offset=offset)
        begin = max(0, len(data) + offset) if offset < 0 else offset
        return data[begin : begin + limit]

    def stat(self, path: str) -> FileInfo:
        data = self._given(path).data
        info = super().stat(path)
        return info if data is None else replace(info, size_bytes=len(data))

    def glob(self, pattern: str) -> Sequence[str]:
        """Return the path itself: what was rotated away from it was handed over by name, or not at all."""
        return [pattern] if pattern in self._files else []

    def _given(self, path: str) -> GivenFile:
        if path not in self._files:
            raise FileNotFoundError(2, "not among the given logs", path)
        return self._files[path]
