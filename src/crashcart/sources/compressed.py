"""Compressed bytes, told by how they begin and not by their name, as plain bytes in bounded pieces."""

from __future__ import annotations

import bz2
import lzma
import sys
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from isal import igzip_lib

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_MAGIC_BYTES: Final = 6
_PIECE_BYTES: Final = 256 << 10  # larger ones leave the cache before they are copied


class Damaged(Exception):
    """The compressed bytes are broken, or end too early. All that could be read was yielded before."""


class _Decompressor(Protocol):
    """What the decompressors of bz2, lzma, zstd and isal have in common; one for each part of a file."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


_GZIP_ERROR: type[Exception] = igzip_lib.IsalError  # type: ignore[assignment]  # its stub has an instance
_ERRORS = (OSError, ValueError, EOFError, lzma.LZMAError, zstd.ZstdError, _GZIP_ERROR)


def _gzip() -> _Decompressor:
    return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)


_BY_MAGIC: dict[bytes, Callable[[], _Decompressor]] = {
    b"\x1f\x8b": _gzip,
    b"\x28\xb5\x2f\xfd": zstd.ZstdDecompressor,
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\x00": lzma.LZMADecompressor,
}


def is_compressed(begin: bytes | bytearray) -> bool:
    """Say whether bytes that begin so are compressed in a way that `plain` knows."""
    return _kind(begin) is not None


def plain(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the plain bytes of compressed ones, in pieces, all parts of the file. Raises Damaged."""
    rest = next(pieces, b"")
    while rest:
        kind = _kind(rest)
        if kind is None:
            if rest.strip(b"\0"):  # tapes and some writers pad with zeros
                raise Damaged("something else follows the compressed part")
            rest = next(pieces, b"")
            continue
        part = kind()
        yield from _part(part, rest, pieces)
        rest = part.unused_data or next(pieces, b"")
        if len(rest) < _MAGIC_BYTES:
            rest += next(pieces, b"")


def _part(part: _Decompressor, data: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    while not part.eof:
        try:
            text = part.decompress(data, _PIECE_BYTES)
        except _ERRORS as error:
            raise Damaged(str(error)) from error
        if text:
            yield text
        if part.eof:
            return
        data = next(pieces, b"") if part.needs_input else b""
        if part.needs_input and not data:
            raise Damaged("it ends before its end mark")


def _kind(begin: bytes | bytearray) -> Callable[[], _Decompressor] | None:
    return next((kind for magic, kind in _BY_MAGIC.items() if begin.startswith(magic)), None)
