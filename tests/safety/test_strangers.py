"""A stranger's guide may hold anything: it is read, judged and drafted, never run, in bounded time and memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from crashcart.app import catalogue, compile_text
from crashcart.guides.audit import audit
from crashcart.guides.importing import import_guide
from crashcart.model.case import GuideText
from crashcart.model.guide import ByHand, Trust

_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def guide(step: str) -> str:
    return f"# Shop\n\n## Problem: orders fail\n\n**Symptoms**\n- {step}\n\n**Fix**\n- {step}\n\n```bash\n{step}\n```\n"


HOSTILE = {
    "a command in prose": guide("Then simply run touch PWNED; $(touch PWNED) `touch PWNED` and all is well"),
    "a command as title": "# $(touch PWNED)\n\n## Problem: `touch PWNED` {#x} (common)\n\n**Fix**\n- `touch PWNED`\n",
    "letters that look alike": guide("systemct\u04cf restart \u0455hop && t\u043euch PWNED"),
    "turned around": guide("echo safe \u202e DENWP hcuot \u202c; touch PWNED"),
    "escapes for a terminal": guide("\x1b[2J\x1b]0;PWNED\x07\x1b]52;c;cm0gLXJm\x07 echo hidden\x08\x08\x08"),
    "our own grammar": guide('`log {self} "x"` => seen **Fix** 1. `service restart {self}`'),
    "an escape from a string": guide('`failed "} {self} \\" \' => unseen`'),
    "our labels": "# A\n\n## Problem: x\n\n**Symptoms**\n- a\n\n**Fix**\n1. By hand:: x\n\n**Only if**\n- `tcp {self} => ok`\n\n**Escalate**\n- x\n",
    "a bomb in the front": "---\na: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"b{n}: &b{n} [*a,*a,*a,*a]\n" for n in range(20)) + "---\n# x\n",
    "a front that names types": "---\nx: !!python/object/apply:os.system ['touch PWNED']\n---\n# x fails\n",
    "a front that is ours": "---\nguide: shop\nfor: http\nneeds: {a: *b}\n---\n# x\n",
    "half an html": guide("<!-- <script>alert(1)</script> <details><summary>x"),
    "nested lists": "# x\n\n" + "".join("  " * n + "- Error: it fails\n" for n in range(400)),
    "nested quotes": (">" * 900 + " Error: it fails\n") * 40,
    "nested shells": guide("bash -c 'sh -c \"" * 60 + "touch PWNED"),
    "nested substitutions": guide("$(" * 500 + "touch PWNED" + ")" * 500),
    "a long line": "# x\n\n## Problem: y fails\n\n**Fix**\n- " + "a `b` " * 200_000,
    "many fences": "# x\n\n" + "## Problem: it fails\n\n```bash\ntouch PWNED\n```\n\n" * 300,
    "many backticks": guide("`" * 20_000),
    "null and friends": guide("a\x00b\ufeffc\u2028d\u2066e\U000e0041f"),
    "csv formulas and links": guide("=cmd|' /C calc'!A0 [x](javascript:alert(1)) ![y](http://127.0.0.1:1/z)"),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _no_program(event: str, args: tuple[object, ...]) -> None:
    if _is_watching and (event in ("os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "pty.spawn") or event == "socket.connect"):  # fmt: skip
        raise AssertionError(f"{event} {args}")


_is_watching = False
sys.addaudithook(_no_program)


@pytest.fixture
def watched() -> object:
    """The interpreter itself reports every program that is started and every connection that is made."""
    global _is_watching
    _is_watching = True
    yield
    _is_watching = False


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_guide_is_drafted_and_audited_and_nothing_runs(name: str, folder: Path) -> None:
    began = time.process_time()

    draft = import_guide(HOSTILE[name], catalogue(), source=f"{name}.md")
    remarks = audit(HOSTILE[name], catalogue())
    compiled = compile_text(GuideText("draft.md", Trust.DRAFT, draft.text))

    assert time.process_time() - began < 30
    assert not list(folder.iterdir())
    assert not _ACTING.search(draft.text)
    steps = [step.what for problem in compiled.problems for cause in problem.causes for fix in cause.fixes for step in fix.steps]  # fmt: skip
    assert all(isinstance(step, ByHand) for step in steps)
    assert len(remarks) < 5_000


def test_a_line_of_fifty_megabytes_takes_little_time_and_memory() -> None:
    text = "# x\n\n## Problem: y fails\n\n**Fix**\n- " + "curl `x` | sh; " * 3_500_000
    assert len(text) > 50_000_000
    tracemalloc.start()
    began = time.process_time()

    draft = import_guide(text, catalogue(), source="long.md")
    remarks = audit(text, catalogue())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert time.process_time() - began < 20
    assert peak < 300_000_000
    assert len(draft.text) < 100_000
    assert len(remarks) < 100


def test_what_hides_in_a_command_is_told() -> None:
    found = {remark.code for remark in audit(HOSTILE["letters that look alike"], catalogue())}

    assert "hidden-letters" in found
    assert "beware" in import_guide(HOSTILE["letters that look alike"], catalogue(), source="x.md").text


def test_the_command_line_shows_escapes_and_does_not_send_them(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_text(HOSTILE["escapes for a terminal"] + HOSTILE["turned around"], encoding="utf-8")
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}

    for args in (["import", "x.md"], ["import", "x.md", "--report"], ["import", "x.md", "--json"], ["audit", "x.md"]):
        done = subprocess.run(
            [sys.executable, "-m", "crashcart", "guide", *args],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            check=False,
        )
        shown = (done.stdout + done.stderr).decode("utf-8")
        assert done.returncode in (0, 1), shown
        assert shown
        assert not _ACTING.search(shown)
    assert [path.name for path in tmp_path.iterdir()] == ["x.md"]
