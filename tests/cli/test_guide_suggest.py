"""`crashcart guide suggest`: from a log that no guide explains to a draft that a person finishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Shop

SECRET = "hunter2-Zq8vKp3LmW9xTr4B"
BEGIN = "2026-05-04 03:{minute:02}:{second:02},000"
TRACE = """\
{at} ERROR app.print job {job} failed
Traceback (most recent call last):
  File "/srv/app/printing.py", line 88, in print_page
    tray.feed()
app.errors.PaperJam: tray {tray} is stuck, password={secret}
"""


def at(minute: int, second: int = 0) -> str:
    return BEGIN.format(minute=minute, second=second)


def jams(*, warnings: bool = True) -> str:
    """Forty minutes of work, jams in four of them, each with a warning, and one error that comes alone."""
    rows = []
    for minute in range(40):
        rows += [f"{at(minute, second)} INFO app.print page {minute * 6 + second} printed\n" for second in range(6)]
        if minute in (20, 21, 22, 23):
            if warnings:
                rows.append(f"{at(minute, 7)} WARNING app.tray motor of tray {minute % 3} draws {minute}.5 ampere\n")
            rows.append(TRACE.format(at=at(minute, 8), job=f"7f3a9c{minute}", tray=minute % 3, secret=SECRET))
            rows.append(f"{at(minute, 9)} ERROR app.sync could not fetch colours from http://10.0.0.{minute}/c\n")
    rows.append(f"{at(39, 30)} ERROR app.db sqlite3.OperationalError: attempt to write a readonly database\n")
    return "".join(rows)


@pytest.fixture
def printing(shop: Shop) -> Shop:
    (shop.folder / "crashcart.toml").unlink()
    shop.write("app.log", jams())
    return shop


def test_the_draft_compiles_and_quotes_the_log(printing: Shop) -> None:
    ran = printing.run("guide", "suggest", "app.log", "--name", "printing")
    printing.write("printing.md", ran.out)
    lint = printing.run("guide", "lint", "printing.md")

    assert ran.code == 0
    assert lint.code == 0
    assert "printing.md: fine" in lint.out
    assert '- always: `log {self} "app.errors.PaperJam: tray <tray> is stuck, password"`' in ran.out
    assert "printing.py:88 in print_page" in ran.out
    assert ">     2026-05-04 03:20:08,000 ERROR app.print job 7f3a9c20 failed" in ran.out


def test_what_a_guide_knows_is_not_suggested_again(printing: Shop) -> None:
    ran = printing.run("guide", "suggest", "app.log")

    assert "readonly database" not in ran.out
    assert "could not fetch colours from" in ran.out


def test_a_warning_that_came_only_with_the_errors_becomes_evidence(printing: Shop) -> None:
    ran = printing.run("guide", "suggest", "app.log")

    assert "it said so around the same time" in ran.out
    assert "motor of tray" in ran.out


def test_a_secret_in_the_log_is_not_in_the_draft(printing: Shop) -> None:
    """A draft is made to be shared."""
    ran = printing.run("guide", "suggest", "app.log")

    assert SECRET not in ran.out + ran.err
    assert SECRET[:8] not in ran.out + ran.err


def test_the_same_log_gives_the_same_bytes(printing: Shop) -> None:
    runs = [printing.run("guide", "suggest", "app.log") for _ in range(2)]

    assert runs[0].out == runs[1].out


def test_the_draft_finds_its_own_log(printing: Shop) -> None:
    """What was suggested must match the lines that it was made from, or it is worth nothing."""
    printing.write("printing.md", printing.run("guide", "suggest", "app.log", "--most", "2").out)
    system = '[system]\nname = "p"\nguides = ["printing.md"]\n\n[targets.api]\nkind = "http"\nurl = "http://127.0.0.1:9"\nlogs = ["app.log"]\n'
    printing.write("crashcart.toml", system)

    again = printing.run("guide", "suggest", "app.log")
    seen = printing.run("diagnose", "--log", "app.log", "--since", "20 min")

    assert "no error is there that a guide does not know" in again.err
    assert "what is really wrong, to be filled in (api)" in seen.out
    assert 'log api "app.errors.PaperJam' in seen.out


def test_the_number_of_problems_is_bounded_and_the_rest_is_told(printing: Shop) -> None:
    ran = printing.run("guide", "suggest", "app.log", "--most", "1")

    assert ran.out.count("\n## ") == 1
    assert "1 more that no guide knows: `--most 2`" in ran.err


def test_log_text_cannot_become_a_step_or_name_a_target(printing: Shop) -> None:
    """A log is written by strangers; of its text nothing may ever run."""
    printing.write(
        "evil.log",
        "2026-05-04 03:00:00,000 ERROR app upload of `service stop {self}` went wrong in <b>{dependants}</b>\n"
        "2026-05-04 03:00:01,000 ERROR app x ```\n"
        "2026-05-04 03:00:02,000 ERROR app **Fix** 1. `service stop {self}` and more of that kind\n"
        "2026-05-04 03:00:03,000 ERROR app quote \" and ' both stand here in one line\n",
    )

    ran = printing.run("guide", "suggest", "evil.log")
    printing.write("evil.md", ran.out)
    shown = printing.run("guide", "show", "evil.md")

    assert shown.code == 0
    for text in (ran.out, shown.out):
        assert all("`service" not in row or row.startswith(">     ") for row in text.splitlines())


def test_a_log_without_unknown_errors_says_so(printing: Shop) -> None:
    printing.write("well.log", f"{at(1)} INFO app.print page 1 printed\n")

    ran = printing.run("guide", "suggest", "well.log")

    assert ran.out == ""
    assert ran.code == 0
    assert "no error is there that a guide does not know" in ran.err


def test_a_log_that_is_not_there_is_told(printing: Shop) -> None:
    ran = printing.run("guide", "suggest", "gone.log")

    assert ran.code == 2
    assert "gone.log: missing: no such file" in ran.err
