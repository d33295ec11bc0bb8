"""Which files are meant, and in which order."""

from __future__ import annotations

import os
import random

import pytest

from crashcart.sources.block import TroubleKind
from crashcart.sources.names import find, in_order, set_of


@pytest.mark.parametrize(
    "names",
    [
        ["x.log.10.gz", "x.log.2.gz", "x.log.1", "x.log"],
        ["x.log-20240430.gz", "x.log-20240501", "x.log"],
        ["x.log.2024-04-30", "x.log.2024-05-01", "x.log"],
        ["x.log.2024-05-01_11-00-00.zst", "x.log.2024-05-01_12-00-00", "x.log"],
        ["x-2024-04-30.log.gz", "x-2024-05-01.log", "x.log"],
        ["x.20240430.log", "x.20240501.log"],
        ["syslog.2.gz", "syslog.1", "syslog"],
    ],
)
def test_rotated_files_come_from_the_oldest_on(names):
    shuffled = random.Random(1).sample(names, len(names))

    assert in_order(shuffled) == names
    assert len({set_of(name) for name in names}) == 1


def test_sets_stay_in_the_order_in_which_they_were_named():
    assert in_order(["b.log", "a.log.1", "b.log.1", "a.log"]) == ["b.log.1", "b.log", "a.log.1", "a.log"]


def test_a_file_that_is_just_being_compressed_is_read_once():
    assert in_order(["x.log.1", "x.log.1.gz", "x.log"]) == ["x.log.1", "x.log"]


def test_a_file_brings_what_was_rotated_away_from_it(tmp_path):
    for name in ("x.log", "x.log.1", "x.log.2.gz", "xy.log", "x.log.bak", "y.log.1"):
        (tmp_path / name).write_text("line\n")

    found = find([str(tmp_path / "x.log")])

    assert [os.path.basename(name) for name in found.files] == ["x.log.2.gz", "x.log.1", "x.log"]
    assert find([str(tmp_path / "x.log")], with_rotated=False).files == (str(tmp_path / "x.log"),)
    assert find([str(tmp_path / "x.log.1")]).files == (str(tmp_path / "x.log.1"),)


def test_a_folder_is_read_with_all_below_it(tmp_path):
    (tmp_path / "app").mkdir()
    for name in ("b.log", "app/a.log", "app/a.log.1", ".hidden"):
        (tmp_path / name).write_text("line\n")
    os.mkfifo(tmp_path / "pipe")

    found = find([str(tmp_path)])

    assert [os.path.relpath(name, tmp_path) for name in found.files] == ["b.log", "app/a.log.1", "app/a.log"]


def test_a_folder_within_itself_is_told_once_and_ends(tmp_path):
    (tmp_path / "a.log").write_text("line\n")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)

    found = find([str(tmp_path)])

    assert found.files == (str(tmp_path / "a.log"),)
    assert [trouble.kind for trouble in found.troubles] == [TroubleKind.LOOP]


def test_a_pattern_that_matches_nothing_is_told(tmp_path):
    (tmp_path / "a.log").write_text("line\n")

    found = find([str(tmp_path / "*.log"), str(tmp_path / "*.none")])

    assert found.files == (str(tmp_path / "a.log"),)
    assert [trouble.kind for trouble in found.troubles] == [TroubleKind.MISSING]


def test_one_file_under_two_names_is_read_once(tmp_path):
    (tmp_path / "a.log").write_text("line\n")
    (tmp_path / "current").symlink_to(tmp_path / "a.log")

    assert len(find([str(tmp_path / "a.log"), str(tmp_path / "current"), str(tmp_path)]).files) == 1


def test_names_that_only_look_like_patterns_are_names(tmp_path):
    (tmp_path / "a[1].log").write_text("line\n")

    assert find([str(tmp_path / "a[1].log")]).files == (str(tmp_path / "a[1].log"),)


def test_a_broken_link_is_kept_for_reading_to_tell(tmp_path):
    (tmp_path / "a.log").symlink_to(tmp_path / "gone")

    assert find([str(tmp_path)]).files == (str(tmp_path / "a.log"),)
