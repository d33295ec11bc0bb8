"""What we promise to the person on call, each with the test that would notice if we broke it."""

from __future__ import annotations

import ast
import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crashcart.app import catalogue
from crashcart.errors import GuideErrors
from crashcart.guides.compile import compile_guide
from crashcart.report.plain import line, plain

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "crashcart"

GUIDE = """\
---
guide: g
for: http
---
# g

**Healthy**
- `tcp {{self}} => ok`

## p {{#p}}

**Symptoms**
- always: `tcp {{self}} => refused`

### Cause: c {{#c}} (common)

**Evidence**
- always: `{check}`
"""


def test_a_draft_or_a_look_has_no_hands() -> None:
    """No name is both a look and a touch's verb: what a guide says decides which it is, never what we make of it."""
    known = catalogue()
    for kind in known.actions.values():
        looks = {look.name for look in known.kinds[kind.name].looks} if kind.name in known.kinds else set()
        assert not looks & {verb.name for verb in kind.verbs}, kind.name


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"])
def test_a_guide_cannot_make_http_write(method: str) -> None:
    """A look that changes something is no look."""
    with pytest.raises(GuideErrors):
        compile_guide(GUIDE.format(check=f"http {{self}} {method} /x => status = 200"), catalogue())


def test_nothing_but_a_hand_starts_a_program_and_nothing_a_shell() -> None:
    """No look and no guide may run a command: what cannot be called cannot be injected into."""
    calls = []
    for path in SRC.rglob("*.py"):
        is_hand = path.is_relative_to(SRC / "actions")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {alias.name for alias in node.names} if isinstance(node, ast.Import | ast.ImportFrom) else set()
            module = node.module if isinstance(node, ast.ImportFrom) else ""
            if (names & {"subprocess", "pty"} or module in ("subprocess", "pty")) and not is_hand:
                calls.append(f"{path.name}:{node.lineno}")
            is_os = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
            shells = ("system", "popen", "fork", "execv", "execvp", "spawnv")
            if is_os and node.attr in (shells if is_hand else (*shells, "kill", "unlink", "remove")):
                calls.append(f"{path.name}:{node.lineno}")
            if isinstance(node, ast.keyword) and node.arg == "shell":
                calls.append(f"{path.name}:{node.lineno}")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec"):
                calls.append(f"{path.name}:{node.lineno}")
    assert not calls


def test_no_handler_swallows_what_it_caught() -> None:
    """A swallowed exception is a lie told later."""
    silent = []
    for path in [*SRC.rglob("*.py"), *(ROOT / "lab" / "src").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = ast.unparse(node.type) if node.type else "everything"
            is_broad = caught in ("everything", "Exception", "BaseException")
            if is_broad and all(isinstance(part, ast.Pass | ast.Continue) for part in node.body):
                silent.append(f"{path.name}:{node.lineno}")
    assert not silent


def test_text_from_outside_is_shown_and_not_done() -> None:
    """A log line must not be able to clear the screen, move the cursor, or turn the text around."""
    acting = "".join(chr(code) for code in (*range(32), *range(127, 160), 0x202E, 0x2066, 0x200B, 0xFEFF, 0xE0041))

    shown = line(f"before{acting}after")

    assert shown.isprintable()
    assert "before" in shown
    assert "after" in shown
    assert plain("ordinary text, with ümlauts and 漢字") == "ordinary text, with ümlauts and 漢字"


def test_truth_is_never_taken_for_a_yes_or_no() -> None:
    """Unknown is not false: an `if` over a truth is an error, not a guess."""
    from crashcart.model.truth import Truth

    with pytest.raises(TypeError):
        bool(Truth.UNKNOWN)


def test_secrets_have_no_text_form() -> None:
    """What holds a secret shows names only, wherever it is printed."""
    from crashcart.config import Loaded, SecretValues
    from crashcart.model.system import System

    secrets = SecretValues({("api", "key"): "sk-planted-0123456789"})
    loaded = Loaded(Path("x"), System("s", "", {}), (), secrets, known_secrets=("sk-planted-0123456789",))

    assert "sk-planted" not in repr(secrets) + str(secrets) + repr(loaded)


def test_model_nouns_cannot_be_changed_after_the_fact() -> None:
    """Evidence that can be edited is no evidence."""
    import importlib
    import pkgutil

    import crashcart.model

    for module in pkgutil.iter_modules(crashcart.model.__path__):
        loaded = importlib.import_module(f"crashcart.model.{module.name}")
        for noun in vars(loaded).values():
            if dataclasses.is_dataclass(noun) and isinstance(noun, type):
                assert noun.__dataclass_params__.frozen, noun  # type: ignore[attr-defined]


def test_diagnosing_writes_nothing_but_the_last_case(tmp_path: Path) -> None:
    """On a sick machine every file that we make may be the one that fills the disk."""
    (tmp_path / "crashcart.toml").write_text('[targets.a]\nkind = "tcp"\nurl = "tcp://127.0.0.1:1"\n', encoding="utf-8")
    (tmp_path / "g.md").write_text(
        GUIDE.format(check="tcp {self} => timeout").replace("for: http", "for: tcp"), encoding="utf-8"
    )
    (tmp_path / "crashcart.toml").write_text(
        '[system]\nguides = ["g.md"]\n[targets.a]\nkind = "tcp"\nurl = "tcp://127.0.0.1:1"\n', encoding="utf-8"
    )
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    before = set(tmp_path.rglob("*"))

    subprocess.run(
        [sys.executable, "-B", "-m", "crashcart"], cwd=tmp_path, env=environ, capture_output=True, check=False
    )

    made = {str(path.relative_to(tmp_path)) for path in set(tmp_path.rglob("*")) - before}
    assert made == {"state", "state/crashcart", "state/crashcart/last-case.json"}
    assert (tmp_path / "state/crashcart/last-case.json").stat().st_mode & 0o077 == 0
