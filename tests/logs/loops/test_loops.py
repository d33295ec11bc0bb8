"""The loops in C and their twins in Python give the same, and no byte outside of the data is read."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.logs.loops.inputs import PIECES, data_of, ranges_of

from crashcart.logs.loops import library, plain
from crashcart.logs.loops.library import FormTable, Library
from crashcart.logs.mining.fold import fold
from crashcart.logs.shape.forms import form_of
from crashcart.logs.shape.stamps import Reader

ROUNDS = 1_500
STAMPED = (
    b"2026-03-04 05:06:07,123 x",
    b"2026-03-04T05:06:07Z x",
    b"Mar  4 05:06:07 x y",
    b"1767225600.25 x",
)


def built() -> Library:
    """Return the compiled loops."""
    found = library.loaded()
    if found is None:
        pytest.skip("the loops were not compiled here: no C compiler when the package was installed")
    return found


def test_lines_end_where_they_end() -> None:
    chance = random.Random(1)
    for _ in range(ROUNDS):
        data = data_of(chance)
        assert built().line_ends(data).tolist() == plain.line_ends(data).tolist(), data


def test_lines_are_counted_alike() -> None:
    chance = random.Random(7)
    for _ in range(ROUNDS // 3):
        data = data_of(chance) * chance.choice((1, 1, 40))
        places = np.array(sorted(chance.randrange(len(data) + 1) for _ in range(5)), np.int64)
        expected = [data.count(b"\n", 0, place) for place in places.tolist()]
        assert built().lines_before(data, places).tolist() == expected
        assert plain.lines_before(data, places).tolist() == expected


def test_texts_are_found_in_the_same_places() -> None:
    chance = random.Random(2)
    for _ in range(ROUNDS):
        data = data_of(chance)
        begins, ends = ranges_of(chance, len(data))
        text = chance.choice(PIECES)
        for is_last in (False, True):
            ours, theirs = (each.find(data, text, begins, ends, is_last=is_last) for each in (built(), plain))
            assert ours.tolist() == theirs.tolist(), (data, text, begins, ends, is_last)


def test_stamps_are_read_alike() -> None:
    chance = random.Random(3)
    met = 0
    for line in STAMPED:
        form = form_of(line)
        assert form is not None
        stamp = Reader(form).stamp
        for _ in range(ROUNDS // 2):
            data = data_of(chance)
            places = np.array(sorted(chance.sample(range(-3, len(data) + 9), min(len(data), 12))), np.int64)
            starts = np.concatenate((places, np.array([data.find(line[:4])])))
            ours, theirs = built().stamps(data, starts, stamp), plain.stamps(data, starts, stamp)
            assert [each.tolist() for each in ours] == [each.tolist() for each in theirs], (data, line, starts)
            met += len(ours[0])
    assert met > ROUNDS // 10


def test_durations_are_equal_to_the_last_bit() -> None:
    chance = random.Random(4)
    known = 0
    for _ in range(ROUNDS):
        data = data_of(chance) or b"1"
        begins, ends = ranges_of(chance, len(data))
        begins -= begins == len(data)
        unit_s = chance.choice((0.0, 1.0, 1e-3))
        ours, theirs = (each.durations(data, begins, ends, unit_s=unit_s) for each in (built(), plain))
        assert ours.tobytes() == theirs.tobytes() or np.array_equal(ours, theirs, equal_nan=True), (data, begins, ends)
        known += int(np.count_nonzero(~np.isnan(ours)))
    assert known > ROUNDS // 10


def test_keys_are_equal_where_folded_lines_are() -> None:
    chance = random.Random(5)
    keys_of: dict[bytes, tuple[int, ...]] = {}
    for _ in range(ROUNDS):
        data = data_of(chance)
        ends = plain.line_ends(data)
        begins = np.concatenate((np.zeros(min(len(ends), 1), np.int64), ends[:-1] + 1))
        keys, forms = FormTable(built(), room=8).look_up(data, begins, ends)
        assert (forms == -1).all()
        lines = fold(data if data.endswith(b"\n") else data + b"\n")[: len(ends)]
        for line, key in zip(lines, keys.tolist(), strict=True):
            assert keys_of.setdefault(line, tuple(key)) == tuple(key), line
    assert len(set(keys_of.values())) == len(keys_of) > ROUNDS


def test_a_table_begins_anew_when_it_is_full() -> None:
    table = FormTable(built(), room=4)
    for first in range(0, 40, 4):
        data = b"".join(b"%c line\n" % (65 + first + n) for n in range(4))
        ends = plain.line_ends(data)
        keys, forms = table.look_up(data, ends - 6, ends)
        assert forms.tolist() == [-1] * 4
        table.learn(keys, np.arange(first, first + 4, dtype=np.int32))
        assert table.recall(keys).tolist() == [first, first + 1, first + 2, first + 3]
        assert table.look_up(data, ends - 6, ends)[1].tolist() == [first, first + 1, first + 2, first + 3]


def test_more_than_a_table_holds_is_learned_as_far_as_it_goes() -> None:
    table = FormTable(built(), room=2)
    data = b"a\nb\nc\nd\ne\n"
    ends = plain.line_ends(data)
    keys, _ = table.look_up(data, ends - 1, ends)
    table.learn(keys, np.arange(5, dtype=np.int32))
    assert table.recall(keys).tolist() == [0, 1, -1, -1, -1]


def test_a_library_of_another_kind_is_left_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "_loops.so"
    other.write_bytes(b"this is no library")
    monkeypatch.setattr(library, "FILE", other)
    assert library.loaded() is None
    other.unlink()
    monkeypatch.setattr(library, "FILE", tmp_path / "none")
    assert library.loaded() is None


def test_no_byte_outside_is_touched(tmp_path: Path) -> None:
    """The loops once more, compiled so that the first wrong access ends the process."""
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs gcc, to compile the loops with its sanitizers")
    source = Path(library.__file__).with_name("loops.c")
    checked = tmp_path / "checked.so"
    flags = (
        "-O1",
        "-g",
        "-shared",
        "-fPIC",
        "-ffp-contract=off",
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover",
    )
    done = subprocess.run([compiler, *flags, "-o", checked, source], capture_output=True, text=True, check=False)
    runtime = subprocess.run([compiler, "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    if done.returncode or not Path(runtime.stdout.strip()).is_absolute():
        pytest.skip(f"gcc has no sanitizers here: {done.stderr[:200]}")
    environment = {
        **os.environ, "LD_PRELOAD": runtime.stdout.strip(), "ASAN_OPTIONS": "detect_leaks=0", "PYTHONMALLOC": "malloc",
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.logs.loops.hammer", str(checked)]
    root = Path(__file__).parents[3]
    ran = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert ran.stdout == "hammered\n"
