"""`crashcart guide import` and `guide audit` as a user runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]

RUNBOOK = """\
# Shop

## Problem: orders fail

**Symptoms**
- `order refused by bank`

**Solution**
```bash
docker rollout undo shop
```
"""


class Desk:
    """A folder with a runbook."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("runbook.md", RUNBOOK)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "XDG_STATE_HOME": str(self.folder / "state")}
        return subprocess.run(
            [sys.executable, "-m", "crashcart", "guide", *args], cwd=self.folder, env=environ, capture_output=True,
            text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_what_import_writes_passes_lint(desk: Desk) -> None:
    done = desk.run("import", "runbook.md", "--name", "shop")
    desk.write("draft.md", done.stdout)
    linted = desk.run("lint", "draft.md")

    assert done.returncode == 0, done.stderr
    assert "guide: shop" in done.stdout
    assert linted.returncode == 0, linted.stdout
    assert "1 problem, 1 cause" in linted.stdout


def test_the_report_says_what_to_do_and_what_became_of_each_line(desk: Desk) -> None:
    done = desk.run("import", "runbook.md", "--report")

    assert done.returncode == 0
    assert "1 problem has no way to be verified" in done.stdout
    assert 'log {self} "order refused by bank"' in done.stdout
    assert "a stranger's command is never run" in done.stdout


def test_the_json_of_an_import_holds_the_draft_and_every_line(desk: Desk) -> None:
    told = json.loads(desk.run("import", "runbook.md", "--json").stdout)

    assert told["v"] == 1
    assert [entry["line"] for entry in told["lines"]] == list(range(1, RUNBOOK.count("\n") + 1))
    assert told["draft"].startswith("---\nguide: runbook\n")


def test_importing_again_into_an_edited_draft_keeps_the_edit(desk: Desk) -> None:
    desk.run("import", "runbook.md", "--into", "draft.md")
    desk.write("draft.md", desk.read("draft.md").replace("(common)", "(rare)"))
    desk.write("runbook.md", RUNBOOK.replace("refused by bank", "refused by the bank"))

    done = desk.run("import", "runbook.md", "--into", "draft.md")

    assert done.returncode == 0, done.stderr
    assert "orders-fail: both" in done.stderr
    assert "refused by the bank" in done.stderr
    assert "(rare)" in desk.read("draft.md")
    assert sorted(path.name for path in desk.folder.iterdir()) == ["draft.md", "runbook.md"]


def test_an_unknown_kind_or_file_is_told(desk: Desk) -> None:
    kind = desk.run("import", "runbook.md", "--kind", "htp")
    file = desk.run("import", "nowhere.md")

    assert (kind.returncode, file.returncode) == (2, 2)
    assert "http" in kind.stderr
    assert "nowhere.md" in file.stderr


def test_a_text_without_problems_says_so(desk: Desk) -> None:
    desk.write("poem.md", "Roses are red\n")
    done = desk.run("import", "poem.md")

    assert done.returncode == 0
    assert "no problem was recognised" in done.stderr


def test_audit_tells_line_reason_and_remedy_and_fails_on_errors(desk: Desk) -> None:
    done = desk.run("audit", "runbook.md")

    assert done.returncode == 1
    assert "runbook.md:10: error[unknown-subcommand]: docker has no rollout" in done.stdout
    assert "  try " in done.stdout


def test_strict_fails_on_any_remark_and_otherwise_only_errors_do(desk: Desk) -> None:
    desk.write("runbook.md", RUNBOOK.replace("docker rollout undo shop", "systemctl restart shop"))

    assert desk.run("audit", "runbook.md").returncode == 0
    assert desk.run("audit", "runbook.md", "--strict").returncode == 1
    desk.write("fine.md", "# Shop\n\nWords.\n")
    assert desk.run("audit", "fine.md", "--strict").returncode == 0


def test_a_system_file_adds_the_hosts_that_it_does_not_know(desk: Desk) -> None:
    desk.write("runbook.md", RUNBOOK.replace("docker rollout undo shop", "curl http://bank.internal/up"))
    desk.write("crashcart.toml", '[targets.shop]\nkind = "http"\nurl = "http://shop.internal"\n')
    with_it = json.loads(desk.run("audit", "runbook.md", "--json", "--system", "crashcart.toml").stdout)
    without = json.loads(desk.run("audit", "runbook.md", "--json").stdout)

    assert "unknown-host" in [remark["code"] for remark in with_it["guides"][0]["remarks"]]
    assert "unknown-host" not in [remark["code"] for remark in without["guides"][0]["remarks"]]


def test_a_folder_full_of_guides_is_told_as_each_of_them_alone(desk: Desk) -> None:
    """So many are shared among processes; order and remarks must not show it."""
    names = [f"page-{number:02}.md" for number in range(40)]
    for number, name in enumerate(names):
        told = RUNBOOK if number % 3 else RUNBOOK.replace("rollout", "roll out")
        desk.write(name, told + "\n" + "Nothing happens on this line.\n" * 200)
    desk.write("crashcart.toml", '[targets.shop]\nkind = "http"\nurl = "http://shop.internal"\n')

    together = json.loads(desk.run("audit", *names, "--json", "--system", "crashcart.toml").stdout)["guides"]
    alone = [
        json.loads(desk.run("audit", name, "--json", "--system", "crashcart.toml").stdout)["guides"][0]
        for name in (names[0], names[17])
    ]

    assert [guide["path"] for guide in together] == names
    assert [together[0], together[17]] == alone
    assert all(guide["remarks"] for guide in together)


def test_sarif_has_what_its_schema_requires(desk: Desk) -> None:
    desk.write("two words.md", RUNBOOK)
    desk.run("audit", "runbook.md", "two words.md", "--sarif", "audit.sarif")
    log = json.loads(desk.read("audit.sarif"))

    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "crashcart"
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))
    assert run["results"]
    uris = set()
    for result in run["results"]:
        assert result["message"]["text"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert ids[result["ruleIndex"]] == result["ruleId"]
        for location in result["locations"]:
            assert location["physicalLocation"]["region"]["startLine"] >= 1
            uris.add(location["physicalLocation"]["artifactLocation"]["uri"])
    assert uris == {"runbook.md", "two%20words.md"}


def test_the_hooks_for_pre_commit_name_commands_that_exist() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

    for hook in hooks:
        assert {"id", "name", "entry", "language"} <= set(hook)
        done = subprocess.run(
            [sys.executable, "-m", *hook["entry"].split(), "--help"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
