"""Whole files as blocks: every byte of every line once, and whatever is wrong with a file told."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import resource
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from crashcart.sources.block import BLOCK_BYTES, Block, Item, Trouble, TroubleKind
from crashcart.sources.compressed import zstd
from crashcart.sources.cut import Cutter
from crashcart.sources.reading import read, read_stream

LINES = b"".join(b"2024-05-01 12:00:%02d INFO line %d of many\n" % (number % 60, number) for number in range(150_000))
FEW = LINES[: 1 << 20]
PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": lambda data: bz2.compress(data, 1),
    ".zst": lambda data: zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1}),
    ".xz": lambda data: lzma.compress(data, preset=0),
}


def text(items: Iterable[Item]) -> bytes:
    return b"".join(item.data for item in items if isinstance(item, Block))


def troubles(items: Iterable[Item]) -> list[TroubleKind]:
    return [item.kind for item in items if isinstance(item, Trouble)]


def written(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def test_a_file_is_read_in_blocks_of_whole_lines(tmp_path):
    items = list(read([written(tmp_path / "a.log", LINES)]))

    assert len(items) > 1
    assert text(items) == LINES
    assert all(isinstance(item, Block) and item.data.endswith(b"\n") for item in items)
    assert all(len(item.data) <= BLOCK_BYTES for item in items)
    assert all(LINES[item.offset :].startswith(item.data) for item in items)


def test_the_last_line_needs_no_newline(tmp_path):
    assert text(read([written(tmp_path / "a.log", b"one\ntwo")])) == b"one\ntwo"


def test_an_empty_file_has_no_blocks_and_no_trouble(tmp_path):
    assert list(read([written(tmp_path / "a.log", b"")])) == []


@pytest.mark.parametrize("ending", PACK)
def test_compressed_files_are_told_by_what_is_in_them(tmp_path, ending):
    items = list(read([written(tmp_path / "a.log", PACK[ending](FEW))]))

    assert troubles(items) == []
    assert text(items) == FEW


@pytest.mark.parametrize("ending", PACK)
def test_parts_written_behind_each_other_are_one_file(tmp_path, ending):
    pack = PACK[ending]

    assert text(read([written(tmp_path / "a", pack(b"one\n") + pack(b"two\n") + pack(FEW))])) == b"one\ntwo\n" + FEW


def test_zeros_behind_a_gz_are_padding(tmp_path):
    items = list(read([written(tmp_path / "a.gz", gzip.compress(LINES) + bytes(100_000))]))

    assert (text(items), troubles(items)) == (LINES, [])


@pytest.mark.parametrize("ending", PACK)
def test_of_a_file_that_is_cut_off_everything_before_the_cut_is_read(tmp_path, ending):
    noise = b"".join(b"%d %s\n" % (number, os.urandom(20).hex().encode()) for number in range(20_000))
    packed = PACK[ending](noise)

    items = list(read([written(tmp_path / "a.log", packed[: len(packed) * 3 // 4])]))

    assert troubles(items) == [TroubleKind.DAMAGED]
    assert noise.startswith(text(items))
    if ending != ".bz2":  # which comes in parts of 100 kB and more
        assert len(text(items)) > len(noise) // 2


@pytest.mark.parametrize("ending", PACK)
def test_a_broken_file_is_told_and_the_next_is_read(tmp_path, ending):
    noise = os.urandom(200_000).hex().encode()
    packed = bytearray(PACK[ending](noise))
    packed[len(packed) // 2 : len(packed) // 2 + 64] = bytes(64)

    items = list(read([written(tmp_path / "a.log", bytes(packed)), written(tmp_path / "b.log", b"fine\n")]))

    assert troubles(items) == [TroubleKind.DAMAGED]
    assert text(items).endswith(b"fine\n")


def test_text_behind_a_gz_is_damage(tmp_path):
    items = list(read([written(tmp_path / "a.log", gzip.compress(b"packed\n") + b"not packed\n")]))

    assert (text(items), troubles(items)) == (b"packed\n", [TroubleKind.DAMAGED])


def test_a_missing_file_is_told(tmp_path):
    assert troubles(read([str(tmp_path / "none.log")])) == [TroubleKind.MISSING]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told(tmp_path):
    path = written(tmp_path / "a.log", b"x\n")
    os.chmod(path, 0)

    assert troubles(read([path])) == [TroubleKind.UNREADABLE]


def test_a_file_below_a_file_is_unreadable_and_nothing_worse(tmp_path):
    below = written(tmp_path / "a.log", b"x\n") + "/b.log"

    assert troubles(read([below])) == [TroubleKind.UNREADABLE]


@pytest.mark.timeout(10)
def test_a_pipe_is_not_read_from(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    assert troubles(read([str(tmp_path / "pipe"), str(tmp_path), "/dev/null"])) == [TroubleKind.NOT_A_FILE] * 3


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 64,
        b"\xff\xfe" + "log\n".encode("utf-16-le") * 9,
        gzip.compress(bytes(range(20)) * 99, mtime=0),
    ],
)
def test_what_is_no_text_is_told_and_not_read(tmp_path, data):
    items = list(read([written(tmp_path / "a.log", data)]))

    assert (text(items), troubles(items)) == (b"", [TroubleKind.BINARY])


@pytest.mark.parametrize(
    "data",
    ["žluťoučký kůň\n日本語\n".encode(), b"\x1b[31mred\x1b[0m\n", b"latin \xe9\xe8\n", bytes(90_000) + b"after\n"],
)
def test_odd_bytes_are_text_all_the_same(tmp_path, data):
    items = list(read([written(tmp_path / "a.log", data)]))

    assert (text(items), troubles(items)) == (data, [])


def test_a_file_that_is_removed_while_it_is_read_is_read_to_its_end(tmp_path):
    path = written(tmp_path / "a.log", LINES)
    items = read([path])
    first = next(items)
    os.unlink(path)

    assert text([first, *items]) == LINES


def test_a_file_that_is_truncated_while_it_is_read_is_told(tmp_path):
    path = written(tmp_path / "a.log", LINES)
    items = read([path])
    first = next(items)
    os.truncate(path, 0)
    rest = list(items)

    assert troubles(rest) == [TroubleKind.SHRUNK]
    assert LINES.startswith(text([first]))


def test_a_line_of_100_mb_is_cut_and_costs_no_memory(tmp_path):
    path = tmp_path / "a.log"
    with path.open("wb") as file:
        file.write(b"before\n")
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b"\nafter\n")
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    items = list(read([str(path)]))

    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib
    assert [item.data[:9] for item in items if isinstance(item, Block)] == [b"before\n", b"x" * 9, b"after\n"]
    assert items[-1] == Trouble(TroubleKind.LONG_LINE, str(path), items[-1].detail, 1)
    assert items[-2].offset == 7 + 100_000_001
    assert sys.platform != "linux" or grown_kib < 40_000


def test_standard_input_is_a_file_called_minus(tmp_path):
    items = list(read(["-", written(tmp_path / "a.log", b"two\n")], stdin=io.BytesIO(gzip.compress(b"one\n"))))

    assert [(item.file, item.data) for item in items] == [("-", b"one\n"), (str(tmp_path / "a.log"), b"two\n")]


class Broken(io.BytesIO):
    """A stream on a disk that breaks."""

    def readinto(self, buffer: memoryview) -> int:
        if self.tell() > 100:
            raise OSError(5, "Input/output error")
        return super().readinto(buffer[:60])


def test_what_was_read_before_an_input_error_stays():
    items = list(read_stream(Broken(b"0123456789\n" * 100), "a.log"))

    assert text(items) == (b"0123456789\n" * 100)[:120]
    assert items[0] == Trouble(TroubleKind.UNREADABLE, "a.log", "Input/output error")


@settings(phases=[Phase.explicit, Phase.reuse, Phase.generate], deadline=None, max_examples=300)
@given(
    st.lists(st.sampled_from([b"a", b"bb", b"\n", b"c\n", b"long line without end"]), max_size=30),
    st.integers(1, 12),
    st.data(),
)
def test_where_the_pieces_are_cut_does_not_matter(parts, block_bytes, data):
    whole = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    cutter = Cutter("a", block_bytes=block_bytes)

    items: list[Item] = []
    for begin, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        items += cutter.feed(whole[begin:end])
    items += cutter.finish()

    blocks = [item for item in items if isinstance(item, Block)]
    assert all(whole[block.offset :].startswith(block.data) for block in blocks)
    lines = b"".join(block.data if block.data.endswith(b"\n") else block.data + b"\n" for block in blocks).split(b"\n")
    expected = [*whole.removesuffix(b"\n").split(b"\n"), b""] if whole else [b""]
    assert len(lines) == len(expected)
    for got, line in zip(lines, expected, strict=True):
        assert got == line or (line.startswith(got) and len(got) >= block_bytes)
    assert any(len(got) < len(line) for got, line in zip(lines, expected, strict=True)) == bool(troubles(items))
