"""A free-form `run` in a team's own guide, from the plan to the end, with real programs."""

from __future__ import annotations

from pathlib import Path

import pytest
from fix_shop import GUIDE, Site

STEP = "Let more orders in: `config set {self} LIMIT = 9`"
RUN = 'Let more orders in: `run command {self} "bin/limit" "9"`\n   - undo `run command {self} "bin/limit" "1"`'
ALLOWED = "\n[touching]\nsettle_s = 0.5\nallow_run = true\n"
PROGRAM = """\
#!/bin/sh
echo "$1" >> calls
printf 'NAME=shop\\nLIMIT=%s\\n' "$1" > shop.env
echo "with ${DATABASE_PASSWORD:-nothing} of yours"
"""


@pytest.fixture
def running(site: Site) -> Site:
    """The shop whose guide runs a program, as its system file allows."""
    program = site.folder / "bin" / "limit"
    program.parent.mkdir()
    program.write_text(PROGRAM, encoding="utf-8")
    program.chmod(0o755)
    site.write(guide=GUIDE.replace(STEP, RUN), more=ALLOWED)
    return site


def calls(site: Site) -> list[str]:
    path = site.folder / "calls"
    return path.read_text(encoding="utf-8").split() if path.exists() else []


def journal(site: Site) -> str:
    (path,) = (site.folder / "state/crashcart/runs").rglob("journal.jsonl")
    return path.read_text(encoding="utf-8").rstrip("\0")


def test_it_is_run_once_after_the_name_was_typed(running: Site) -> None:
    done = running.run("fix", given="shop\n")

    assert "Fixed, and verified." in done.stdout, done.stdout + done.stderr
    assert (done.returncode, calls(running), running.limit()) == (0, ["9"], "9")
    assert "with nothing of yours" in journal(running)


def test_the_plan_shows_the_program_the_folder_and_the_undo(running: Site) -> None:
    shown = running.run("fix", "--plan", "--no-input").stdout

    assert "+ bin/limit 9" in shown
    assert f"= {running.folder}/bin/limit, sha256 " in shown
    assert f"= in {running.folder};" in shown
    assert "risk     destructive" in shown
    assert 'run command {self} "bin/limit" "1"' in shown
    assert not calls(running)


@pytest.mark.parametrize("given", ["y\n", ""])
def test_a_yes_is_not_enough(running: Site, given: str) -> None:
    assert running.run("fix", given=given).returncode != 0
    assert not calls(running)


def test_a_hash_and_a_typed_name_still_ask(running: Site) -> None:
    approved = running.hash_of_plan()

    silent = running.run("fix", "--approve", approved, "--typed", "shop", "--no-input")
    no = running.run("fix", "--approve", approved, "--typed", "shop", given="\n")
    before = calls(running)
    yes = running.run("fix", "--approve", approved, "--typed", "shop", given="shop\n")

    assert (silent.returncode, no.returncode, before) == (1, 1, [])
    assert "always asks" in silent.stderr
    assert "nobody can be asked" in silent.stderr
    assert (yes.returncode, calls(running)) == (0, ["9"]), yes.stdout + yes.stderr


def test_it_is_off_unless_the_system_file_allows_it(running: Site) -> None:
    approved = running.hash_of_plan()
    running.write(guide=GUIDE.replace(STEP, RUN))

    planned = running.run("fix", given="shop\n")
    kept = running.run("fix", "--approve", approved, given="shop\n")

    assert "allow_run = true" in planned.stdout
    assert "over to a person" in planned.stdout
    assert "allow_run = true" in kept.stdout
    assert not calls(running)


def test_an_imported_guide_runs_nothing_whatever_the_system_file_says(running: Site) -> None:
    running.write(
        guide=GUIDE.replace(STEP, RUN).replace("severity: high", "source: wiki.md\nseverity: high"), more=ALLOWED
    )

    done = running.run("fix", given="shop\n")
    lint = running.run("guide", "lint", "shop.md")

    assert "own guide alone" in done.stdout
    assert lint.returncode == 1
    assert "guide-run-not-own" in lint.stdout
    assert not calls(running)


def test_what_got_worse_is_taken_back_by_the_run_that_the_guide_names(running: Site) -> None:
    harmful = RUN.replace('"9"', '"13"')
    running.write(guide=GUIDE.replace(STEP, harmful), more=ALLOWED)

    done = running.run("fix", given="shop\n")

    assert "Taken back." in done.stdout, done.stdout + done.stderr
    assert (calls(running), running.limit()) == (["13", "1"], "1")


def test_taking_it_back_later_asks_as_well(running: Site) -> None:
    running.run("fix", given="shop\n")
    run = running.run("runs").stdout.split()[0]
    head = running.run("journal", "verify", run).stdout.split()[-1]

    silent = running.run("undo", run, "--yes", head)
    before = calls(running)
    asked = running.run("undo", run, given="y\n")

    assert (silent.returncode, before) == (2, ["9"])
    assert "always asks" in silent.stderr
    assert (asked.returncode, calls(running)) == (0, ["9", "1"]), asked.stdout + asked.stderr


def test_a_program_that_fails_ends_with_a_person(running: Site) -> None:
    Path(running.folder, "bin", "limit").write_text("#!/bin/sh\necho called >> calls\nexit 1\n", encoding="utf-8")

    done = running.run("fix", given="shop\n")

    assert done.returncode == 1
    assert "Nobody can tell whether a step took effect" in done.stdout
    assert calls(running) == ["called"]
