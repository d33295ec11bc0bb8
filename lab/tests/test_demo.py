"""The demo, as a newcomer runs it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from crashcart_lab import demo
from crashcart_lab.cli import main
from crashcart_lab.demo import Answer
from crashcart_lab.faults import by_name
from crashcart_lab.processes import leftovers
from crashcart_lab.product import Suspect
from crashcart_lab.temporary import DeadlinePassed, deadline
from crashcart_lab.waiting import until

ROOT = Path(__file__).resolve().parents[2]
RUN = [sys.executable, "-c", "from crashcart_lab.cli import main; main()", "demo"]


@contextmanager
def running(*words: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the demo in a process of its own, with *folder* for what is temporary."""
    environment = os.environ | {"TMPDIR": str(folder)}
    with subprocess.Popen(
        [*RUN, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def test_the_demo_tells_the_story_names_the_cause_and_fixes_it_after_a_yes(tmp_path: Path):
    with running("key-missing", "--seed", "3", folder=tmp_path) as process:
        text, _ = process.communicate(timeout=170)

    assert process.returncode == 0, text
    before, report, after, plan, asked, run, end = text.split(demo.RULE)
    assert max(map(len, (before + after + asked + end).splitlines())) <= 100
    assert "Next: crashcart why openai:http-provider.key-missing" in report
    told = [text.index(part) for part in ("gave me a summary", "ended as failed", "$ crashcart", "key-missing: ")]
    assert told == sorted(told)
    assert "key-missing" not in text[: text.index("$ crashcart")]
    assert "the provider's key is gone" not in text[: told[-1]]
    assert "NAMED: first, and decided" in text
    assert "config set {digest} " in plan
    assert "sk-proj" not in text
    assert "nobody can be asked: the demo itself says yes" in " ".join(asked.split())
    assert "Fixed, and verified." in run
    assert "FIXED: it says so, and the user is served." in end
    assert text.count("my scrape job gave me a summary") == 2
    assert "crashcart-lab demo key-missing --seed 3" in text
    assert list(tmp_path.iterdir()) == []
    assert leftovers(tmp_path) == []
    shown = (ROOT / "README.md").read_text(encoding="utf-8").split("$ make demo FAULT=key-missing\n")[1].split("```")[0]
    said = {_masked(line) for line in text.splitlines()}
    assert [line for line in shown.splitlines() if _masked(line) not in said] == []


def _masked(line: str) -> str:
    """Return the line without what is another one each time: times, ids, counts, ages."""
    return re.sub(r"[0-9a-f]*\d[0-9a-f]*", "#", re.sub(r" +", " ", line.strip()))


def test_a_fix_that_only_a_person_can_do_is_said_to_be_one_and_the_lab_heals(tmp_path: Path):
    with running("provider-errors", "--seed", "3", folder=tmp_path) as process:
        text, _ = process.communicate(timeout=170)

    assert process.returncode == 0, text
    assert "By hand: look at the provider's status page" in text
    assert "this one is a person's" in " ".join(text.split())
    assert "The lab takes the fault away itself" in text
    assert text.count("my scrape job gave me a summary") == 2


def test_a_stopped_demo_leaves_nothing_behind(tmp_path: Path):
    """Ctrl-C comes when a person has seen enough; nobody should have to look for processes then."""
    with running("--seed", "5", folder=tmp_path) as process:
        until(lambda: len(leftovers(tmp_path)) >= 3, timeout_s=30, what="the lab to come up", hint="")
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)

    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("verdict", "first"), [("undecided", "openai:http-provider.slow"), ("decided", "openai:http-provider.down")]
)
def test_a_cause_that_is_not_named_is_said_to_be_so(capsys: pytest.CaptureFixture[str], verdict: str, first: str):
    answer = Answer(verdict, (Suspect(first, 0.7), Suspect("db:sqlite.locked", 0.2)), 0.1, 9, True, 1.0)

    demo._reveal(by_name("database-locked"), answer, truth="db:sqlite.locked")

    assert f"NOT NAMED: the answer is '{verdict}', {first} stands first" in " ".join(capsys.readouterr().out.split())


def test_a_cause_that_stands_first_undecided_is_not_called_named(capsys: pytest.CaptureFixture[str]):
    answer = Answer(
        "undecided", (Suspect("db:sqlite.locked", 0.7), Suspect("openai:http-provider.down", 0.2)), 0.1, 9, True, 1.0
    )

    demo._reveal(by_name("database-locked"), answer, truth="db:sqlite.locked")

    said = " ".join(capsys.readouterr().out.split())
    assert "FIRST, AND NOT SURE: it stands before all others, with p = 0.700" in said
    assert "NAMED" not in said


def test_a_fault_that_does_not_exist_is_refused_before_anything_is_started():
    done = CliRunner().invoke(main, ["demo", "rate-limit"])

    assert done.exit_code == 2
    assert "choose one of key-missing" in done.output


def test_what_takes_too_long_is_ended():
    with pytest.raises(DeadlinePassed), deadline(0.05):
        until(lambda: False, timeout_s=5, what="what never comes", hint="")
