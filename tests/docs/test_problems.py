"""The page of problems: every entry of the two guides is in it, and none is covered by hope."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "write_problems.py"
SHARED = ROOT.parent / "shared"
WORDS = 7  # so many words in a row are somebody's sentence


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_problems", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


tool = load()
FOUND, KNOWN = tool.read()


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not here: the labelled guides are no part of the project")
    return path


def test_every_labelled_entry_of_both_guides_is_in_the_table():
    """Must be complete, or the page would leave out what is hard."""
    lines = shared("gold/problems.tsv").read_text(encoding="utf-8").splitlines()[1:]
    wanted = {line.split("\t")[0] for line in lines if line.startswith(tool.GUIDES)}

    assert {one.id for one in FOUND} == wanted


def test_nothing_is_copied_from_the_guides():
    ours = _runs(tool.SOURCE.read_text(encoding="utf-8"))

    for path in sorted(shared("guides").glob("*.md")):
        assert not ours & _runs(path.read_text(encoding="utf-8")), path.name


def _runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9']+", text.lower())
    return {tuple(words[at : at + WORDS]) for at in range(len(words) - WORDS + 1)}


def test_every_fault_that_is_named_exists():
    assert {name for one in FOUND for name in one.faults} <= set(KNOWN.faults)


def test_a_fault_that_no_guide_covers_is_told_with_who_names_it():
    none = tool.Known(KNOWN.faults, {}, KNOWN.causes)

    wrong = tool.uncovered((tool.Problem("digest-a", "it fails", ("disk-full", "no-such"), "", ""),), none)

    assert wrong == ["there is no fault no-such: digest-a", "no guide covers disk-full: digest-a"]


@pytest.mark.parametrize(
    "entry",
    [
        'is = "it fails"',
        'is = "it fails"\nfaults = ["disk-full"]\nwhy_not = "cannot"',
        'is = "it fails"\nwhy_not = "cannot"\nbut = "some"',
        'is = "it fails"\nfault = ["disk-full"]\nwhy_not = "cannot"',
    ],
)
def test_an_entry_has_faults_or_a_reason_and_not_both(entry: str):
    with pytest.raises(tool.Mistake, match="digest-a"):
        tool.problems(f"[digest-a]\n{entry}\n")


def test_the_page_shows_entry_fault_cause_and_looks():
    text = tool.page(FOUND, KNOWN)

    assert (
        "| `digest-database-locks` | the database is locked by somebody else | [database-locked](#database-locked) | `db:sqlite.locked` |"
        in text
    )
    section = text[text.index("### database-locked\n") :].split("### ")[1]
    assert "Cause `db:sqlite.locked`" in section
    assert re.search(r"- \w+: `.+`", section)
    assert re.search(r"\| `recordings-low-test-coverage` \| [^|]+ \|  \|  \| .+ \|", text)


def test_a_truth_that_is_no_cause_of_any_guide_is_a_mistake():
    fault = KNOWN.faults["database-locked"]
    wrong = tool.Known(KNOWN.faults, {str(fault.truth): "db:sqlite.no-such"}, KNOWN.causes)

    with pytest.raises(tool.Mistake, match="no-such"):
        wrong.cause_of(fault)
