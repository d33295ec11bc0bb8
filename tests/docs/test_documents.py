"""What the documents say is so."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import crashcart.model
from crashcart.errors import CrashcartError
from crashcart.guides.codes import CODES, LINT_CODES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def _model_classes() -> set[str]:
    names = set()
    for module in pkgutil.iter_modules(crashcart.model.__path__):
        loaded = importlib.import_module(f"crashcart.model.{module.name}")
        for name, found in vars(loaded).items():
            is_noun = isinstance(found, type) and (dataclasses.is_dataclass(found) or issubclass(found, enum.Enum))
            if is_noun and found.__module__ == loaded.__name__:
                names.add(name)
    return names


def test_every_class_of_the_model_is_in_the_glossary() -> None:
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")

    missing = sorted(name for name in _model_classes() if f"`{name}`" not in glossary)

    assert not missing


def test_every_error_code_has_its_entry_and_every_entry_its_error() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "src/crashcart/guides").glob("*.py")
        if path.name != "codes.py"
    )
    raised = set(re.findall(r'"(guide-[a-z-]+)"', sources))
    page = (DOCS / "reference/errors.md").read_text(encoding="utf-8")

    assert raised == {*CODES, *LINT_CODES}
    for code in raised | {kind.code for kind in CrashcartError.__subclasses__() if kind.code != "guide"}:
        assert f"`{code}`" in page


@pytest.mark.timeout(400)  # every command that a page shows is run
def test_generated_pages_are_what_would_be_generated() -> None:
    done = subprocess.run(
        [sys.executable, "tools/write_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]:
        for link in re.findall(
            r"\]\(([^)#:`]+)(?:#[^)]*)?\)", re.sub(r"(?s)```.*?```|`[^`]*`", "", path.read_text(encoding="utf-8"))
        ):
            if not (path.parent / link).exists():
                broken.append(f"{path.relative_to(ROOT)}: {link}")
    assert not broken


def test_the_requirement_files_want_what_the_packages_declare() -> None:
    def names(lines: list[str]) -> set[str]:
        return {re.split(r"[<>=]", line)[0].strip() for line in lines if line and not line.startswith(("#", "-r"))}

    def declared(path: str) -> set[str]:
        return names(tomllib.loads((ROOT / path).read_text(encoding="utf-8"))["project"]["dependencies"])

    core = names((ROOT / "requirements/core.in").read_text(encoding="utf-8").splitlines())
    run = names((ROOT / "requirements/run.in").read_text(encoding="utf-8").splitlines())
    assert core == declared("pyproject.toml")
    assert declared("lab/pyproject.toml") <= core | run


def test_requirement_files_are_pinned_by_hash_and_name_no_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "://" not in text
        for block in re.split(r"\n(?=\S)", text.strip()):
            assert "==" in block.splitlines()[0], block
            assert "--hash=sha256:" in block, block


def test_every_dependency_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("dependencies = [")[1].split("]")[0]

    for line in filter(None, map(str.strip, text.splitlines())):
        assert re.search(r'",\s+# \S.{15,}', line), line
