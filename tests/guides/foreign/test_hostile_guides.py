"""A guide that was written to do harm is imported and audited like any other: nothing runs, nothing hides, nothing hangs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from crashcart.app import catalogue, compile_text
from crashcart.guides.audit import audit
from crashcart.guides.importing import import_guide
from crashcart.model.case import GuideText
from crashcart.model.guide import ByHand, Trust

GUARDED = Path(__file__).with_name("guarded.py")
MOST_CPU_S = 60.0  # of processor time for all runs over one guide; the slowest takes 8 s on a slow machine
MOST_KIB = 1_500_000
# What acts in a terminal, or turns text around: nothing that we print may hold it.
ACTS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u061c\U000e0000-\U000e007f]"
)
MARK = "MARK"  # what a command of a hostile guide would leave behind
TOUCH = f"touch {MARK}"

PROBLEM = "# Shop\n\n## Problem: orders fail\n\n**Symptoms**\n- `order refused`\n\n**Fix**\n"
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
ESC = "\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b31m\x1bP1$r"

HOSTILE = {
    "commands hidden in prose": PROBLEM + f"Just `$({TOUCH})` or \"$({TOUCH})\" and run: {TOUCH}; `` `{TOUCH}` `` &&{TOUCH} | sh\n\n"
    f"[a](javascript:{TOUCH}) ![x]({TOUCH}) <!-- {TOUCH} --> <script>{TOUCH}</script> {{{{ {TOUCH} }}}} %({TOUCH})s ${{IFS}}{TOUCH}\n",
    "commands that a tool may evaluate": PROBLEM + f"```python\n__import__('os').system('{TOUCH}')\n```\n\n```bash\neval \"{TOUCH}\"\n. <({TOUCH})\n```\n\n"
    f"```{{r eval=TRUE}}\nsystem('{TOUCH}')\n```\n\n```sh {TOUCH}\n{TOUCH}\n```\n",
    "letters of other alphabets": PROBLEM + "1. `sudo systemctl rest\u0430rt sh\u043ep`\n2. `r\u043c -rf /`\n\n```bash\n\uff52\uff4d -rf /srv\nl\u0455 -l\n```\n",
    "marks of direction": PROBLEM.replace("orders", "\u202eorders\u202c \u2066x\u2069") + "1. `ls \u202egpj.mr\u202c`\n2. echo \u200b\u200f\u061c \U000e0041\U000e0042\n",
    "backticks in titles": "# `Shop\n\n## Problem: ``orders` fail ```\n\n**Symptoms**\n- ```` `log {self} \"x\"` ````\n\n**Fix**\n1. ``` `service restart {self}` ```\n"
    "2. ` ``service restart {self}`` `\n\n## Problem: `http {self} GET / => status = 200`\n\n**Fix**\n- ~~~\n",
    "signs of a terminal": PROBLEM.replace("orders", f"orders{ESC}") + f"1. {ESC} `{ESC}rm x`\n\n```{ESC}\n{ESC} boom {ESC}\n```\n\n| Error | Fix |\n|---|---|\n| {ESC} | {ESC} |\n",
    "a bomb in front matter": f"---\n{BOMB}title: *i\n---\n{PROBLEM}- wait\n",
    "a bomb in front matter of ours": f"---\nguide: x\nfor: http\n{BOMB}needs: *i\n---\n# X\n",
    "objects in front matter": "---\ntitle: !!python/object/apply:os.system ['" + TOUCH + "']\nguide: !!python/name:os.system\nfor: http\n---\n" + PROBLEM + "- wait\n",
    "values that leave their place": '---\ntitle: "x\\nguide: evil\\nneeds: {a: b}"\n---\n'
    + PROBLEM.replace("orders fail", '"; DROP TABLE x; -- {self} {#id} (common) \\" => x')
    + '- `log {self} "a" => seen`\n1. `service restart {self}`\n2. By hand:: `service stop {self}`\n\n**Fix: all**\n1. `service restart {self}`\n\n'
    + "## Task: x {#t} (every 1 s)\n\n**Do**\n1. `service restart {self}`\n\n### Cause: [x](python-service#not-running) {#y} (common)\n",
    "lists in lists": PROBLEM + "".join(f"{'  ' * depth}- a `{TOUCH}`\n" for depth in range(300)) + "- " * 900 + "x\n",
    "quotes in quotes": PROBLEM + "".join(f"{'> ' * depth}x\n" for depth in range(0, 900, 9)),
    "blocks in blocks": PROBLEM + "<details><summary>Error</summary>\n" * 300 + ":::note\n" * 500,
    "brackets": PROBLEM + "```python\n" + "(" * 9_000 + "\n```\n\n```json\n" + '{"a":' * 20_000 + "\n```\n\n" + "[" * 1_900 + "\n",
    "headings of one name": "# Errors\n" + "## Error: x fails\n\nfix it\n\n" * 300,
    "one heading below the other": "".join(f"{'#' * (at % 6 + 1)} Error {at} fails\n\n- `e{at} failed hard`\n" for at in range(300)),
    "a table without end": PROBLEM + "|" + "a|" * 900 + "\n|" + "---|" * 900 + "\n" + ("|" + "x|" * 900 + "\n") * 12,
    "half characters": PROBLEM + "- \ufffd\ufffe\uffff \u0301\u0301\u0301 \U0001f9d1\u200d\U0001f680" + "\u0301" * 5_000 + "\n",
    "a name that is a path": "---\nguide: ../../../etc/passwd\nfor: http\n---\n# ../../x\n\n## Problem: ../../etc\n\n**Fix**\n- `cat /etc/shadow > MARK`\n",
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """What one command printed."""

    out: str
    err: str


@dataclass(frozen=True)
class Told:
    """What commands did under guard."""

    runs: tuple[Run, ...]
    written: tuple[str, ...]


def guarded(folder: Path, runs: Sequence[Sequence[str]]) -> Told:
    """Run commands under guard; every output must be one that a terminal can bear, in bounded time and memory."""
    done = subprocess.run(
        [sys.executable, "-B", str(GUARDED), str(folder)], input=json.dumps(runs), capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    told = json.loads(done.stdout)
    for args, run in zip(runs, told["runs"], strict=True):
        assert run["code"] in (0, 1, 2), (args, run["err"][:500])
        assert run["cpu_s"] < MOST_CPU_S, args
        for text in (run["out"], run["err"]):
            found = ACTS.search(text)
            assert found is None, (args, found and text[max(0, found.start() - 80) : found.end() + 20])
    assert told["kib"] < MOST_KIB
    return Told(tuple(Run(run["out"], run["err"]) for run in told["runs"]), tuple(told["written"]))


def test_hostile_guides_run_nothing_hide_nothing_and_take_bounded_time(tmp_path: Path) -> None:
    """Whoever imports a stranger's guide trusts us with a text, not with a machine."""
    runs: list[list[str]] = []
    for number, text in enumerate(HOSTILE.values()):
        name = f"guide{number}.md"
        (tmp_path / name).write_text(text, encoding="utf-8")
        runs += [
            ["guide", "import", name],
            ["guide", "import", name, "--report"],
            ["guide", "import", name, "--json"],
            ["guide", "audit", name, "--sarif", f"{number}.sarif"],
        ]

    told = guarded(tmp_path, runs)

    assert not (tmp_path / MARK).exists()
    logs = {f"{number}.sarif" for number in range(len(HOSTILE))}
    assert {Path(path).name for path in told.written} == logs
    for name in logs:
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert json.loads(text)["version"] == "2.1.0"
        assert not ACTS.search(text)
    for at in range(0, len(runs), 4):
        assert json.loads(told.runs[at + 2].out)["draft"] == told.runs[at].out


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_the_draft_of_a_hostile_guide_holds_no_step_that_could_run(name: str) -> None:
    """What a stranger wrote may look like our language; it must not become it."""
    draft = import_guide(HOSTILE[name], catalogue(), source=f"a\n{ESC}\"'`{{#x}}.md", name="x: y\nneeds: {a: b}")
    guide = compile_text(GuideText("draft.md", Trust.DRAFT, draft.text))

    remedies = [
        remedy
        for problem in guide.problems
        for cause in problem.causes
        for remedy in (*problem.reliefs, *cause.fixes, *cause.reliefs, *cause.undos)
    ]
    assert all(isinstance(step.what, ByHand) for remedy in remedies for step in remedy.steps)
    assert not guide.tasks
    assert not guide.needs
    assert not any(cause.link for problem in guide.problems for cause in problem.causes)
    assert not ACTS.search(draft.text)


def test_a_file_name_can_say_nothing_to_the_terminal(tmp_path: Path) -> None:
    """A name comes from whoever sent the file."""
    name = "a\x1b[31m\u202egnp.md"
    (tmp_path / name).write_text(PROBLEM + f"1. `{TOUCH}`\n", encoding="utf-8")

    told = guarded(
        tmp_path, [["guide", "import", name, "--report"], ["guide", "audit", name], ["guide", "audit", f"no{name}"]]
    )

    assert "cannot be read" in told.runs[2].err


def test_a_line_of_fifty_megabytes_is_refused_as_a_file_and_bounded_as_a_text(tmp_path: Path) -> None:
    """The limit on files is ours to raise; what reads the text must not depend on it."""
    (tmp_path / "big.md").write_text(PROBLEM + "- " + "x `" * 17_000_000 + "\n", encoding="utf-8")
    script = (
        "import pathlib, resource, sys\n"
        "from crashcart.app import catalogue\n"
        "from crashcart.guides.audit import audit\n"
        "from crashcart.guides.importing import import_guide\n"
        "text = pathlib.Path(sys.argv[1]).read_text()\n"
        "draft = import_guide(text, catalogue(), source='big.md')\n"
        "codes = sorted({told.code for told in audit(text, catalogue())})\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(len(draft.text), used.ru_utime + used.ru_stime, used.ru_maxrss, *codes)\n"
    )

    told = guarded(tmp_path, [["guide", "import", "big.md"], ["guide", "audit", "big.md"]])
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "big.md")], capture_output=True, text=True, check=True
    )

    assert all("bytes" in run.err for run in told.runs)
    size, cpu_s, kib, *codes = done.stdout.split()
    assert int(size) < 100_000
    assert float(cpu_s) < MOST_CPU_S
    assert int(kib) < MOST_KIB
    assert "unread" in codes


def test_a_block_that_is_too_long_to_be_read_is_told_and_not_passed_over() -> None:
    """Silence about what was never looked at would be taken for praise."""
    text = PROBLEM + "```bash\n" + "ls -l\n" * 3_100 + "rm -rf /srv/shop\n```\n"

    draft = import_guide(text, catalogue(), source="long.md")

    assert any("too long to be read whole" in todo.what for todo in draft.todo)
    assert draft.coverage < 0.5
    assert any("are quoted" in entry.why for entry in draft.entries if entry.text.startswith("rm -rf"))
    assert "unread" in {remark.code for remark in audit(text, catalogue())}


def test_the_guard_ends_a_run_that_starts_a_program(tmp_path: Path) -> None:
    """A guard that sees nothing would prove nothing."""
    script = "import os, sys, guarded\nsys.addaudithook(guarded.hook)\nguarded.is_on = True\nos.system(sys.argv[1])\n"

    done = subprocess.run(
        [sys.executable, "-c", script, f"touch {tmp_path / MARK}"], cwd=GUARDED.parent, capture_output=True, check=False
    )

    assert done.returncode == 99
    assert not (tmp_path / MARK).exists()
