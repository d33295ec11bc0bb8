"""Rules 2, 6 and 7: the check sees a breach of each, and none where there is none."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from crashcart_lab import client, drill
from crashcart_lab.errors import LabError
from crashcart_lab.faults import FAULTS, Fault, Truth
from crashcart_lab.world import World

TOOL = Path(__file__).parents[1] / "tools" / "check_rules.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_rules", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


tool = load()


TRUTH = Truth("disk-tired", "db")


@dataclass(frozen=True, slots=True)
class Idle(Fault):
    """Changes nothing."""

    name: str = "disk-tired"
    summary: str = "nothing happens"
    client_sees: str = client.UNREACHABLE
    truth: Truth = TRUTH

    def draw(self, rng: object) -> dict[str, int]:
        return {}

    def break_(self, world: World, drawn: object) -> None:
        """Do nothing."""

    def heal(self, world: World) -> None:
        """Do nothing."""


KNOWN = {"disk-tired@db": "db:sqlite.tired"}
FAULT = ("lab/src/crashcart_lab/faults/disk_tired.py", '    name: str = "disk-tired"')
GUIDE = ("src/crashcart/packs/sqlite/guide.md", "### Cause: the disk is tired {#tired} (rare)")
KEY = ("lab/guides/truths.toml", '"disk-tired@db" = "db:sqlite.tired"')


def wrong(*commits: Iterable[tuple[str, str]]) -> list[str]:
    """Return the breaches of order in a history of commits, each the lines that it adds."""
    log: list[str] = []
    for number, lines in enumerate(commits):
        log.append(f"commit {number:040x}")
        for path, line in lines:
            log += [f"diff --git a/{path} b/{path}", f"+++ b/{path}", "@@ -0,0 +1 @@", f"+{line}"]
    return list(tool.out_of_order([Idle()], KNOWN, list(tool.added(log))))


def test_a_fault_that_came_first_is_in_order():
    assert wrong([FAULT], [GUIDE], [KEY]) == []
    assert wrong([FAULT]) == []  # guide and key are not committed yet


@pytest.mark.parametrize(
    ("commits", "said"),
    [
        ([[GUIDE], [FAULT], [KEY]], ["2: its cause sqlite.tired came before or with the fault disk-tired"]),
        ([[FAULT, GUIDE], [KEY]], ["2: its cause sqlite.tired came before or with the fault disk-tired"]),
        ([[KEY], [FAULT], [GUIDE]], ["2: its line in the key came before or with the fault disk-tired"]),
    ],
)
def test_a_guide_or_key_that_came_before_its_fault_or_with_it_is_found(
    commits: list[list[tuple[str, str]]], said: list[str]
):
    """Who writes the guide first writes the fault to fit it."""
    assert wrong(*commits) == said


def test_a_fault_that_is_nowhere_in_the_history_may_not_be_covered():
    assert len(wrong([GUIDE], [KEY])) == 2


def test_without_a_history_the_order_is_not_checked_and_why_is_said(tmp_path: Path):
    with pytest.raises(tool.NoHistory, match="git does not tell"):
        tool.history(tmp_path)


def test_a_shallow_checkout_has_no_order(tmp_path: Path):
    """CI often has the last commit alone; then the check must not pass by seeing nothing."""
    full, shallow = tmp_path / "full", tmp_path / "shallow"
    identity = ("-c", "user.name=ann", "-c", "user.email=ann@example.org")
    subprocess.run(["git", "init", "-q", full], check=True)
    for number in range(2):
        words = ["git", "-C", full, *identity, "commit", "-q", "--allow-empty", "-m", f"{number}"]
        subprocess.run(words, check=True)
    subprocess.run(["git", "clone", "-q", "--depth", "1", full.as_uri(), shallow], check=True, capture_output=True)

    with pytest.raises(tool.NoHistory, match="shallow"):
        tool.history(shallow)
    assert tool.history(full) == []


def test_shared_truths_shared_causes_and_strange_targets_are_found():
    two = [*FAULTS[:2], FAULTS[0]]
    name, truth = FAULTS[0].name, str(FAULTS[0].truth)
    other = str(FAULTS[1].truth)
    known = {truth: "openai:a.b", other: "openai:a.b", "nobody@db": "cache:a.c"}

    assert list(tool.shared_truths(two, known)) == [
        f"6: {name} and {name} both are {truth}",
        f"6: {other} and {truth} both are openai:a.b",
        "6: no fault makes nobody@db true",
        "6: nobody@db is at another target than cache:a.c",
    ]


def test_a_symptom_that_no_client_says_is_found():
    @dataclass(frozen=True, slots=True)
    class Odd(Idle):
        client_sees: str = "the disk looks tired"

    assert list(tool.unsaid([Odd()])) == ["7: disk-tired is to show 'the disk looks tired', which no client says"]
    assert list(tool.unsaid(FAULTS)) == []


def test_a_fault_that_changes_nothing_for_the_client_is_refused_and_taken_away(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """Rule 7: what nobody outside notices is no fault, and no score may count it."""
    monkeypatch.setattr(drill, "by_name", lambda name: Idle())

    with pytest.raises(LabError, match="the client still works"):
        drill.break_(world, Idle(), seed=1)

    assert world.state.broken is None
