"""Many looks at once share one answer about processes, and it is the right one."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crashcart.probes import shared
from crashcart.probes.place import LocalPlace
from crashcart.probes.shared import SharedPlace


def test_looks_of_one_moment_list_the_processes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setattr(shared, "FRESH_S", 3600.0)
    monkeypatch.setattr(LocalPlace, "processes", lambda place: made.append(1) or ())
    place = SharedPlace()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: place.processes(), range(40)))

    assert answers == [()] * 40
    assert made == [1]


def test_an_answer_that_is_no_longer_fresh_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setattr(shared, "FRESH_S", -1.0)
    monkeypatch.setattr(LocalPlace, "processes", lambda place: made.append(1) or ())
    place = SharedPlace()

    place.processes()
    place.processes()

    assert made == [1, 1]


def test_who_holds_a_file_is_told_as_the_plain_place_tells_it(tmp_path: Path) -> None:
    held, linked = tmp_path / "held", tmp_path / "linked"
    held.write_text("x")
    linked.hardlink_to(held)

    with held.open():
        plain, found = LocalPlace().holders(str(linked)), SharedPlace().holders(str(linked))

    assert [process.pid for process in found] == [process.pid for process in plain] == [os.getpid()]


def test_a_file_that_is_not_there_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SharedPlace().holders(str(tmp_path / "none"))
