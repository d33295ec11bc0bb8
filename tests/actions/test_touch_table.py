"""The table `touch` of the system file, and settings with names of their own in a guide."""

from __future__ import annotations

from pathlib import Path

import pytest

from crashcart.app import catalogue
from crashcart.config import load
from crashcart.errors import GuideErrors, SystemFileError
from crashcart.guides.compile import compile_guide
from crashcart.guides.show import show_action
from crashcart.model.guide import Action

SYSTEM = """[system]
name = "shop"
[targets.api]
kind = "http"
url = "http://127.0.0.1:8000"
service = "supervisor:api"
"""


def touch_of(folder: Path, more: str = "") -> dict[str, tuple[str, ...]]:
    path = folder / "crashcart.toml"
    path.write_text(SYSTEM + more)
    return dict(load(path, catalogue()).system.targets["api"].touch)


def test_paths_are_relative_to_the_system_file_and_words_stay_words(tmp_path):
    more = (
        '[targets.api.touch]\nmay_delete = ["var/*.tmp"]\nsupervisor = "s.conf"\ncalls = ["POST /x"]\nfolder = "app"\n'
    )

    assert touch_of(tmp_path, more) == {
        "may_delete": (f"{tmp_path}/var/*.tmp",), "supervisor": (f"{tmp_path}/s.conf",), "calls": ("POST /x",),
        "folder": (f"{tmp_path}/app",),
    }  # fmt: skip


@pytest.mark.parametrize("place", ["supervisord.conf", "etc/supervisord.conf", "supervisor/supervisord.conf"])
def test_a_supervisor_beside_the_system_file_is_found(tmp_path, place):
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).touch()

    assert touch_of(tmp_path) == {"supervisor": (f"{tmp_path}/{place}",), "folder": (str(tmp_path),)}


@pytest.mark.parametrize(
    ("more", "hint"),
    [
        ('[targets.api.touch]\nmay_delet = ["x"]\n', "may_delete"),
        ('[targets.api.touch]\nmay_delete = "x"\n', "may_delete"),
        ("[targets.api.touch]\nsupervisor = 5\n", "supervisor"),
        ('touch = "everything"\n', "touch"),
    ],
)
def test_what_is_not_understood_is_an_error(tmp_path, more, hint):
    with pytest.raises(SystemFileError) as raised:
        touch_of(tmp_path, more)

    assert hint in raised.value.hint


GUIDE = """---
guide: example
for: http
severity: high
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
1. irreversible `STEP`

**Verify**
- `tcp {self} => ok`
"""


@pytest.mark.parametrize(
    "step",
    [
        "config set {self} RATE = 20", "config set {self} API_KEY = ?secret", "config set {self} RATE = ? in env_file",
        'config set {self} "pool.size" = 5', 'config set {self} in_ = "x"', 'config append {self} "a b" = "c"',
        'config unset {self} key "A"', "service restart {self}", "process continue {self}", 'http call {self} "POST /x"',
    ],
)  # fmt: skip
def test_a_step_compiles_and_is_shown_as_it_was_written(step):
    guide = compile_guide(GUIDE.replace("STEP", step), catalogue())

    written = guide.problems[0].causes[0].fixes[0].steps[0].what

    assert isinstance(written, Action)
    assert show_action(written, catalogue()) == step


@pytest.mark.parametrize(
    "step",
    [
        "config set {self}", "config set {self} RATE", "config set {self} RATE = ", "config set {self} 5 = 5",
        "config set {self} RATE = 5 in path", "config unset {self} RATE", "service reload {self}", "sqlite run {self}",
        'redis set {self} dir = "/etc"', "http call {self} DELETE /x",
    ],
)  # fmt: skip
def test_what_no_table_has_does_not_compile(step):
    with pytest.raises(GuideErrors):
        compile_guide(GUIDE.replace("STEP", step), catalogue())
