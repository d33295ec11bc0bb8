"""`file`, on real files."""

from __future__ import annotations

import os
import pwd
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crashcart.model.observation import Moment
from crashcart.model.system import Target
from crashcart.ports import ProcessInfo, SpaceInfo
from crashcart.testing import NOON, FakePlace

ANN = ProcessInfo(7, ("app",), NOON, "running", "ann", None, None, None, ())


def of(path: Path | str, **more: str) -> Target:
    return Target("db", "sqlite", {"path": str(path), **more})


@pytest.mark.row("file", "it is there")
def test_a_file_is_described(looking, tmp_path):
    path = tmp_path / "app.db"
    path.write_bytes(b"12345")
    path.chmod(0o640)
    written_at = datetime.now(UTC) - timedelta(hours=30)
    os.utime(path, (written_at.timestamp(),) * 2)

    fields = looking.seen("file", of(path)).fields

    assert {name: fields[name] for name in ("is_present", "size", "type", "mode", "is_writable", "is_read_only")} == {
        "is_present": True, "size": 5, "type": "file", "mode": "0640", "is_writable": True, "is_read_only": False,
    }  # fmt: skip
    assert fields["owner"] == fields["user"] == pwd.getpwuid(os.geteuid()).pw_name
    assert 30 * 3600 <= fields["age"] < 30 * 3600 + 60
    assert "count" not in fields


def test_a_folder_and_a_pipe_are_told_apart_and_not_opened(looking, tmp_path):
    os.mkfifo(tmp_path / "pipe")

    assert looking.seen("file", of(tmp_path)).fields["type"] == "folder"
    assert looking.seen("file", of(tmp_path / "pipe")).fields["type"] == "other"


@pytest.mark.row("file", "it is not there")
def test_what_is_not_there_is_absent(looking, tmp_path):
    assert looking.seen("file", of(tmp_path / "app.db")).fields == {"is_present": False}


@pytest.mark.row("file", "a folder of its path is not there, or is a file")
@pytest.mark.parametrize("name", ["none/app.db", "plain/app.db"])
def test_what_has_no_folder_is_absent_too(looking, tmp_path, name):
    (tmp_path / "plain").touch()

    assert looking.seen("file", of(tmp_path / name)).fields == {"is_present": False}


def test_a_link_that_leads_nowhere_is_absent(looking, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "gone")

    assert looking.seen("file", of(tmp_path / "link")).fields == {"is_present": False}


@pytest.mark.row("file", "several match")
def test_the_newest_of_several_speaks(looking, tmp_path):
    now = datetime.now(UTC)
    for days, name in ((1, "a.db"), (9, "b.db"), (5, "c.db")):
        (tmp_path / name).write_text("x" * days)
        os.utime(tmp_path / name, ((now - timedelta(days=days)).timestamp(),) * 2)

    fields = looking.seen("file", of("/x", backups=str(tmp_path / "*.db")), of="backups", moment=Moment(now)).fields

    assert (fields["count"], fields["size"]) == (3, 1)
    assert fields["age"] == pytest.approx(86400, abs=1)


@pytest.mark.row("file", "none matches")
def test_no_backup_at_all_is_absent(looking, tmp_path):
    fields = looking.seen("file", of("/x"), path=str(tmp_path / "*.db")).fields

    assert fields == {"is_present": False, "count": 0}


@pytest.mark.row("file", "its user may not write it")
def test_the_user_of_the_process_counts(looking):
    target = Target("api", "http", {"path": "/data/app.db"}, command="app")
    looking.place = FakePlace(files={"/data/app.db": b""}, running=[ANN], unwritable={"/data/app.db"})

    fields = looking.seen("file", target).fields

    assert (fields["user"], fields["is_writable"], fields["is_folder_writable"]) == ("ann", False, True)


def test_without_a_process_whoever_has_it_open_counts(looking):
    looking.place = FakePlace(files={"/data/app.db": b""}, held={"/data/app.db": [ANN]}, unwritable={"/data"})

    fields = looking.seen("file", of("/data/app.db")).fields

    assert (fields["user"], fields["is_writable"], fields["is_folder_writable"]) == ("ann", True, False)


@pytest.mark.parametrize(
    ("mode", "owner", "user", "may"),
    [
        (0o200, 65534, "nobody", True), (0o577, 65534, "nobody", False), (0o002, 0, "nobody", True),
        (0o775, 0, "nobody", False), (0o000, 65534, "root", True), (0o777, 0, "no-such-user", True),
        (0o770, 0, "no-such-user", False), (0o200, 4711, "4711", True),
    ],
)  # fmt: skip
def test_permissions_decide_who_may_write(looking, tmp_path, mode, owner, user, may):
    if os.geteuid():
        pytest.skip("needs root to give files away")
    (tmp_path / "f").touch()
    os.chown(tmp_path / "f", owner, 0)
    (tmp_path / "f").chmod(mode)

    assert looking.place.may_write(str(tmp_path / "f"), user) is may


def test_a_group_may_write_for_its_members(looking, tmp_path):
    import grp

    member = next(((name, group.gr_gid) for group in grp.getgrall() for name in group.gr_mem if _is_user(name)), None)
    if os.geteuid() or member is None:
        pytest.skip("needs root, and a user with a second group")
    (tmp_path / "f").touch()
    os.chown(tmp_path / "f", 0, member[1])
    (tmp_path / "f").chmod(0o060)

    assert looking.place.may_write(str(tmp_path / "f"), member[0]) is True
    assert looking.place.may_write(str(tmp_path / "f"), "nobody") is False


def _is_user(name: str) -> bool:
    try:
        return pwd.getpwnam(name).pw_uid != 0
    except KeyError:
        return False


@pytest.mark.row("file", "nobody may write it")
def test_without_any_permission_it_is_read_only(looking, tmp_path):
    (tmp_path / "app.db").touch()
    (tmp_path / "app.db").chmod(0o444)

    fields = looking.seen("file", of(tmp_path / "app.db")).fields

    assert fields["is_read_only"] is True
    assert fields["is_writable"] is (os.geteuid() == 0)


def test_on_a_read_only_mount_everything_is_read_only(looking):
    full = SpaceInfo(1, 0, 1, 0, 0, True, "/data")
    looking.place = FakePlace(files={"/data/app.db": b""}, spaces={"/data": full})

    assert looking.seen("file", of("/data/app.db")).fields["is_read_only"] is True


@pytest.mark.row("file", "a folder of its path may not be entered")
def test_behind_a_closed_folder_nothing_is_seen(as_nobody, open_folder):
    (open_folder / "closed").mkdir(mode=0o700)

    reason = as_nobody("file", {"name": "db", "kind": "sqlite", "attributes": {"path": f"{open_folder}/closed/app.db"}})

    assert "not permitted to look at" in reason


@pytest.mark.row("file", "the path is not absolute")
def test_a_relative_path_is_nowhere(looking):
    assert looking.unseen("file", of("/x"), path="app.db") == "app.db is not absolute: begin with /"


@pytest.mark.row("file", "no path is known")
@pytest.mark.parametrize("which", [None, "path", "backups", "env_file", "pid_file", "logs"])
def test_without_a_path_nothing_is_seen(looking, which):
    args = {"of": which} if which else {}

    assert looking.unseen("file", Target("db", "host"), **args) == f"db has no {which or 'path'} in the system file"


@pytest.mark.parametrize("which", ["env_file", "pid_file", "logs"])
def test_the_targets_own_files_can_be_asked_for(looking, tmp_path, which):
    (tmp_path / "f").write_bytes(b"123")
    name = str(tmp_path / "f")
    target = Target("db", "host", logs=(name,), env_file=name, pid_file=name)

    assert looking.seen("file", target, of=which).fields["size"] == 3
