"""Ablations: what is taken away is gone, and nothing else is."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from crashcart_lab.product import Product
from crashcart_lab.score.ablate import Ablation, ablate, has_watched, with_words


def observed(look: str, **fields: object) -> dict[str, object]:
    return {"look": look, "seen_at": "2026-01-01T00:00:00Z", "took_s": 0.1, "fields": fields or None, "unseen": ""}


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case.json"
    looks = [
        observed("log {digest} text='Error code: 429'", is_seen=True),
        observed("log {digest} level='error'"),
        observed("metric {digest} name='jobs'", value=3),
        observed("http {digest} method='GET' path='/health'", status=200),
        observed("http {digest} method='GET' path='/health/detailed'", status=503),
        *(observed(f"tcp {{t{at}}}", connect="ok") for at in range(15)),
    ]
    guides = [
        {"path": "packs/a/guide.md", "trust": "shipped", "text": "x"},
        {"path": "b.md", "trust": "own", "text": ""},
    ]
    path.write_text(json.dumps({"case_format": 1, "complaint": "", "guides": guides, "observations": looks}))
    return path


def taken(case: Path, ablation: Ablation, seed: int = 1) -> tuple[set[str], int, dict[str, object]]:
    """Return the looks that are blind now and were not before, the count, and the document."""
    data, count = ablate(case, ablation, "it fails", chance=random.Random(seed))
    before, after = json.loads(case.read_text()), json.loads(data)
    assert [one["look"] for one in before["observations"]] == [one["look"] for one in after["observations"]]
    pairs = zip(before["observations"], after["observations"], strict=True)
    blind = {new["look"] for old, new in pairs if old["fields"] and not new["fields"]}
    assert all(one["unseen"] for one in after["observations"] if one["look"] in blind)
    return blind, count, after


@pytest.mark.parametrize(
    ("ablation", "looks"),
    [
        (Ablation.NO_LOGS, {"log {digest} text='Error code: 429'"}),
        (Ablation.NO_METRICS, {"metric {digest} name='jobs'"}),
        (Ablation.NO_DETAILED_HEALTH, {"http {digest} method='GET' path='/health/detailed'"}),
        (Ablation.PACKS_ONLY, set()),
    ],
)
def test_an_ablation_blinds_its_looks_and_no_others(case: Path, ablation: Ablation, looks: set[str]):
    blind, count, after = taken(case, ablation)

    assert blind == looks
    assert count == 1
    assert after["complaint"] == "it fails"


def test_packs_only_leaves_no_guide_of_the_service(case: Path):
    _, _, after = taken(case, Ablation.PACKS_ONLY)

    assert isinstance(after["guides"], list)
    assert [guide["path"] for guide in after["guides"]] == ["packs/a/guide.md"]


def test_the_seed_draws_which_quarter_is_blind(case: Path):
    blind, count, _ = taken(case, Ablation.QUARTER_BLIND)

    assert 4 <= count == len(blind) <= 5  # of 20 looks, one of which had seen nothing anyway
    assert taken(case, Ablation.QUARTER_BLIND)[0] == blind
    assert taken(case, Ablation.QUARTER_BLIND, seed=2)[0] != blind


def test_the_words_are_added_and_nothing_else_changes(case: Path):
    before, after = json.loads(case.read_text()), json.loads(with_words(case, "it fails"))

    assert after["complaint"] == "it fails"
    assert after["guides"] == before["guides"]
    assert [one["fields"] for one in after["observations"]] == [one["fields"] for one in before["observations"]]


def test_a_look_that_took_two_samples_is_noticed(case: Path):
    assert not has_watched(case)
    found = json.loads(case.read_text())
    found["observations"][2]["watched"] = {"value": [[0.0, 3], [5.0, 4]]}
    case.write_text(json.dumps(found))

    assert has_watched(case)


@pytest.mark.parametrize("ablation", [Ablation.NO_LOGS, Ablation.PACKS_ONLY])
def test_crashcart_reads_what_an_ablation_leaves(tmp_path: Path, ablation: Ablation):
    """The score would be empty if crashcart refused the copies; and without logs this fault is harder to see."""
    committed = Path(__file__).parents[2] / "cases" / "digest" / "rate-limited.json"
    left = tmp_path / "left.json"
    data, count = ablate(committed, ablation, "my scrape job ended as failed", chance=random.Random(1))
    left.write_bytes(data)

    answer = Product(tmp_path).replay(left)

    assert count > 0
    assert answer.saw_anything
    assert answer.suspects
