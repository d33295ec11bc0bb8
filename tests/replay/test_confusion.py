"""The table of all cases against all guides sees a wrong answer, and calls nothing else one."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from crashcart.model.diagnosis import Diagnosis, Ranked, Stop, Verdict
from crashcart.storage import cases

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "confusion.py"
LOCKED, DOWN = "db:sqlite.locked", "openai:http-provider.down"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("confusion", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


tool = load()


def told(verdict: Verdict, **p: float) -> Diagnosis:
    names = {"locked": LOCKED, "down": DOWN, "unknown": "unknown:db"}
    ranked = tuple(Ranked(names[name], "a title", "db", one, 0.0, ()) for name, one in p.items())
    now = cases.read(ROOT / "cases" / "digest" / "healthy.json").now
    return Diagnosis(verdict, Stop.DECIDED, ranked, 0.1, 0.1, (), "", (), (), (), (), 1, now, None, False)


@pytest.mark.parametrize(
    ("diagnosis", "is_wrong"),
    [
        (told(Verdict.DECIDED, locked=0.9, down=0.1), False),
        (told(Verdict.UNDECIDED, down=0.6, locked=0.3), False),
        (told(Verdict.NONE_KNOWN, unknown=0.95, down=0.04), False),
        (told(Verdict.UNDECIDED, down=0.81, locked=0.9), True),
        (told(Verdict.DECIDED, down=0.6, locked=0.3), True),
        (told(Verdict.DECIDED, down=0.85), True),
    ],
)
def test_confidently_wrong_is_another_cause_above_the_limit_or_a_decision_for_it(diagnosis: Diagnosis, is_wrong: bool):
    assert tool._broken("own guide", diagnosis, LOCKED, is_known=True).is_wrong is is_wrong


def test_anything_but_nothing_wrong_is_wrong_in_a_healthy_case():
    assert tool._healthy("own guide", told(Verdict.UNDECIDED, locked=0.3)).is_wrong
    assert not tool._healthy("own guide", told(Verdict.NOTHING_WRONG, locked=0.3)).is_wrong


def test_a_wrong_answer_is_in_the_report_and_counted():
    bad = tool._broken("packs only", told(Verdict.DECIDED, down=0.9, locked=0.05), LOCKED, is_known=True)
    good = tool._broken("own guide", told(Verdict.DECIDED, locked=0.9), LOCKED, is_known=True)

    lines = tool.report([tool.Row("database-locked", LOCKED, (good, bad))])

    assert f"WRONG  database-locked (packs only): {LOCKED} has 0.050, {DOWN} 0.900; decided" in lines
    assert lines[-1] == "1 cases, 2 answers, 1 confidently wrong"


def test_each_case_is_asked_of_both_sets_with_and_without_its_cause():
    row = tool.row(ROOT / "cases" / "digest" / "provider-down.json")

    assert [one.guides for one in row.told] == [
        "own guide",
        "own guide, left out",
        "packs only",
        "packs only, left out",
    ]
    assert row.told[0].p > 0.8
    assert row.told[1].p == row.told[3].p == 0.0


def test_a_case_with_the_wrong_truth_fails_the_check(tmp_path: Path):
    """The check would be worthless if it passed whatever it is given."""
    text = (ROOT / "cases" / "digest" / "name-unresolvable.json").read_text(encoding="utf-8")
    (tmp_path / "planted.json").write_text(text.replace('http-provider.unresolvable"', 'http-provider.key-missing"'))

    done = subprocess.run([sys.executable, TOOL, tmp_path], check=False, capture_output=True, text=True)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "WRONG  planted (own guide)" in done.stdout
    assert "WRONG  planted (packs only)" in done.stdout


def test_no_case_at_all_is_no_success(tmp_path: Path):
    assert tool.main(tmp_path) == 1
