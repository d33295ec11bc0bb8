"""Case files: what was seen is there again after writing and reading."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from crashcart.model.case import Case
from crashcart.model.observation import LookId, Observation, Record, Seen, Unseen
from crashcart.model.system import System, Target
from crashcart.storage import cases

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
OBSERVATIONS = (
    Observation(LookId("a"), Seen({"x": 1, "is_y": True}, (Record("text", "a.log:1"),)), NOON, 0.5),
    Observation(LookId("b"), Seen({"x": 2.5}, watched={"x": ((0.0, 1.0), (1.0, 2.5))}), NOON, 10.5),
    Observation(LookId("c"), Unseen("not permitted"), NOON, 0.0),
)


def test_what_was_watched_is_kept(tmp_path: Path) -> None:
    system = System("shop", "test", {"api": Target("api", "http", known_good="/known-good.json")})
    case = Case("1", NOON, None, "", system, (), OBSERVATIONS)

    cases.write(tmp_path / "case.json", case)

    assert cases.read(tmp_path / "case.json") == case
    assert cases.encode(cases.decode(cases.encode(case))) == cases.encode(case)


def test_a_case_from_before_looks_could_watch_is_read() -> None:
    system = System("shop", "test", {})
    document = json.loads(cases.encode(Case("1", NOON, None, "", system, (), OBSERVATIONS[:1])))
    for observation in document["observations"]:
        del observation["watched"]

    assert cases.decode(json.dumps(document).encode()).observations == OBSERVATIONS[:1]
