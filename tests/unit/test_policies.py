"""Other policies of choice, on recorded sweeps: they come to the same verdict, or say that they do not."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from bench import policies

from crashcart.storage import cases

ROOT = Path(__file__).parents[2]
CASES = ROOT / "cases" / "digest"


def test_every_policy_comes_to_the_verdict_that_the_product_came_to():
    found = policies.compare(CASES / "name-unresolvable.json")

    assert found.first == "openai:http-provider.unresolvable"
    assert found.missed == ()
    assert set(found.looks) == set(policies.POLICIES)
    assert 0 < min(found.looks.values()) <= max(found.looks.values()) < 100
    assert found.looks["ours"] <= found.shipped


def test_what_the_product_did_not_decide_has_no_verdict_to_compare():
    healthy = policies.compare(CASES / "healthy.json")
    summed = policies.totals([healthy])

    assert (healthy.first, dict(healthy.looks)) == ("", {})
    assert (summed.compared, summed.undecided, dict(summed.ratios)) == (0, 1, {})


def test_a_policy_that_never_gets_there_has_taken_every_look(tmp_path: Path):
    """Rivals are not spared: whoever misses the verdict has looked everywhere for it."""
    path = CASES / "provider-down.json"
    result = policies.app.replay_case(cases.read(path))
    frame = policies.lay_out(result.net)
    other = frame.index["openai:http-provider.key-missing"]
    goal = policies._Goal(other, 0.95)

    count, is_there = policies._looks(cases.read(path), result.net, frame, goal, policies._strongest(frame))

    assert not is_there
    assert count >= len({look for node in frame.nodes if not node.blocked_because for look in node.looks}) - 1


def test_ratios_are_those_of_the_sums():
    one = policies.Compared("a", "x", 10, 2, {"ours": 2, "fixed": 8, "strongest": 4}, ())
    two = replace(one, looks={"ours": 4, "fixed": 4, "strongest": 6}, missed=("fixed",))

    summed = policies.totals([one, two])

    assert dict(summed.ratios) == {"fixed": 0.5, "strongest": 0.6}
    assert dict(summed.shipped_ratios) == {"fixed": 1.667, "strongest": 2.0}
    assert dict(summed.missed) == {"ours": 0, "fixed": 1, "strongest": 0}


def test_the_program_answers_in_json():
    words = [sys.executable, "-m", "bench.policies", "--json", str(CASES / "key-missing.json")]
    done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)

    told = json.loads(done.stdout)
    assert told["v"] == 1
    assert told["totals"]["compared"] == 1
    assert told["cases"][0]["case"] == "key-missing.json"
