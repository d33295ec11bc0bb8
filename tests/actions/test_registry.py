"""The register of actions: complete, cheap to load, and nothing in it that was not really done and undone."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from crashcart.actions.registry import load, specs
from crashcart.app import catalogue
from crashcart.errors import UsageError
from crashcart.guides.compile import compile_guide
from crashcart.guides.show import show_action
from crashcart.model.guide import Action
from crashcart.model.spec import Form
from crashcart.probes.place import LocalPlace
from crashcart.probes.targets import COMMON, TARGET_KINDS, TOUCH
from crashcart.redact import Scrubber

RECORDS = Path(__file__).parent / "records"
VERBS = [(kind, verb.name) for kind, spec in specs().items() for verb in spec.verbs]


def test_every_folder_with_tables_is_a_kind():
    folders = [entry.name for entry in files("crashcart.actions").iterdir() if entry.joinpath("spec.py").is_file()]

    assert sorted(specs()) == sorted(folders)
    assert all(spec.name == kind for kind, spec in specs().items())


def test_tables_load_no_driver_and_no_client():
    script = (
        "import sys; from crashcart.actions.registry import specs; specs();"
        "print([name for name in ('httpx', 'psutil', 'asyncio', 'ssl', 'socket', 'tomlkit', 'redis', 'sqlite3')"
        " if name in sys.modules])"
    )

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout == "[]\n"


def test_a_kind_that_does_not_exist_is_an_error_with_those_that_do(tmp_path):
    with pytest.raises(UsageError) as raised:
        load("servce", LocalPlace(), Scrubber(()), None, tmp_path)

    assert "service" in raised.value.hint


@pytest.mark.parametrize("kind", sorted(specs()))
def test_tables_are_closed(kind):
    spec = specs()[kind]
    attributes = {attribute.name for target in TARGET_KINDS.values() for attribute in target.attributes}
    known = attributes | {attribute.name for attribute in (*COMMON, *TOUCH)}

    assert set(spec.needs) <= known
    assert spec.needs
    for verb in spec.verbs:
        assert verb.summary
        assert verb.told_by
        assert 0 < verb.deadline_s <= 600
        assert all(bool(arg.words) == (arg.forms == (Form.WORD,)) for arg in verb.args)


@pytest.mark.parametrize(("kind", "verb"), VERBS)
def test_every_verb_was_really_done_and_really_undone(kind, verb):
    found = [json.loads(path.read_text()) for path in RECORDS.glob(f"{kind}-{verb}*.json")]
    spec = specs()[kind].verb(verb)
    records = [record for record in found if (record["kind"], record["verb"]) == (kind, verb)]

    assert records
    for record in records:
        assert record["before"] != record["after"]
        assert record["happened"] == "yes"
        assert record["diff"]
        assert record["risk"] == spec.risk.value
        if not spec.undo:
            assert record["undone"] == "irreversible"
            continue
        lasting = {key: value for key, value in record["before"].items() if key not in record["passing"]}
        assert {key: record["then"][key] for key in lasting} == lasting


def test_no_record_is_of_something_that_does_not_exist():
    made = {
        (record["kind"], record["verb"]) for record in (json.loads(path.read_text()) for path in RECORDS.glob("*.json"))
    }

    assert made == set(VERBS)


GUIDE = """---
guide: example
for: http
severity: high
needs: {db: sqlite, queue: redis, provider: provider, database: postgres}
---
# Example

**Healthy**
- `tcp {self} => ok`

## It fails {#fails}

**Symptoms**
- always: `tcp {self} => refused`

### Cause: a reason {#reason} (common)

**Evidence**
- always: `tcp {self} => refused`

**Fix**
"""


@pytest.mark.parametrize("kind", sorted(specs()))
def test_every_kind_has_its_page_whose_examples_compile(kind):
    page = files("crashcart.actions").joinpath(kind, "doc.md").read_text(encoding="utf-8")
    examples = page.split("## Examples\n")[1].strip()

    guide = compile_guide(f"{GUIDE}{examples}\n", catalogue(), path=f"{kind}/doc.md")

    steps = guide.problems[0].causes[0].fixes[0].steps
    written = [show_action(step.what, catalogue()) for step in steps if isinstance(step.what, Action)]
    assert page.startswith(f"# {kind}\n")
    assert "## Undo" in page
    assert {text.split()[1] for text in written} == {verb.name for verb in specs()[kind].verbs}
    assert all(f"`{text}`" in examples for text in written)
