"""What a newcomer was told, held against the truth: strict, and honest about what it cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest

from crashcart_lab.product import Answer, Suspect
from crashcart_lab.strangers.__main__ import STRANGERS
from crashcart_lab.strangers.bed import Bed
from crashcart_lab.strangers.found import target_of
from crashcart_lab.strangers.judged import AMID, BEFORE, Outcome, as_data, has_passed, judged, table
from crashcart_lab.strangers.stranger import There

PACKS = Path(__file__).parents[2] / "src" / "crashcart" / "packs"
RIGHT = Suspect("web:python-service.not-running", 0.94)
OTHER = Suspect("web:python-service.frozen", 0.03)


def outcome(verdict: str, *suspects: Suspect, target: str = "web", init: str = BEFORE) -> Outcome:
    return judged(
        "shop", "app-down", init, words="refused", target=target, cause="python-service.not-running",
        answer=Answer(verdict, suspects, 0.0, 12, True, 0.0), from_install_s=61.26, from_break_s=9.84,
    )  # fmt: skip


def test_first_and_decided_on_the_right_part_is_right() -> None:
    found = outcome("decided", RIGHT, OTHER)

    assert (found.is_right, found.word, found.truth) == (True, "right", "web:python-service.not-running")
    assert (found.from_install_s, found.from_break_s) == (61.3, 9.8)


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (outcome("undecided", RIGHT, OTHER), "honest"),
        (outcome("none of the known", Suspect("unknown:web", 0.7), RIGHT), "honest"),
        (outcome("nothing wrong", Suspect("unknown", 0.01)), "blind"),
        (outcome("decided", Suspect("db:sqlite.locked", 0.97), OTHER), "WRONG"),
        (outcome("undecided", Suspect("db:sqlite.locked", 0.9), RIGHT), "WRONG"),
        (outcome("decided", Suspect("db:python-service.not-running", 0.97)), "WRONG"),
        (outcome("decided", RIGHT, target=""), "WRONG"),
    ],
)
def test_anything_else_does_not_count(found: Outcome, word: str) -> None:
    """Undecided, another part with the same cause, and a part that init did not find are all no right answer."""
    assert (found.is_right, found.word) == (False, word)
    assert not has_passed([found])


def test_the_table_has_a_line_for_each_answer_and_the_sums_of_both_ways() -> None:
    lines = table([outcome("decided", RIGHT), outcome("undecided", RIGHT, init=AMID)]).splitlines()

    assert len({line.count("|") for line in lines[:4]}) == 1
    assert lines[2].startswith(
        "| shop | app-down | before | right | decided | web:python-service.not-running | 0.940 |"
    )
    assert lines[-2].startswith("init before the break: 1 of 1 right (first and decided), 0 confidently wrong")
    assert lines[-1].startswith("init amid the break: 0 of 1 right")


def test_the_data_say_how_it_went() -> None:
    (kept,) = as_data([outcome("decided", RIGHT)])

    assert (kept["how"], kept["fault"], kept["words"]) == ("right", "app-down", "refused")


def test_the_target_of_a_part_is_found_by_kind_and_mark(tmp_path: Path) -> None:
    path = tmp_path / "crashcart.toml"
    path.write_text('[targets.shop]\nkind = "http"\nurl = "http://127.0.0.1:8000"\n')

    assert target_of(path, There("web", ("http",), ":8000")) == "shop"
    assert target_of(path, There("web", ("nginx",), ":8000")) == ""
    assert target_of(tmp_path / "none.toml", There("web", ("http",), ":8000")) == ""


def test_every_break_has_a_true_cause_that_a_shipped_guide_describes(tmp_path: Path) -> None:
    for stranger in STRANGERS.values():
        parts = {part.name for part in stranger.parts(Bed(tmp_path, stranger.name))}
        for broken in stranger.breaks:
            guide, _, cause = broken.answer.partition(".")
            assert broken.part in parts
            assert f"{{#{cause}}}" in (PACKS / guide / "guide.md").read_text()
