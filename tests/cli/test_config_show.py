"""`crashcart config show`: every value with where it comes from, and no secret."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from crashcart.report.schemas import schema
from crashcart.survey.origins import lines_of

SECRET = "sk-live-4242424242424242"
MORE = """\
env_file = ".env"

[targets.api]
kind = "provider"
url = "env:API_URL"
key = "env:API_KEY"
env_file = ".env"

[targets.other]
kind = "provider"
url = "http://127.0.0.1:9"
key = "env:NOT_THERE"
"""


@pytest.fixture
def values(shop, run, monkeypatch):
    """The values of a system file with every kind of origin, by key."""
    monkeypatch.delenv("API_KEY", raising=False)
    shop.write("crashcart.toml", (shop.folder / "crashcart.toml").read_text() + MORE)
    shop.write(".env", f"# keys\nAPI_URL=http://127.0.0.1:8\nAPI_KEY={SECRET}\n")
    ran = run("config", "show", "--json")
    assert ran.code == 0, ran.err
    assert SECRET not in ran.out
    document = json.loads(ran.out)
    jsonschema_rs.Draft202012Validator(json.loads(schema("config-v1"))).validate(document)
    return {entry["key"]: entry for entry in document["values"]}


def test_a_value_of_the_file_has_its_line(values) -> None:
    assert (values["system.name"]["value"], values["system.name"]["origin"]) == ("shop", "crashcart.toml:2")
    assert values["targets.shop.kind"]["origin"] == "crashcart.toml:7"


def test_a_reference_has_the_line_of_the_env_file_and_its_own(values) -> None:
    assert values["targets.api.url"]["value"] == "http://127.0.0.1:8"
    assert values["targets.api.url"]["origin"].endswith(".env:2, by crashcart.toml:14")


def test_of_a_secret_only_length_and_fingerprint_are_told(values) -> None:
    key = values["targets.api.key"]

    assert key["is_secret"]
    assert key["value"].startswith("set, 24 characters, fingerprint ")
    assert not values["targets.other.key"]["is_set"]
    assert "NOT_THERE is not set" in values["targets.other.key"]["origin"]


def test_what_the_file_leaves_out_is_a_default_or_derived(values) -> None:
    assert values["settings.budget_s"] == {
        "key": "settings.budget_s", "value": "60", "origin": "default", "is_secret": False, "is_set": True,
    }  # fmt: skip
    assert values["targets.api.port"]["origin"] == "derived from url"


def test_the_environment_comes_before_the_env_file(shop, run, values, monkeypatch) -> None:
    monkeypatch.setenv("API_KEY", "another-secret-1")

    ran = run("config", "show")

    assert "environment API_KEY, by crashcart.toml:15" in ran.out
    assert "another-secret-1" not in ran.out


def test_lines_are_found_through_lists_tables_on_a_line_and_long_texts() -> None:
    text = '[a]\nx = [\n  "1",\n  "2",\n]\ny = """\n[not.a.table]\nz = 1\n"""\n\n[a.b]\nq.r = 1\ni = { j = 2 }\n'

    assert lines_of(text) == {("a", "x"): 2, ("a", "y"): 6, ("a", "b", "q", "r"): 12, ("a", "b", "i", "j"): 13}
