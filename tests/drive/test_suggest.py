"""Statements that no guide knows become log text of a guide."""

from __future__ import annotations

import pytest

from crashcart.drive.suggest import masked, named


@pytest.mark.parametrize(
    ("said", "signature"),
    [
        ("PaperJam: tray 2 is stuck", "PaperJam: tray <tray> is stuck"),
        ("cannot reach 10.0.0.7:5432 within 3.5s", "cannot reach <reach> within <within>"),
        ('relation "orders_2024" does not exist', "relation <relation> does not exist"),
        ("no such file: '/srv/a b/c.txt'", "no such file: <file>"),
        ("order 7f3a9c1d2e for ann@example.org was refused", "order <order> for <for> was refused"),
        ("GET https://api.example.org/v1/x?token=1 gave up", "GET <get> gave up"),
        ("job 1 of 9, job 2", "job <job> of <of>, job <*>"),
        ("key [redacted] is wrong", "key <key> is wrong"),
        ("module <module> failed in {self}", "module <module> failed in <in>"),
        ("sqlite3.OperationalError and boto3 2", "sqlite3.OperationalError and <and>"),
        ("it's a pity: can't go on", "it's a pity: can't go on"),
    ],
)
def test_values_become_holes_called_after_the_word_before_them(said: str, signature: str) -> None:
    assert named(masked(said)) == signature


def test_text_never_names_a_target_or_ends_a_code_span() -> None:
    """What a stranger wrote into a log must stay text in the guide."""
    text = masked('`service stop {self}` said {dependants} \u202e and "it\'s" over')

    assert not set("`{}\u202e") & set(text)
