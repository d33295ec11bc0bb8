"""Numbers as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crashcart.report.words import ago, likely


@pytest.mark.parametrize(
    ("p", "word"),
    [
        (1.0, "almost certain"), (0.99, "almost certain"), (0.95, "very likely"), (0.8, "likely"),
        (0.5, "more likely than not"), (0.1, "possible"), (0.05, "unlikely"), (0.0, "ruled out"),
    ],
)  # fmt: skip
def test_a_probability_has_one_word(p: float, word: str) -> None:
    assert likely(p) == word


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s ago"), (89, "89 s ago"), (600, "10 min ago"), (7200, "2 h ago"), (400000, "5 d ago")]
)
def test_an_instant_is_told_by_how_long_ago_it_was(seconds: int, text: str) -> None:
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)

    assert ago(now - timedelta(seconds=seconds), now) == text
