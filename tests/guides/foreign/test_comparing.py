"""The words that compare a number, in the languages of the lexicon."""

from __future__ import annotations

import pytest

from crashcart.guides.foreign.comparing import compared
from crashcart.guides.foreign.units import figures


def relation(text: str) -> str:
    (figure,) = figures(text)
    return compared(text, figure)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (">", "the queue exceeds 500 jobs"),
        (">", "mehr als 500 MB"),
        (">", "más de 2 segundos"),
        (">", "la cola supera los 500 MB"),
        (">", "dépasse 80 %"),
        (">", "acima de 2 segundos"),
        (">", "超过 80 %"),
        (">", "90% を超えた場合"),
        (">", "более чем на 95 %"),
        (">=", "at least [262144]"),
        (">=", "pelo menos 3 GB"),
        (">=", "至少 3 GB"),
        (">=", "30 秒以上"),
        ("<", "fewer than 3 replicas"),
        ("<", "moins de 512 Mo"),
        ("<", "менее 10 GB"),
        ("<", "30 秒未満"),
        ("<=", "jusqu'à 512 Mo"),
        ("<=", "bis zu 5 s"),
        ("<=", "no más que hasta 5 s"),
        ("<=", "не более 5 секунд"),
        ("<=", "最多 5 秒"),
    ],
)
def test_each_language_compares(wanted: str, text: str) -> None:
    assert relation(text) == wanted


@pytest.mark.parametrize("text", ["takeover 5 s", "the admin 5 s", "discover 5 s", "<none>   5 s"])
def test_a_phrase_within_a_word_compares_nothing(text: str) -> None:
    assert relation(text) == ""


@pytest.mark.parametrize("text", ["rate(parcels_total[5m])", "General error: 8 attempt"])
def test_what_is_no_quantity_has_no_unit(text: str) -> None:
    assert all(figure.unit == "" for figure in figures(text))
