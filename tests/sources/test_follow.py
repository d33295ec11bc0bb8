"""A growing file: each line once, whatever happens to the file between two looks."""

from __future__ import annotations

import os

import pytest

from crashcart.sources.block import Block, TroubleKind
from crashcart.sources.follow import Follower


class Log:
    """A log as a service writes and rotates it."""

    def __init__(self, path):
        self.path = path
        self.path.write_bytes(b"")

    def write(self, text):
        with self.path.open("ab") as file:
            file.write(text)

    def rotate(self, times=1):
        for number in range(5, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            if older.exists():
                os.rename(older, self.path.with_name(f"{self.path.name}.{number + 1}"))
        os.rename(self.path, self.path.with_name(f"{self.path.name}.1"))


@pytest.fixture
def log(tmp_path):
    return Log(tmp_path / "app.log")


@pytest.fixture
def follow():
    """Make followers that let go of their files."""
    followers = []

    def make(path, **options):
        followers.append(Follower(str(path), **options))
        return followers[-1]

    yield make
    for follower in followers:
        list(follower.close())


def seen(items):
    items = list(items)
    return b"".join(item.data for item in items if isinstance(item, Block)), [
        item.kind for item in items if not isinstance(item, Block)
    ]


def test_what_is_appended_comes_once(log, follow):
    follower = follow(log.path)

    log.write(b"one\n")
    assert seen(follower.poll()) == (b"one\n", [])
    assert seen(follower.poll()) == (b"", [])
    log.write(b"two\nthree\n")
    assert seen(follower.poll()) == (b"two\nthree\n", [])


def test_half_a_line_waits_for_the_other_half(log, follow):
    follower = follow(log.path)

    log.write(b"one\ntw")
    assert seen(follower.poll()) == (b"one\n", [])
    log.write(b"o\n")
    assert seen(follower.poll()) == (b"two\n", [])


def test_from_its_end_on_only_what_is_new_is_read(log, follow):
    log.write(b"old\n")
    follower = follow(log.path, is_from_end=True)

    log.write(b"new\n")
    blocks = list(follower.poll())

    assert [(block.data, block.offset) for block in blocks] == [(b"new\n", 4)]


def test_a_rotated_file_is_read_to_its_end_before_the_next(log, follow):
    follower = follow(log.path)
    log.write(b"one\n")
    seen(follower.poll())

    log.write(b"two\nlast without newline")
    log.rotate()
    log.write(b"three\n")

    assert [item.data for item in follower.poll()] == [b"two\n", b"last without newline", b"three\n"]


def test_files_that_came_and_went_between_two_looks_are_read(log, follow):
    follower = follow(log.path)
    log.write(b"one\n")
    seen(follower.poll())

    for text in (b"two\n", b"three\n", b"four\n"):
        log.rotate()
        log.write(text)

    assert seen(follower.poll()) == (b"two\nthree\nfour\n", [])


def test_a_truncated_file_is_read_from_its_beginning_and_told(log, follow):
    follower = follow(log.path)
    log.write(b"one\ntwo\nhalf")
    seen(follower.poll())

    os.truncate(log.path, 0)
    log.write(b"three\n")

    assert seen(follower.poll()) == (b"halfthree\n", [TroubleKind.SHRUNK])


def test_a_missing_file_is_told_once_and_waited_for(tmp_path, follow):
    follower = follow(tmp_path / "app.log")

    assert seen(follower.poll()) == (b"", [TroubleKind.MISSING])
    assert seen(follower.poll()) == (b"", [])
    (tmp_path / "app.log").write_bytes(b"here\n")
    assert seen(follower.poll()) == (b"here\n", [])


def test_a_file_that_is_removed_and_written_anew_is_followed(log, follow):
    follower = follow(log.path)
    log.write(b"one\n")
    seen(follower.poll())

    log.write(b"two\n")
    log.path.unlink()
    assert seen(follower.poll()) == (b"two\n", [TroubleKind.MISSING])
    log.write(b"three\n")
    assert seen(follower.poll()) == (b"three\n", [])


def test_closing_yields_the_half_line(log, follow):
    follower = follow(log.path)
    log.write(b"one\nhalf")

    seen(follower.poll())

    assert seen(follower.close()) == (b"half", [])
