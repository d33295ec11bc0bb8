"""Accuracy on labelled lines of our own: a change that makes the miner worse turns this red."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crashcart.logs.mining import Miner

sys.path.insert(0, str(Path(__file__).parent))
from generated import STATEMENTS, grouping_accuracy, labelled, template_accuracy


def _texts(miner: Miner, block: bytes) -> list[str]:
    ids = miner.feed(block)
    templates = miner.result()
    return [templates[place].text for place in miner.places()[ids].tolist()]


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_thousand_lines_give_exactly_their_statements(seed: int) -> None:
    log = labelled(1_000, seed)

    found = _texts(Miner(), log.block)

    assert grouping_accuracy(log.labels, found) == 1.0
    assert template_accuracy(log.labels, found) == 1.0
    assert len(set(found)) == len(STATEMENTS)


@pytest.mark.parametrize(("seed", "groups", "texts"), [(1, 0.985, 0.84), (2, 0.99, 0.90), (3, 0.985, 0.90)])
def test_two_hundred_lines_give_nearly_all(seed: int, groups: float, texts: float) -> None:
    log = labelled(200, seed)

    found = _texts(Miner(), log.block)

    assert grouping_accuracy(log.labels, found) >= groups
    assert template_accuracy(log.labels, found) >= texts
