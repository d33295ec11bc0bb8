"""The published JSON Schema of every `--json` output that has one: generated from the classes that write it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from crashcart.report.changes import ChangesJson
from crashcart.report.check_json import HealthJson
from crashcart.report.origins import ConfigJson

_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class FindingJson(msgspec.Struct, frozen=True):
    """A check judged."""

    check: str
    truth: Literal["true", "false", "unknown"]
    saw: str


class GuidePlaceJson(msgspec.Struct, frozen=True):
    """Where a guide says it; line 0 means that no guide does."""

    guide: str
    path: str
    line: int
    column: int


class ReasonJson(msgspec.Struct, frozen=True):
    """A finding weighed for (positive) or against a cause, in decibans."""

    fact: str
    finding: FindingJson
    decibans: float
    is_applied: bool
    sentence: str
    source: GuidePlaceJson


class CauseJson(msgspec.Struct, frozen=True):
    """A hypothesis: a cause of a guide, or one that no guide covers (`unknown...`)."""

    cause: str
    title: str
    target: str
    p: _Share
    likely: str
    prior_decibans: float
    reasons: tuple[ReasonJson, ...]
    ruled_out_by: FindingJson | None
    unseen: tuple[FindingJson, ...]
    fixes: tuple[str, ...]


class NextLookJson(msgspec.Struct, frozen=True):
    """A look that was chosen, or would be, and the hypotheses that it would tell apart."""

    looks: tuple[str, ...]
    gain_bits: float
    cost_s: float
    separates: tuple[str, ...]
    blocked_because: str


class GivenJson(msgspec.Struct, frozen=True):
    """Why trouble is taken for granted."""

    text: str
    target: str


class ProblemJson(msgspec.Struct, frozen=True):
    """A problem whose symptom is seen."""

    problem: str
    finding: FindingJson


class DiagnosisJson(msgspec.Struct, frozen=True):
    """What `crashcart diagnose --json` prints. `v` changes when a reader of the old shape would be misled."""

    v: Literal[1]
    system: str
    environment: str
    now: datetime
    onset: datetime | None
    onset_is_told: bool
    complaint: str
    verdict: Literal["decided", "undecided", "none of the known", "nothing wrong"]
    stop: Literal["decided", "no look left", "no look is worth its cost", "budget", "interrupted"]
    headline: str
    p_nothing: _Share
    p_unknown: _Share
    given: tuple[GivenJson, ...]
    problems: tuple[ProblemJson, ...]
    causes: tuple[CauseJson, ...]
    would_decide: tuple[NextLookJson, ...]
    unseen: tuple[FindingJson, ...]
    looks_taken: int
    rounds: tuple[tuple[NextLookJson, ...], ...]
    notes: tuple[str, ...]


SCHEMAS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "changes-v1": ChangesJson,
    "check-v1": HealthJson,
    "config-v1": ConfigJson,
    "diagnosis-v1": DiagnosisJson,
}
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema(name: str) -> bytes:
    """Return one schema, indented, with a newline at the end; a new field may come within a version."""
    found = msgspec.json.schema(SCHEMAS[name])
    document = {"$schema": _DIALECT, "title": f"crashcart {name}", **found}
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n"
