"""Logs through the engine: which files, in which shares, by how many processes; the parts become one."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from io import FileIO
from multiprocessing.connection import Connection, wait
from typing import Final

from crashcart.logs.engine import LogPass, Prepared
from crashcart.logs.filtered import Window
from crashcart.logs.loops import line_ends
from crashcart.logs.shape.lines import line_starts
from crashcart.logs.shape.shaper import Shaper
from crashcart.logs.shape.stamps import UNDATED
from crashcart.logs.signatures.scanner import Scanner, compile
from crashcart.logs.signatures.signature import BadSignature, Signature, tree_of
from crashcart.logs.unwrap import Unwrapper
from crashcart.model.logs import KnownText, LogTrouble
from crashcart.sources.block import Block, Item, Trouble
from crashcart.sources.compressed import is_compressed
from crashcart.sources.cut import Stream
from crashcart.sources.names import STDIN, find
from crashcart.sources.reading import open_file, read, read_stream

# Below this, starting a process costs more than it saves.
SHARED_BYTES: Final = 48 << 20
_PROBED_BYTES: Final = 1 << 20
_TOLD_BYTES: Final = 8 << 20


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scan is; `size_bytes` is 0 when that is not known, as on standard input."""

    done_bytes: int
    size_bytes: int
    took_s: float


_Prepared = tuple[Item, Prepared | None]
Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Signatures:
    """The texts of guides, each looked for once; `places` tells for each of them its signature, -1 for none."""

    signatures: tuple[Signature, ...]
    places: tuple[int, ...]
    refused: tuple[str, ...]  # why a text is not looked for


@dataclass(frozen=True, slots=True)
class Request:
    """What to scan, and what for."""

    paths: Sequence[str]
    signatures: Signatures
    window: Window | None = None
    workers: int = 1
    stdin: Stream | None = None
    shared_bytes: int = SHARED_BYTES  # inputs from this size on are shared


@dataclass(frozen=True, slots=True)
class _Share:
    """A part of a file; `end` None is its end, whatever it is by then."""

    file: str
    begin: int
    end: int | None


def signatures_of(known: Sequence[KnownText]) -> Signatures:
    """Return the signatures of log texts; one that fits every line is left out, and told."""
    texts: dict[str, int] = {}
    places: list[int] = []
    refused: list[str] = []
    for each in known:
        try:
            if each.text not in texts:
                tree_of(Signature(f"{each.guide}.{each.problem}", each.text))
            places.append(texts.setdefault(each.text, len(texts)))
        except BadSignature as error:
            refused.append(str(error))
            places.append(-1)
    return Signatures(tuple(Signature(text, text) for text in texts), tuple(places), tuple(refused))


def scan(request: Request, *, tell: Tell = lambda progress: None) -> LogPass:
    """Return one pass over all files; what could not be read is in it. Large inputs are shared among processes."""
    found = find(request.paths)
    began = time.monotonic()
    size = sum(_size(file) for file in found.files)
    is_shared = size >= request.shared_bytes and STDIN not in found.files
    shares = _shares(found.files, request.workers if is_shared else 1)

    def told(done: int) -> None:
        tell(Progress(done, size, time.monotonic() - began))

    whole = _together(request, shares, told) if len(shares) > 1 else _one(request, shares[0], told, is_alone=True)
    for trouble in found.troubles:
        whole.note(_noted(trouble))
    return whole


def _one(request: Request, shares: Sequence[_Share], told: Callable[[int], None], *, is_alone: bool = False) -> LogPass:
    """Scan shares in this process. Alone, it has a core to spare, on which a thread goes ahead."""
    scanner: Scanner | None = compile(request.signatures.signatures) if request.signatures.signatures else None
    found = LogPass(scanner, window=request.window)
    done = unsaid = 0
    for share in shares:
        found.begin(share.file, written_s=_written_s(share.file))
        items = _items(share, request.stdin)
        ready = _prepared(items, found)
        # What standard input brings may be long in coming, and a thread that waits for it could not be stopped.
        for item, prepared in _ahead(ready) if is_alone and share.file != STDIN else ready:
            if isinstance(item, Block):
                found.feed(item.data, offset=share.begin + item.offset, prepared=prepared)
                done += len(item.data)
                unsaid += len(item.data)
                if unsaid >= _TOLD_BYTES:
                    told(done)
                    unsaid = 0
            else:
                found.note(_noted(item))
    found.end()
    return found


# --- shares -----------------------------------------------------------------------------------------------------------


def _shares(files: Sequence[str], workers: int) -> list[list[_Share]]:
    """Return about equal shares, in order. A plain file is cut where a line begins with a stamp, so that nothing in
    the second part hangs on the first."""
    sizes = [_size(file) for file in files]
    target = sum(sizes) / max(workers, 1)
    shares: list[list[_Share]] = [[]]
    filled = 0.0
    for file, size in zip(files, sizes, strict=True):
        begin = 0
        while len(shares) < workers and filled + (size - begin) > target:
            wanted = begin + int(target - filled)
            cut = _cut(file, wanted, size)
            if cut is None:
                break
            shares[-1].append(_Share(file, begin, cut))
            shares.append([])
            begin, filled = cut, 0.0
        shares[-1].append(_Share(file, begin, None))
        filled += size - begin
        if len(shares) < workers and filled >= target:
            shares.append([])
            filled = 0.0
    return [share for share in shares if share] or [[]]


def _cut(file: str, wanted: int, size: int) -> int | None:
    """Return the first place from `wanted` on at which a line with a stamp begins; None for none nearby."""
    opened = open_file(file)
    if isinstance(opened, Trouble):
        return None
    with opened:
        if is_compressed(opened.read(8)) or not 0 < wanted < size:
            return None
        opened.seek(wanted)
        data = opened.read(_PROBED_BYTES)
    begin = data.find(b"\n") + 1
    data = data[begin : data.rfind(b"\n") + 1] if begin else b""
    if not data:
        return None
    lines = Unwrapper(is_within=True).feed(data)
    shaped = Shaper(written_s=_written_s(file)).feed(lines)
    dated = (shaped.is_head & (shaped.seconds != UNDATED)).nonzero()[0]
    return wanted + begin + int(line_starts(line_ends(data))[dated[0]]) if len(dated) else None


class _Part:
    """The bytes of a file up to some place, as a stream."""

    def __init__(self, file: FileIO, left: int) -> None:
        self._file, self._left = file, left

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Read no further than the end of the part."""
        size = self._file.readinto(buffer[: self._left]) or 0
        self._left -= size
        return size


def _items(share: _Share, stdin: Stream | None) -> Iterator[Item]:
    if share.begin == 0 and share.end is None:
        yield from read([share.file], stdin=stdin)
        return
    opened = open_file(share.file)
    if isinstance(opened, Trouble):
        yield opened
        return
    with opened:
        opened.seek(share.begin)
        end = share.end if share.end is not None else os.fstat(opened.fileno()).st_size
        yield from read_stream(_Part(opened, end - share.begin), share.file)


def _prepared(items: Iterator[Item], found: LogPass) -> Iterator[_Prepared]:
    for item in items:
        yield item, found.prepare(item.data) if isinstance(item, Block) else None


def _ahead(items: Iterator[_Prepared]) -> Iterator[_Prepared]:
    """Yield the items, and have the next one read, unpacked and searched meanwhile: most of that is done in C."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = reader.submit(next, items, None)
            yield item


# --- processes --------------------------------------------------------------------------------------------------------


def _together(request: Request, shares: Sequence[Sequence[_Share]], told: Callable[[int], None]) -> LogPass:
    """Scan each share in a process of its own, and add them up in order."""
    # Not forked: a copy of a process with threads, such as the one that draws the progress, may hang.
    context = multiprocessing.get_context("spawn")
    request = replace(request, stdin=None)
    pipes = [context.Pipe(duplex=False) for _ in shares]
    workers = [
        context.Process(target=_work, args=(request, share, sender), daemon=True)
        for share, (_, sender) in zip(shares, pipes, strict=True)
    ]
    for worker, (_, sender) in zip(workers, pipes, strict=True):
        worker.start()
        sender.close()
    try:
        parts = _gathered([receiver for receiver, _ in pipes], told)
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()
    # A process that was killed, for want of memory most likely, is made up for here.
    whole, *others = (
        part or _one(request, share, lambda done: None) for part, share in zip(parts, shares, strict=True)
    )
    for other in others:
        whole.merge(other)
    return whole


def _work(request: Request, shares: Sequence[_Share], sender: Connection) -> None:
    sender.send(_one(request, shares, sender.send))
    sender.close()


def _gathered(receivers: Sequence[Connection], told: Callable[[int], None]) -> list[LogPass | None]:
    parts: list[LogPass | None] = [None] * len(receivers)
    done = [0] * len(receivers)
    waiting = dict(zip(receivers, range(len(receivers)), strict=True))
    while waiting:
        for ready in wait(list(waiting)):
            assert isinstance(ready, Connection)
            at = waiting[ready]
            try:
                got = ready.recv()
            except EOFError:
                del waiting[ready]
                continue
            if isinstance(got, LogPass):
                parts[at] = got
            elif isinstance(got, int):
                done[at] = got
                told(sum(done))
    return parts


def _noted(trouble: Trouble) -> LogTrouble:
    return LogTrouble(trouble.kind.value, trouble.file, trouble.detail, trouble.count)


def _size(file: str) -> int:
    try:
        return os.stat(file).st_size if file != STDIN else 0
    except OSError:
        return 0


def _written_s(file: str) -> float:
    try:
        return os.stat(file).st_mtime if file != STDIN else time.time()
    except OSError:
        return time.time()
