"""kill -9 before every write of a run, on real files: resumed, nothing twice, and the journal is whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

RUNNER = Path(__file__).with_name("killed.py")
STRIDE = 4  # every fourth write here; all of them with `--all-places`
ENDS = ("fixed", "void", "a person must look", "undone")


def deaths(folder: Path, plan: str, first: int, *, is_all: bool) -> list[dict[str, object]]:
    stride, first = (1, 0) if is_all else (STRIDE, first)
    done = subprocess.run(
        [sys.executable, str(RUNNER), str(folder), plan, str(stride), str(first)], capture_output=True, text=True,
        timeout=None if is_all else 110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(("plan", "first"), [("one", 0), ("three", 1), ("worse", 2)])
def test_a_run_killed_before_any_of_its_writes_is_resumed_and_does_nothing_twice(
    tmp_path: Path, plan: str, first: int, pytestconfig: pytest.Config
) -> None:
    """A crash must never leave a person guessing what was done, and never do it again."""
    found = deaths(tmp_path, plan, first, is_all=bool(pytestconfig.getoption("--all-places")))

    assert len(found) >= 5
    for death in found:
        settings = str(death["settings"])
        values = next(line for line in settings.splitlines() if line.startswith("LIST=")).partition("=")[2].split(",")
        assert death["was_killed"], death
        assert death["problem"] == "", death
        assert death["end"] in ENDS, death
        assert len(values) == len(set(values)), death
        if death["end"] == "fixed":
            assert values == (["a", "b"] if plan == "one" else ["a", "b", "c"])
        elif death["end"] in ("void", "undone"):
            assert settings == "NAME=shop\nLIST=a\n", death
