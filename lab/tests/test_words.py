"""Rule 3: the check of the packs sees a lab word, and raises no false alarm."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

LAB = Path(__file__).resolve().parents[1] / "src"
TOOL = Path(__file__).parents[1] / "tools" / "check_words.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_words", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


check_words = load()
WORDS = check_words.words_of(check_words.SOURCES)
PACK = """\
# A service
The provider answers 429 to the client, and a job ended as failed; look at /health, or at port 8080.

- always: too many calls `log any {dependants} "Error code: 429"`
- often: `log {self} "database is locked"` and `log {self} level error`
- usually: `http {self} GET "{self.probe}" => status = 401` `env any {dependants} "OPENAI_API_KEY" => unset`
"""
PLANTS = [
    "Look at the file summaries.db.",
    "`process crashcart_lab.digest => absent`",
    "It is run by supervisor:digest.",
    '`log {self} "job <job> failed"`',
    '`log {self} "error: job 4711 failed in the end"`',
    '`log {self} "unfinished jobs taken up again"`',
    '`log {self} "no page of <url>"`',
    '`log {self} "SiteUnreadable"`',
    "`http {self} GET /summaries/987654 => status = 404`",
    "`http {self} POST /scrape => status = 202`",
    "`env {self} SQLITE_BUSY_TIMEOUT_S => set`",
    "`tcp {self} 32000 => ok`",
    '`log {self} "the job failed, see the log"`',
]


def test_the_shipped_packs_have_no_word_of_the_lab():
    """The tool is run as people run it: exit code and all."""
    done = subprocess.run([sys.executable, str(TOOL)], check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("0 words of the lab in ")


def test_plain_words_and_texts_of_libraries_raise_no_alarm():
    assert check_words.hits(PACK, WORDS) == []


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_word_is_found(plant: str):
    """The check above would be worthless if it saw nothing."""
    found = check_words.hits(f"{PACK}\n{plant}\n", WORDS)

    assert {hit.line for hit in found} == {PACK.count("\n") + 2}


def test_a_planted_pack_fails_the_check(tmp_path: Path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "guide.md").write_text(f"{PACK}\n{PLANTS[0]}\n")

    done = subprocess.run([sys.executable, str(TOOL), str(tmp_path)], check=False, capture_output=True, text=True)

    assert done.returncode == 1
    assert "guide.md:8: 'summaries.db' is a word of the lab" in done.stdout


def hits_without(exception: str, pack: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is found in a pack when one exception is taken off the list."""
    monkeypatch.delitem(check_words.ELSEWHERE, exception)
    return [hit.found for hit in check_words.hits(pack, WORDS)]


@pytest.mark.parametrize("exception", check_words.ELSEWHERE)
def test_every_exception_is_needed(exception: str, monkeypatch: pytest.MonkeyPatch):
    """An exception that excuses nothing any longer would hide the next leak."""
    planted = f'Look at {exception} now.\n- often: `log {{self}} "{exception}"`\n'

    assert check_words.hits(planted, WORDS) == []
    assert set(hits_without(exception, planted, monkeypatch)) == {exception}


def test_an_exception_excuses_itself_alone():
    """What is only said beside it, or around it, is still a word of the lab."""
    for exception in check_words.ELSEWHERE:
        planted = f'- often: `log {{self}} "{exception} summaries.db"`\n'

        assert check_words.hits(planted, WORDS) != [], exception


def test_an_exception_that_nobody_says_is_found_out(monkeypatch: pytest.MonkeyPatch):
    """The check above would be worthless if it held of any text."""
    monkeypatch.setitem(check_words.ELSEWHERE, "a text that nobody says", "nowhere")

    assert hits_without("a text that nobody says", '`log {self} "a text that nobody says"`', monkeypatch) == []
