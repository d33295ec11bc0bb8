"""The register of kinds: complete, cheap to load, lazy about code."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files

import pytest

from crashcart.errors import UsageError
from crashcart.model.spec import Dimension
from crashcart.probes.registry import load, specs
from crashcart.probes.targets import COMMON, TARGET_KINDS


def test_every_folder_with_tables_is_a_kind():
    folders = [entry.name for entry in files("crashcart.probes").iterdir() if entry.joinpath("spec.py").is_file()]

    assert sorted(specs()) == sorted(folders)
    assert all(spec.name == kind for kind, spec in specs().items())


def test_tables_load_no_driver_and_no_client():
    script = (
        "import sys; from crashcart.probes.registry import specs; from crashcart.probes import targets; specs();"
        "print([name for name in ('httpx', 'psutil', 'asyncio', 'ssl', 'socket', 'msgspec') if name in sys.modules])"
    )

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout == "[]\n"


def test_only_the_kind_that_is_used_is_imported():
    script = (
        "import sys; from crashcart.probes.registry import load; from crashcart.probes.place import LocalPlace;"
        "from crashcart.redact import Scrubber; load('tcp', LocalPlace(), Scrubber([]), None);"
        "print([name for name in sys.modules if name in ('httpx', 'psutil', 'msgspec') or 'probes.log' in name])"
    )

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout == "[]\n"


def test_a_kind_that_does_not_exist_is_an_error_with_those_that_do(looking):
    with pytest.raises(UsageError) as raised:
        load("htpp", looking.place, looking.scrubber, looking.secrets)

    assert "http" in raised.value.hint


@pytest.mark.parametrize("kind", sorted(specs()))
def test_tables_are_closed(kind):
    spec = specs()[kind]

    for look in spec.looks:
        assert len({field.name for field in look.fields}) == len(look.fields)
        for state in look.states:
            field = look.field(state.field)
            assert field is not None
            assert isinstance(state.value, bool) == (field.dimension is Dimension.FLAG)
            assert field.dimension is Dimension.FLAG or state.value in field.words
        assert all(bool(field.words) == (field.dimension is Dimension.WORD) for field in look.fields)
        assert look.default_state == "" or look.state(look.default_state)
    attributes = {attribute.name for target in TARGET_KINDS.values() for attribute in target.attributes}
    assert set(spec.needs) <= attributes | {attribute.name for attribute in COMMON}


@pytest.mark.parametrize("kind", sorted(specs()))
def test_every_kind_has_its_page(kind):
    page = files("crashcart.probes").joinpath(kind, "doc.md").read_text(encoding="utf-8")

    assert page.startswith(f"# {kind}\n")
    assert "## Seen or unseen" in page
    assert f"`{kind} {{" in page


def test_secret_attributes_are_references():
    for target in TARGET_KINDS.values():
        assert all(attribute.is_reference for attribute in target.attributes if attribute.is_secret)
