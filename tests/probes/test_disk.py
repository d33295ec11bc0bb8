"""`disk`, on real file systems where one can be had."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crashcart.model.system import Target
from crashcart.ports import SpaceInfo
from crashcart.testing import FakePlace


def of(path: Path | str) -> Target:
    return Target("db", "sqlite", {"path": str(path)})


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Return a function that mounts a small file system in memory."""
    mount = tmp_path / "small"
    mount.mkdir()

    def run(options: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(mount)]
        if os.geteuid() or not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
            pytest.skip("needs the right to mount a file system")
        return mount

    yield run
    if os.path.ismount(mount):
        subprocess.run(["umount", str(mount)], check=True)


@pytest.mark.row("disk", "it has room")
def test_a_file_system_is_measured(looking, tmp_path):
    fields = looking.seen("disk", of(tmp_path)).fields
    usage = shutil.disk_usage(tmp_path)

    assert fields["size"] == usage.total
    assert fields["free"] == pytest.approx(usage.free, rel=0.2)
    assert 0 <= fields["used"] <= 100
    assert 0 <= fields["inodes"] <= 100
    assert fields["is_read_only"] is False
    assert os.path.ismount(fields["mount"])


@pytest.mark.row("disk", "it is full")
def test_a_full_file_system_is_full(looking, mounted):
    mount = mounted("size=64k")
    with (mount / "filler").open("wb", buffering=0) as file:
        assert sum(file.write(b"x" * 4096) for _ in range(16)) == 65536

    fields = looking.seen("disk", of(mount / "app.db")).fields

    assert (fields["free"], fields["used"], fields["mount"]) == (0, 100.0, str(mount))


@pytest.mark.row("disk", "it has no inodes left")
def test_a_file_system_without_inodes_has_room_all_the_same(looking, mounted):
    mount = mounted("size=1m,nr_inodes=3")
    (mount / "a").touch()
    (mount / "b").touch()

    fields = looking.seen("disk", of(mount)).fields

    assert fields["inodes"] == 100.0
    assert fields["free"] > 500_000


@pytest.mark.row("disk", "it is mounted read-only")
def test_a_read_only_mount_is_told(looking, mounted):
    assert looking.seen("disk", of(mounted("size=64k,ro"))).fields["is_read_only"] is True


def test_the_reserve_of_root_is_not_free(looking):
    looking.place = FakePlace(spaces={"/data": SpaceInfo(1000, 950, 0, 0, 0, False, "/data")})

    fields = looking.seen("disk", of("/data/app.db")).fields

    assert (fields["free"], fields["used"], fields["inodes"]) == (0, 100.0, 0.0)


@pytest.mark.row("disk", "the path is not there")
@pytest.mark.parametrize("name", ["none/at/all.db", "plain/app.db", "none/*.db"])
def test_the_nearest_folder_speaks_for_what_is_not_there(looking, tmp_path, name):
    (tmp_path / "plain").touch()

    assert looking.seen("disk", of(tmp_path / name)).fields["size"] == shutil.disk_usage(tmp_path).total


def test_a_target_without_a_path_is_asked_for_its_root(looking):
    assert looking.seen("disk", Target("box", "host")).fields["mount"] == "/"


@pytest.mark.row("disk", "a folder of the path may not be entered")
def test_behind_a_closed_folder_nothing_is_seen(as_nobody, open_folder):
    (open_folder / "closed").mkdir(mode=0o700)

    reason = as_nobody("disk", {"name": "db", "kind": "sqlite", "attributes": {"path": f"{open_folder}/closed/app.db"}})

    assert "not permitted to look at" in reason


@pytest.mark.row("disk", "the path is not absolute")
def test_a_relative_path_is_nowhere(looking):
    assert looking.unseen("disk", of("/x"), path="data") == "data is not absolute: begin with /"


@pytest.mark.row("disk", "the target's path is not known")
def test_a_path_that_is_not_known_is_unseen(looking):
    target = Target("db", "sqlite", {}, {"path": "DB_PATH is not set"})

    assert looking.unseen("disk", target) == "path of db is not known: DB_PATH is not set"
    assert looking.unseen("disk", target, of="backups") == "db has no backups in the system file"
