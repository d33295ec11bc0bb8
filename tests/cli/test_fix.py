"""`crashcart fix` as a user runs it: a real server, a real settings file, a real journal."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from fix_shop import HARMFUL, USELESS, Site

from crashcart.model.canon import freeze
from crashcart.model.plan import End
from crashcart.model.run import Finished
from crashcart.storage.runs import RunStore


def test_a_yes_fixes_it_and_says_so(site: Site) -> None:
    done = site.run("fix", given="y\n")

    assert "Fixed, and verified." in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
    assert site.limit().startswith("9")
    assert "# orders" in (site.folder / "shop.env").read_text(encoding="utf-8")


def test_the_plan_can_be_read_aloud(site: Site) -> None:
    shown = site.run("fix", "--plan", "--no-input").stdout

    assert "[production] Plan" in shown
    assert "config set {shop} LIMIT = 9" in shown
    assert '"Let more orders in"' in shown
    assert "only if  tcp {shop}" in shown
    assert "risk     safe" in shown
    assert "undo     the file gets back its old bytes" in shown
    assert "It held when (says the cause):" in shown
    assert site.limit().startswith("1")


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "yes please\n"])
def test_anything_but_a_yes_is_a_no(site: Site, answer: str) -> None:
    done = site.run("fix", given=answer)

    assert done.returncode != 0
    assert site.limit().startswith("1")
    assert "production" in done.stderr


def test_a_hash_is_a_yes_to_that_plan_alone(site: Site) -> None:
    approved = site.hash_of_plan()

    done = site.run("fix", "--approve", approved, "--no-input")

    assert (done.returncode, site.limit()[0]) == (0, "9"), done.stdout + done.stderr


def test_a_plan_whose_file_was_edited_is_void(site: Site) -> None:
    approved = site.hash_of_plan()
    (kept,) = (site.folder / "state/crashcart/plans").rglob("*.json")
    kept.write_text(kept.read_text(encoding="utf-8").replace('"9"', '"13"'), encoding="utf-8")

    done = site.run("fix", "--approve", approved, "--no-input")

    assert "edited" in done.stderr
    assert (done.returncode, site.limit()[0]) == (2, "1")


def test_a_file_that_somebody_changed_since_the_plan_voids_it(site: Site) -> None:
    approved = site.hash_of_plan()
    site.write(env="NAME=shop\nLIMIT=2\n")

    done = site.run("fix", "--approve", approved, "--no-input")

    assert "the world changed since" in done.stdout
    assert site.limit() == "2"


def test_what_got_worse_is_undone_byte_for_byte(site: Site) -> None:
    site.write(guide=HARMFUL)
    before = (site.folder / "shop.env").read_bytes()

    done = site.run("fix", "--approve", site.hash_of_plan(), "--no-input")

    assert "Taken back." in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1
    assert (site.folder / "shop.env").read_bytes() == before


def test_a_fix_that_does_nothing_useful_is_not_called_fixed(site: Site) -> None:
    site.write(guide=USELESS)

    done = site.run("fix", "--approve", site.hash_of_plan(), "--no-input")

    assert "Done, and not better" in done.stdout
    assert done.returncode == 1


def test_a_run_can_be_taken_back_later(site: Site) -> None:
    site.run("fix", given="y\n")
    run = site.run("runs").stdout.split()[0]

    done = site.run("undo", run, given="y\n")

    assert done.returncode == 0, done.stdout + done.stderr
    assert site.limit().startswith("1")


def test_a_run_is_listed_handed_over_and_verified(site: Site) -> None:
    done = site.run("fix", given="y\n")
    head = re.search(r"Journal head: (\w+)", done.stdout)
    assert head
    run = site.run("runs").stdout.split()[0]

    assert "fixed" in site.run("runs").stdout
    assert "by ann" in site.run("runs").stdout
    assert "yes from ann (the OS user, unproved)" in site.run("handover", run).stdout
    assert site.run("journal", "verify", run, "--head", head.group(1)).returncode == 0
    assert site.run("journal", "show", run).stdout.count("\n") > 8


def test_a_tampered_journal_is_found(site: Site) -> None:
    site.run("fix", given="y\n")
    run = site.run("runs").stdout.split()[0]
    (path,) = (site.folder / "state").rglob("journal.jsonl")
    path.write_text(path.read_text(encoding="utf-8").replace('"ann"', '"bob"'), encoding="utf-8")

    done = site.run("journal", "verify", run)

    assert "NOT as it was written" in done.stdout
    assert done.returncode == 1


def test_the_red_button_stops_a_plan_that_was_approved(site: Site) -> None:
    approved = site.hash_of_plan()
    (site.folder / "crashcart.stop").write_text("", encoding="utf-8")

    done = site.run("fix", "--approve", approved, "--no-input")

    assert "red button" in done.stdout
    assert site.limit().startswith("1")
    assert "PRESSED" in site.run("status").stdout


def test_a_target_never_to_be_touched_is_not_touched(site: Site) -> None:
    site.write(more='\n[touching]\nnever_touch = ["shop"]\n')

    done = site.run("fix", given="y\n")

    assert "never to touch shop" in done.stdout
    assert site.limit().startswith("1")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ('never_touch = ["shp"]', "shop"),
        ('windows = ["Mon-Fri 9-17"]', "no window"),
        ("max_touches_per_h = -1", "no number"),
        ('allow_run = "yes"', "neither true nor false"),
        ("max_touchs_per_h = 1", "max_touches_per_h"),
    ],
)
def test_limits_that_cannot_be_read_are_errors(site: Site, line: str, word: str) -> None:
    site.write(more=f"\n[touching]\n{line}\n")

    done = site.run("status")

    assert word in done.stderr
    assert done.returncode == 2


def test_without_a_journal_nothing_is_touched_and_diagnosing_still_works(site: Site) -> None:
    (site.folder / "state").write_text("a file where a folder should be", encoding="utf-8")

    done = site.run("fix", given="y\n")

    assert "error[journal]" in done.stderr
    assert site.limit().startswith("1")
    assert "the limit is too small" in site.run("diagnose").stdout


def test_a_run_begins_by_forgetting_what_is_older_than_thirty_days(site: Site) -> None:
    store = RunStore(site.folder / "state/crashcart", site.folder / "crashcart.toml")
    long_ago = datetime.now(UTC) - timedelta(days=60)
    old = [_ended(store, long_ago + timedelta(days=number)) for number in range(7)]

    done = site.run("fix", given="y\n")

    assert done.returncode == 0, done.stdout + done.stderr
    assert not {*old[:2]} & {*store.names()}
    assert {*old[2:]} <= {*store.names()}


def _ended(store: RunStore, at: datetime) -> str:
    name, journal = store.create("abcd", at)
    journal.append(freeze(Finished(End.FIXED, "", at)), at)
    journal.close(is_over=True)
    return name
