"""The rules of an honest score that can be checked by reading."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from crashcart_lab import faults, noise

LAB = Path(str(files("crashcart_lab")))
# Digest may use itself, and nothing else of the lab.
SERVICE = sorted((LAB / "digest").rglob("*.py"))
WORDS = re.compile(r"\b(fault|broken|heal(?!th)|chaos|inject|simulat|lab mode|pretend|sabotage)", re.IGNORECASE)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", SERVICE, ids=lambda path: path.name)
def test_the_service_knows_nothing_of_faults(path: Path):
    """Rule 1: without it the score would be a spelling test."""
    text = path.read_text()

    assert not WORDS.findall(text)
    assert not [fault.name for fault in faults.FAULTS if fault.name in text]
    assert [name for name in imported(path) if name.startswith("crashcart")] == [
        name for name in imported(path) if name.startswith("crashcart_lab.digest")
    ]


def test_a_planted_hook_is_found(tmp_path: Path):
    """The check above would be worthless if it saw nothing."""
    planted = tmp_path / "api.py"
    planted.write_text("from crashcart_lab.faults import by_name\nimport crashcart_lab.noise\n")

    assert list(imported(planted)) == ["crashcart_lab.faults", "crashcart_lab.noise"]
    assert WORDS.findall(planted.read_text()) == ["fault"]


def test_settings_of_the_service_are_all_its_own():
    """Rule 1: each variable that the lab writes is one that an operator of the service would set."""
    from crashcart_lab.digest.settings import Settings

    assert not [name for name in Settings.model_fields if WORDS.search(name) or "lab" in name]


def test_lab_and_product_are_strangers():
    for path in LAB.rglob("*.py"):
        assert not [name for name in imported(path) if name.split(".")[0] == "crashcart"], path


def test_recorded_old_errors_name_no_machine():
    for name in noise.OLD_ERRORS:
        text = (LAB / "recordings" / f"{name}.jsonl").read_text()

        assert not re.search(r"127\.0\.0\.1|site-packages|/home/|/root/|/tmp/", text), name
        assert '"level": "ERROR"' in text
