"""What we publish as the shape of our JSON is the shape of our JSON."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import msgspec
import pytest

from crashcart import app
from crashcart.report.document import to_json
from crashcart.report.schemas import SCHEMAS, DiagnosisJson, schema
from crashcart.storage import cases

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_published_schema_is_that_of_the_code(name: str) -> None:
    assert (ROOT / "docs" / "reference" / "schemas" / f"{name}.json").read_bytes() == schema(name)


@pytest.mark.parametrize("path", sorted((ROOT / "cases" / "digest").glob("*.json")), ids=lambda path: path.stem)
def test_every_recorded_diagnosis_has_the_published_shape_and_nothing_beside(path: Path) -> None:
    case = cases.read(path)
    result = app.replay_case(case)

    document = json.loads(to_json(result.diagnosis, result.net, case.system))

    jsonschema_rs.Draft202012Validator(json.loads(schema("diagnosis-v1"))).validate(document)
    back = json.loads(msgspec.json.encode(msgspec.convert(document, DiagnosisJson)))
    assert leaves(back) == leaves(document)


def leaves(value: object, above: str = "") -> set[str]:
    """Return the path of every key in a document, positions in lists aside."""
    if isinstance(value, dict):
        return {f"{above}.{key}" for key in value}.union(
            *(leaves(inner, f"{above}.{key}") for key, inner in value.items())
        )
    return set().union(*(leaves(entry, above) for entry in value)) if isinstance(value, list) else set()
