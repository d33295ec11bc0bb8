"""The body of an answer, decompressed piece by piece and never larger than asked for."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import Protocol

from crashcart_lab.digest.crawl.errors import Skipped

# What we ask for. zlib can stop in the middle of a piece that swells a thousandfold.
ACCEPTED_ENCODINGS = "gzip, deflate"


class _Decoder(Protocol):
    def feed(self, data: bytes, room: int) -> bytes:
        """Return the next decoded bytes, at most *room* of them."""

    def end(self) -> None:
        """Raise Skipped if the body cannot end here."""


async def collect(chunks: AsyncIterator[bytes], *, encoding: str, max_bytes: int) -> tuple[bytes, bool]:
    """Return the decoded body, and whether it was cut off after *max_bytes*.

    Raises:
        Skipped: the encoding is another than asked for, or malformed.
    """
    decoder = _decoder(encoding)
    body = bytearray()
    async for chunk in chunks:
        # One byte beyond the limit tells a body that fills it from one that does not fit.
        body += decoder.feed(chunk, max_bytes + 1 - len(body))
        if len(body) > max_bytes:
            return bytes(body[:max_bytes]), True
    decoder.end()
    return bytes(body), False


def _decoder(encoding: str) -> _Decoder:
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip" | "deflate":
            return _Inflating()
        case other:
            raise Skipped(f"its encoding is {other[:40]!r}, which was not asked for")


class _Plain:
    def feed(self, data: bytes, room: int) -> bytes:
        return data[:room]

    def end(self) -> None:
        return


class _Inflating:
    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: gzip and zlib headers both
        self._has_begun = False

    def feed(self, data: bytes, room: int) -> bytes:
        try:
            return self._inflate(data, room)
        except zlib.error as err:
            raise Skipped(f"its compression is malformed: {err}") from err

    def end(self) -> None:
        if self._has_begun and not self._zlib.eof:
            raise Skipped("its compression is malformed: it ends too early")

    def _inflate(self, data: bytes, room: int) -> bytes:
        is_first, self._has_begun = not self._has_begun, True
        try:
            return self._zlib.decompress(data, room)
        except zlib.error:
            if not is_first:
                raise
        # Some servers send "deflate" without the header that the standard asks for.
        self._zlib = zlib.decompressobj(-zlib.MAX_WBITS)
        return self._zlib.decompress(data, room)
