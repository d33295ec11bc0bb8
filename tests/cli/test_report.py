"""`crashcart report` and `crashcart demo` as a user runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from crashcart.cli.demo import shipped_case
from crashcart.proof import prove

CASE = str(Path(__file__).parents[2] / "cases" / "digest" / "key-missing.json")


def test_a_diagnosis_writes_its_page_and_the_last_one_can_be_reported_later(shop, run) -> None:
    shop.log("ERROR order 17 failed", "ERROR warehouse said 403")

    found = run("diagnose", "--html", "now.html")
    later = run("report", "--html", "later.html")

    assert (found.code, later.code) == (1, 0)
    assert "the warehouse refuses us" in (shop.folder / "now.html").read_text()
    assert (shop.folder / "now.html").read_text() == (shop.folder / "later.html").read_text()


@pytest.mark.parametrize(
    ("form", "begins"), [("--markdown", "# Very likely"), ("--slack", "{"), ("--html=-", "<!doctype")]
)
def test_each_form_goes_to_standard_output(run, form: str, begins: str) -> None:
    ran = run("report", CASE, form)

    assert ran.code == 0
    assert ran.out.startswith(begins)


def test_a_report_without_a_form_or_with_two_of_them_says_what_to_do(run) -> None:
    none, two = run("report", CASE), run("report", CASE, "--markdown", "--slack")

    assert (none.code, two.code) == (2, 2)
    assert "--html FILE, --markdown or --slack" in none.err
    assert "two forms" in two.err


def test_without_a_diagnosis_there_is_nothing_to_report(run) -> None:
    ran = run("report", "--markdown")

    assert ran.code == 2
    assert "`crashcart diagnose` first" in ran.err


def test_the_demo_names_what_was_really_wrong(run, tmp_path: Path) -> None:
    ran = run("demo", "--html", "demo.html", "--save", "demo.json")

    assert ran.code == 0
    assert "Round 2" in ran.out
    answer = ran.out.split("The answer:")[1]
    assert "Likely: the account's money or quota is used up" in answer
    assert "What it really was: the account's money or quota is used up" in answer
    assert (tmp_path / "demo.html").exists()
    assert run("replay", "demo.json").code == 1


def test_the_case_of_the_demo_is_a_proof() -> None:
    """What a newcomer sees first must hold as every shipped claim does: named first, and nobody else without it."""
    assert prove(shipped_case(), None).holds
