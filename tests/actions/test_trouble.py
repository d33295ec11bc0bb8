"""When it cannot be done: a full disk, no permission, a server that is gone, a file that is not what it seems."""

from __future__ import annotations

import json
import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hands import Hands
from stages import Stage, args

from crashcart.actions.vault import Vault
from crashcart.model.system import Target
from crashcart.model.touch import Happened, Touch, TouchState
from crashcart.redact import fingerprint

SECRET = "sk-new-fedcba9876543210"


@contextmanager
def full_disk() -> Iterator[None]:
    """No file may grow beyond a byte: what a write meets then is what it meets on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


WRITING = ("config-set", "config-set-toml", "config-append-yaml", "sqlite-vacuum", "sqlite-index", "sqlite-restore")


@pytest.mark.parametrize("name", WRITING)
def test_a_full_disk_leaves_what_was_there(on_stage, name):
    hands = on_stage(name)
    before = hands.on.state()
    hands.prepare()

    with full_disk():
        touched = hands.touch()

    assert touched.state in (TouchState.FAILED, TouchState.REFUSED)
    assert touched.detail
    assert hands.on.state() == before
    assert hands.happened() is Happened.NO
    assert hands.touch().state is TouchState.DONE


@pytest.mark.parametrize("name", WRITING[:3])
def test_undoing_on_a_full_disk_fails_whole_and_can_be_tried_again(on_stage, name):
    hands = on_stage(name)
    before = hands.on.state()
    hands.prepare()
    hands.touch()
    after = hands.on.state()

    with full_disk():
        undone = hands.undo()

    assert undone.state is TouchState.FAILED
    assert hands.on.state() == after
    assert hands.undo().state is TouchState.DONE
    assert hands.on.state() == before


@pytest.mark.parametrize("name", ["config-set", "file-free"])
def test_without_room_for_what_undoing_needs_nothing_is_begun(on_stage, name):
    hands = on_stage(name)

    with full_disk():
        prepared = hands.prepare()

    assert prepared.refused


_AS_NOBODY = """
import asyncio, json, os, sys
from pathlib import Path
from crashcart.actions.registry import load
from crashcart.model.system import Target
from crashcart.model.touch import Touch
from crashcart.probes.place import LocalPlace
from crashcart.redact import Scrubber
from crashcart.actions.config import change, env_file, hand, toml_file, yaml_file
from crashcart.actions.file import hand
asked = json.load(sys.stdin)  # whoever we become may not read what is not loaded yet
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
async def main():
    hand = load(asked["kind"], LocalPlace(), Scrubber(()), None, Path(asked["kept"]))
    touch = Touch(asked["kind"], asked["verb"], "api", tuple(map(tuple, asked["args"])), key="k")
    target = Target("api", "http", {"path": asked["path"]}, env_file=asked["path"])
    prepared = await hand.prepare(touch, target, timeout_s=5)
    if prepared.refused:
        return ["refused", prepared.refused]
    touched = await hand.touch(touch, target, prepared.kept, secret=None, timeout_s=5)
    return [touched.state.value, touched.detail]
print(json.dumps(asyncio.run(main())))
"""


@pytest.mark.parametrize(("mode", "how"), [(0o600, "refused"), (0o644, "failed")])
@pytest.mark.parametrize(
    ("kind", "verb", "given"), [("config", "set", {"setting": "A", "value": "2"}), ("file", "mode", {"mode": "0640"})]
)
def test_without_permission_it_says_so_and_leaves_everything(kind, verb, given, mode, how):
    if os.geteuid() != 0:
        pytest.skip("only root has files that somebody else may not touch")
    with tempfile.TemporaryDirectory(dir="/tmp") as base, tempfile.TemporaryDirectory(dir="/tmp") as kept:
        path = Path(base) / ".env"
        path.write_text("A=1\n")
        path.chmod(mode)
        os.chmod(base, 0o755)
        os.chmod(kept, 0o777)
        asked = {"kind": kind, "verb": verb, "args": list(given.items()), "path": str(path), "kept": f"{kept}/x"}

        ran = subprocess.run(
            [sys.executable, "-c", _AS_NOBODY], input=json.dumps(asked), capture_output=True, text=True, check=True
        )

        state, detail = json.loads(ran.stdout)
        assert state in (how, "failed")
        assert "permi" in detail
        assert path.read_text() == "A=1\n"
        assert stat.S_IMODE(path.stat().st_mode) == mode
        assert os.listdir(base) == [".env"]


def test_a_supervisor_that_is_gone_is_no_success(on_stage):
    hands = on_stage("service-stop")
    hands.prepare()
    folder = Path(hands.on.target.touch["supervisor"][0]).parent
    os.kill(int((folder / "supervisord.pid").read_text()), signal.SIGTERM)
    hands.timeout_s = 10.0
    for _ in range(200):
        if hands.happened() is Happened.CANNOT_KNOW:
            break

    assert hands.happened() is Happened.CANNOT_KNOW
    assert hands.touch().state is TouchState.FAILED
    assert hands.undo().state is TouchState.FAILED
    assert "supervisord" in hands.prepare().refused


# --- files that are not what they seem ---------------------------------------------------------------------------------


@pytest.fixture
def env(tmp_path: Path) -> Path:
    path = tmp_path / "real" / ".env"
    path.parent.mkdir()
    path.write_text("A=1\n")
    return path


@pytest.fixture
def hands_on(tmp_path: Path):
    def make(path: Path, **given: str) -> Hands:
        touch = Touch("config", "set", "api", args(**(given or {"setting": "A", "value": "2"})), key="k")
        return Hands(Stage(touch, Target("api", "http", env_file=str(path)), dict), tmp_path / "kept")

    return make


def test_a_link_stays_a_link(hands_on, env, tmp_path):
    link = tmp_path / ".env"
    link.symlink_to(env)
    hands = hands_on(link)
    hands.prepare()

    assert hands.touch().state is TouchState.DONE

    assert link.is_symlink()
    assert env.read_text() == "A=2\n"


def test_a_file_with_two_names_is_refused(hands_on, env, tmp_path):
    os.link(env, tmp_path / "other")

    assert "2 names" in hands_on(env).prepare().refused


@pytest.mark.parametrize("what", ["folder", "pipe", "binary", "large", "missing"])
def test_what_is_no_settings_file_is_refused(hands_on, env, what):
    env.unlink()
    if what == "folder":
        env.mkdir()
    elif what == "pipe":
        os.mkfifo(env)
    elif what == "binary":
        env.write_bytes(b"\xff\xfe\x00")
    elif what == "large":
        env.write_bytes(b"A=1\n" * 2_000_000)

    assert hands_on(env).prepare().refused


def test_a_target_without_a_file_is_refused(tmp_path):
    touch = Touch("config", "set", "api", args(setting="A", value="2"), key="k")

    assert "no env_file" in Hands(Stage(touch, Target("api", "http"), dict), tmp_path).prepare().refused


def test_mode_and_owner_stay(hands_on, env):
    env.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(env, 1234, 2345)
    before = env.stat()
    hands = hands_on(env)
    hands.prepare()
    hands.touch()

    after = env.stat()

    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino


@pytest.mark.parametrize("mode", ["0666", "4755", "0o9", "", "rw-r--r--", "-1"])
def test_permissions_that_are_never_a_repair_are_refused(tmp_path, mode):
    (tmp_path / "db").touch()
    stage = Stage(
        Touch("file", "mode", "db", args(mode=mode), key="k"),
        Target("db", "sqlite", {"path": str(tmp_path / "db")}),
        dict,
    )

    assert Hands(stage, tmp_path / "kept").prepare().refused


# --- secrets -----------------------------------------------------------------------------------------------------------


def test_a_secret_is_in_nothing_that_a_hand_says(on_stage, tmp_path):
    """The journal is read by many; what it never held cannot leak from it."""
    hands = on_stage("config-set-secret")
    told = [repr(hands.prepare()), repr(hands.touch()), repr(hands.happened()), repr(hands.undo()), repr(hands.kept)]

    assert not any(SECRET in text or "sk-old" in text for text in told)
    kept = list((tmp_path / "kept").iterdir())
    assert kept
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in kept)
    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o700


def test_another_secret_than_the_approved_one_is_refused(on_stage):
    hands = on_stage("config-set-secret")
    before = hands.on.state()
    hands.prepare()
    hands.on.secret = "sk-another-0123456789"

    assert hands.touch().state is TouchState.REFUSED

    assert hands.on.state() == before


def test_a_password_in_an_ordinary_setting_is_masked(hands_on, env):
    env.write_text("URL=postgres://app:hunter22@db/x\n")

    diff = "\n".join(hands_on(env, setting="URL", value="postgres://app:hunter23@db/x").prepare().diff)

    assert "hunter2" not in diff
    assert fingerprint("postgres://app:hunter22@db/x") in diff


def test_the_vault_gives_only_what_it_has_kept(tmp_path):
    vault = Vault(tmp_path / "kept")
    path = vault.keep(b"old")
    vault.note("key", "begun")
    vault.note("key", "done")

    assert vault.kept(path) == b"old"
    assert vault.kept("/etc/hostname") is None
    assert vault.kept(f"{tmp_path}/kept/../kept/none.old") is None
    assert (vault.noted("key"), vault.noted("other")) == ("done", "")


# --- copies ------------------------------------------------------------------------------------------------------------


def test_a_broken_copy_is_passed_over_for_an_older_whole_one(on_stage):
    hands = on_stage("sqlite-restore")
    folder = Path(hands.on.target.attributes["backups"]).parent
    broken = folder / "app-2.db"
    broken.write_bytes((folder / "app-1.db").read_bytes()[:4096] + b"\xff" * 8192)
    (folder / "app-3.db").write_text("no database at all")

    prepared = hands.prepare()

    assert prepared.refused == ""
    assert prepared.kept["copy"].endswith("app-1.db")


def test_a_file_that_somebody_has_open_is_not_swapped(on_stage):
    hands = on_stage("sqlite-restore")
    script = "import sys; file = open(sys.argv[1], 'rb'); print(flush=True); sys.stdin.read()"
    argv = [sys.executable, "-c", script, hands.on.target.attributes["path"]]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()

        refused = hands.prepare().refused

        assert f"process {holder.pid} has" in refused


# --- calls -------------------------------------------------------------------------------------------------------------


def test_a_call_that_may_have_arrived_is_not_sent_again(on_stage, tmp_path):
    hands = on_stage("http-call")
    hands.prepare()
    Vault(tmp_path / "kept").note(hands.on.touch.key, "begun")  # killed between asking and answer

    assert hands.happened() is Happened.CANNOT_KNOW
    assert hands.touch().state is TouchState.REFUSED
    assert hands.on.state()["calls"] == 0


def test_a_call_that_is_not_declared_is_refused(on_stage):
    hands = on_stage("http-call")
    hands.on.touch = Touch("http", "call", "api", args(call="DELETE /everything"), key="k")

    assert "none of the `calls`" in hands.prepare().refused
