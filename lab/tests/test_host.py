"""What faults do to files and disks of the machine can always be taken back."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from crashcart_lab import host

needs_root = pytest.mark.skipif(not host.is_root(), reason="only root may seal files and mount disks")


@needs_root
def test_a_sealed_file_cannot_be_written_until_it_is_released(tmp_path: Path):
    folder = tmp_path / "digest"
    folder.mkdir()
    path = folder / "summaries.db"
    path.write_text("rows")

    host.seal(path, is_sealed=True)
    try:
        with pytest.raises(PermissionError):
            path.write_text("others")
    finally:
        host.release(tmp_path)

    path.write_text("others")


@needs_root
def test_a_small_disk_is_full_at_its_size_and_hides_what_was_there(tmp_path: Path):
    folder = tmp_path / "with a blank"
    folder.mkdir()
    (folder / "note").write_text("below")

    host.mount_small_disk(folder, size_bytes=1_000_000)
    try:
        assert host.mounts_below(tmp_path) == [folder]
        assert not (folder / "note").exists()
        with pytest.raises(OSError, match="No space left") as full:
            (folder / "big").write_bytes(bytes(2_000_000))
        assert full.value.errno == errno.ENOSPC
    finally:
        host.release(tmp_path)

    assert host.mounts_below(tmp_path) == []
    assert (folder / "note").read_text() == "below"
