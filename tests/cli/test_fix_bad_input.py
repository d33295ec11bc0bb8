"""`crashcart fix` when the world is against it: two people, old plans, secrets, other hands at the same file."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from fix_shop import GUIDE, Site

from crashcart.redact import fingerprint
from crashcart.storage import lease

SECRET = "sk-planted-new-0123456789abcdef"
OLD_SECRET = "sk-planted-old-fedcba9876543210"
ASKING = GUIDE.replace(
    "`config set {self} LIMIT = 9`",
    "`config set {self} LIMIT = 9`\n2. A new key: `config set {self} API_KEY = ?secret`",
)
ENV = f"NAME=shop\nLIMIT=1\nAPI_KEY={OLD_SECRET}\n"


def test_while_one_person_is_at_it_the_next_is_refused_and_told_who(site: Site) -> None:
    """Two plans, each right by itself, are wrong together."""
    place = lease.place(site.folder / "crashcart.toml")

    with lease.held(place, by="bob", now=datetime(2024, 5, 1, 12, tzinfo=UTC)):
        refused = site.run("fix", given="y\n")
        before = site.limit()
    allowed = site.run("fix", given="y\n")

    assert (refused.returncode, before[0]) == (2, "1")
    assert f"being touched by bob (pid {os.getpid()})" in refused.stderr
    assert (allowed.returncode, site.limit()[0]) == (0, "9"), allowed.stdout + allowed.stderr


def test_of_two_who_say_yes_to_one_plan_at_the_same_moment_one_touches(site: Site) -> None:
    """The second yes is to a world that is no more."""
    approved = site.hash_of_plan()
    argv = [sys.executable, "-m", "crashcart", "fix", "--approve", approved, "--no-input"]
    both = [
        subprocess.Popen(argv, cwd=site.folder, env=site.environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]  # fmt: skip
    told = ["".join(process.communicate(timeout=100)) for process in both]

    runs = list((site.folder / "state/crashcart/runs").rglob("journal.jsonl"))
    touched = [path.read_text(encoding="utf-8").count('"#":"Began"') for path in runs]
    assert sum(touched) == 1, told
    assert sorted(process.returncode == 0 for process in both) == [False, True], told
    assert site.limit().startswith("9")


def test_a_plan_that_is_older_than_it_may_be_is_void(site: Site) -> None:
    """A yes over lunch is a yes to another system."""
    approved = site.hash_of_plan()
    site.write(more="\n[touching]\nsettle_s = 0.5\nmax_plan_age_s = 0.05\n")

    done = site.run("fix", "--approve", approved, "--no-input")

    assert "diagnose again" in done.stdout, done.stdout + done.stderr
    assert (done.returncode, site.limit()[0]) == (1, "1")


def test_a_secret_that_is_set_is_in_the_settings_file_and_nowhere_else(site: Site) -> None:
    """The journal is read by many, the plan is pasted into chats, the terminal is shared."""
    site.write(guide=ASKING, env=ENV)
    environ = {**site.environ(), "NEW_KEY": SECRET}
    argv = [sys.executable, "-m", "crashcart", "fix", "--set", "API_KEY=env:NEW_KEY"]

    done = subprocess.run(
        argv, cwd=site.folder, env=environ, input="y\n", capture_output=True, text=True, timeout=100, check=False
    )
    run = site.run("runs").stdout.split()[0]
    told = done.stdout + done.stderr + site.run("journal", "show", run).stdout + site.run("handover", run).stdout

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"API_KEY={SECRET}" in (site.folder / "shop.env").read_text(encoding="utf-8")
    assert fingerprint(SECRET) in told
    assert SECRET not in told
    assert OLD_SECRET not in told
    assert _holders(site.folder, SECRET) == {"shop.env"}
    kept = _holders(site.folder, OLD_SECRET)
    assert {Path(name).suffix for name in kept} == {".old"}  # undoing needs it
    assert all((site.folder / name).stat().st_mode & 0o077 == 0 for name in kept)


def _holders(folder: Path, text: str) -> set[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)) for path in files if text.encode() in path.read_bytes()}


def test_what_somebody_else_wrote_after_the_touch_is_left_to_a_person(site: Site) -> None:
    """Undoing over another person's repair is the worst help there is."""
    site.run("fix", given="y\n")
    run = site.run("runs").stdout.split()[0]
    theirs = "NAME=shop\nLIMIT=9\nTHEIRS=1\n"
    site.write(env=theirs)

    done = site.run("undo", run, given="y\n")

    assert (site.folder / "shop.env").read_text(encoding="utf-8") == theirs
    assert done.returncode == 1
    assert "could not be taken back" in done.stdout, done.stdout + done.stderr
