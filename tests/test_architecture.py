"""The house keeps its floors, and a break is seen."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINT = Path(sys.executable).with_name("lint-imports")

PLANTED = [
    (
        "src/crashcart/diagnosis/words_planted.py",
        "from crashcart.probes import registry\n",
        "a floor imports only from below",
    ),
    ("src/crashcart/model/planted.py", "from crashcart import errors\n", "a floor imports only from below"),
    ("src/crashcart/guides/planted.py", "import socket\n", "engines and words do no input or output"),
    ("src/crashcart/drive/planted.py", "import crashcart_lab.cli\n", "product and lab are strangers"),
    ("lab/src/crashcart_lab/digest/planted.py", "import crashcart_lab.faults\n", "digest knows nothing of faults"),
    (
        "src/crashcart/drive/planted_hand.py",
        "from crashcart.actions import registry\n",
        "only the wiring reaches what touches",
    ),
    (
        "src/crashcart/actions/planted_say.py",
        "from crashcart.remedy import machine\n",
        "what touches decides nothing",
    ),
    ("src/crashcart/unplaced.py", "", "a floor imports only from below"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, to plant breaks in."""
    folder = tmp_path_factory.mktemp("house")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", folder / "src", ignore=ignore)
    shutil.copytree(ROOT / "lab" / "src", folder / "lab" / "src", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def _contracts(folder: Path) -> tuple[int, str]:
    environ = {"PYTHONPATH": f"{folder}/src:{folder}/lab/src", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [str(LINT), "--no-cache"], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_all_contracts_hold(copy: Path) -> None:
    code, told = _contracts(copy)

    assert code == 0, told
    assert "0 broken" in told


@pytest.mark.parametrize(("path", "text", "contract"), PLANTED)
def test_a_planted_break_turns_its_contract_red(copy: Path, path: str, text: str, contract: str) -> None:
    planted = copy / path
    planted.write_text(text, encoding="utf-8")
    try:
        code, told = _contracts(copy)
    finally:
        planted.unlink()

    assert code != 0
    assert f"{contract} BROKEN" in told or ("unplaced" in told), told
