"""Absorbing: the general template takes the ones it matches."""

from __future__ import annotations

import pytest

from crashcart.logs.mining.absorb import absorbed


@pytest.mark.parametrize(
    ("general", "special"),
    [
        ("login of <*> from <*> was accepted", "login of ann from <*> was accepted"),
        ("login of <*> from <*> was accepted", "login of ann from home was accepted"),
        ("<*> error : could not connect", "wpad:<*> error : could not connect"),
        ("reading [<*>] took too long", "reading [a(b)] took too long"),
    ],
)
@pytest.mark.parametrize("lines", [(9, 1), (1, 9)])
def test_a_template_matched_by_another_belongs_to_it(general: str, special: str, lines: tuple[int, int]) -> None:
    found = absorbed({general: lines[0], special: lines[1]})

    assert found == {general: general, special: general}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("login of <*> was accepted", "login of <*> was refused"),
        ("login of <*> was accepted", "login of ann was not accepted"),
        ("<*> started", "cron started"),
        ("<*> <*> is <*> of", "disk a is full of"),
        ("reading [<*>] took long", "reading (a) took long"),
        ("same text here", "same text there"),
    ],
)
def test_others_stay_apart(one: str, other: str) -> None:
    assert absorbed({one: 5, other: 5}) == {one: one, other: other}


def test_chains_end_at_the_most_general() -> None:
    texts = ["a to b by c with care", "a to <*> by c with care", "a to <*> by <*> with care"]

    assert set(absorbed(dict.fromkeys(texts, 1)).values()) == {texts[2]}
