"""A look changes nothing, and nothing secret leaves it."""

from __future__ import annotations

import ast
import hashlib
import os
from pathlib import Path

import psutil
import pytest

from crashcart.model.observation import Seen
from crashcart.probes.registry import specs

ASKING = ("http", "metric", "provider")  # each look of these is one request


# For these, a path that leads nowhere is itself something seen, or the machine is there without any target.
ALWAYS_SEEN = {"cpu", "disk", "fds", "file", "memory"}


def fingerprint_of(folder: Path) -> dict[str, tuple[str, int, int, int]]:
    return {
        path.name: (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
            path.stat().st_mode,
            path.stat().st_ino,
        )
        for path in sorted(folder.iterdir())
    }


def test_every_kind_and_every_look_is_in_the_suite(all_looks):
    """A look that the suite does not take is one whose read-onlyness nobody has proved."""
    taken = {(look.kind, look.look) for look in all_looks}

    assert taken == {(kind, look.name) for kind, spec in specs().items() for look in spec.looks}


@pytest.mark.timeout(300)  # each of the seven hundred looks at a database is a new session of it
@pytest.mark.parametrize("kind", sorted(specs()))
def test_a_hundred_looks_of_each_leave_the_target_as_it_was(world, every_look, kind):
    """A tool that is run on a sick production system must not be able to make it sicker."""
    looks = [look for look in every_look if look.kind == kind]
    if not looks:
        pytest.skip(f"nothing to look at here: {kind}")
    process = psutil.Process(world.process.pid)
    before = fingerprint_of(world.folder), process.num_threads(), process.num_fds(), process.ppid()
    world.take(looks)  # everything is imported and every pool has its threads
    own = psutil.Process()
    descriptors, children = own.num_fds(), len(own.children())

    outcomes = world.take(looks, times=100)

    assert all(isinstance(outcome, Seen) for outcome in outcomes), [
        one for one in outcomes if not isinstance(one, Seen)
    ][:3]
    assert (fingerprint_of(world.folder), process.num_threads(), process.num_fds(), process.ppid()) == before
    assert process.status() in ("running", "sleeping")
    assert world.process.poll() is None
    assert {request.split()[0] for request in world.requests} <= {"GET", "HEAD", "OPTIONS"}
    assert len(world.requests) == 101 * sum(look.kind in ASKING for look in looks)
    # The last connections of the server in this very process may still be closing.
    assert own.num_fds() <= descriptors + 4
    assert len(own.children()) == children


def test_a_look_opens_no_file_for_writing(world, every_look, monkeypatch):
    """Even a lock file or a cache beside the target is a change, and needs a disk that is not full."""
    opened: list[tuple[str, int]] = []
    real = os.open

    def watching(path: str, flags: int, *args: int, **kwargs: int) -> int:
        opened.append((os.fspath(path), flags))
        return real(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", watching)

    world.take(every_look)

    assert {path for path, _ in opened} >= set(world.target.logs)
    assert [path for path, flags in opened if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)] == []


def test_no_planted_secret_leaves_a_look(world, every_look, secrets):
    """What is seen is stored, shown and mailed around; a key in it is a key lost."""
    outcomes = world.take(every_look)

    told = [repr(outcome) for outcome in outcomes]

    assert sum(text.count("[redacted]") for text in told) > 20
    for look, text in zip(every_look, told, strict=True):
        assert [secret for secret in secrets if secret in text] == [], look.id
    # Half a secret, at the place where a record is cut, is half a secret too many.
    assert not any("Zx9-known" in text or "4f9aB2k" in text for text in told)


def test_no_planted_secret_leaves_a_look_that_saw_nothing(world, every_look, secrets):
    """Reasons quote what went wrong, and what went wrong may hold a password."""
    from dataclasses import replace

    world.target = replace(
        world.target,
        attributes={"url": f"postgres://app:{secrets[2]}@[bad", "path": "/nowhere"},
        logs=("/nowhere/api.log",), env_file="/nowhere/.env", command="", pid_file="/proc/self/cmdline",
        touch={"supervisor": ("/nowhere/supervisord.conf",)},
    )  # fmt: skip

    outcomes = world.take(every_look)

    saw = {look.kind for look, outcome in zip(every_look, outcomes, strict=True) if isinstance(outcome, Seen)}
    assert saw <= ALWAYS_SEEN
    assert not any(secret in repr(outcome) for outcome in outcomes for secret in secrets)


def marked_rows() -> set[tuple[str, str]]:
    rows: set[tuple[str, str]] = set()
    for path in (Path(__file__).parents[1] / "probes").glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.row":
                kind, situation = (ast.literal_eval(argument) for argument in node.args)
                rows.add((kind, situation))
    return rows


@pytest.mark.parametrize("kind", sorted(specs()))
def test_every_row_of_the_seen_unseen_table_is_proved(kind):
    """The table tells people when "unknown" means us and not their system; each row of it has a test of that name."""
    proved = {situation for owner, situation in marked_rows() if owner == kind}

    assert proved == {failure.situation for failure in specs()[kind].failures}
