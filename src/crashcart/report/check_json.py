"""The health of a system as JSON, typed: the published schema is generated from these classes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from crashcart.model.health import Health, HealthLine, Mark
from crashcart.report.check import asked_words

VERSION: Final = 1
Word = Literal["fail", "warn", "unseen", "pass"]


class PlaceJson(msgspec.Struct, frozen=True):
    """Where the guide says it."""

    guide: str
    path: str
    line: int
    column: int


class ItemJson(msgspec.Struct, frozen=True):
    """One Healthy item at one target. `saw` is what was seen, or for `unseen` why nothing was."""

    target: str
    mark: Word
    says: str
    look: str
    wanted: str
    saw: str
    took_s: Annotated[float, msgspec.Meta(ge=0)]
    check: str
    source: PlaceJson


class CountsJson(msgspec.Struct, frozen=True, rename={"passed": "pass"}):
    """How many items have each mark."""

    fail: int
    warn: int
    unseen: int
    passed: int


class HealthJson(msgspec.Struct, frozen=True):
    """What `crashcart check --json` prints. `v` changes when a reader of the old shape would be misled."""

    v: Literal[1]
    system: str
    environment: str
    now: datetime
    took_s: Annotated[float, msgspec.Meta(ge=0)]
    looks: Annotated[int, msgspec.Meta(ge=0)]
    mark: Word
    counts: CountsJson
    items: tuple[ItemJson, ...]
    notes: tuple[str, ...]


def health_json(health: Health, *, indent: int = 1) -> bytes:
    """Return the document with a newline at the end; without an indent it is one line."""
    counts = health.counts()
    document = HealthJson(
        v=VERSION, system=health.system, environment=health.environment, now=health.now, took_s=health.took_s,
        looks=health.looks, mark=_word(health.mark),
        counts=CountsJson(counts[Mark.FAIL], counts[Mark.WARN], counts[Mark.UNSEEN], counts[Mark.PASS]),
        items=tuple(_item(entry) for entry in health.lines), notes=health.notes,
    )  # fmt: skip
    data = msgspec.json.encode(document, order="sorted")
    return (msgspec.json.format(data, indent=indent) if indent else data) + b"\n"


def _item(entry: HealthLine) -> ItemJson:
    span = entry.source.span
    return ItemJson(
        target=entry.target, mark=_word(entry.mark), says=entry.source.sentence, look=asked_words(entry.check),
        wanted=entry.check.claim_text, saw=entry.saw, took_s=round(entry.took_s, 6), check=entry.check.key,
        source=PlaceJson(entry.source.guide, entry.source.path, span.line, span.column),
    )  # fmt: skip


def _word(mark: Mark) -> Word:
    match mark:
        case Mark.FAIL:
            return "fail"
        case Mark.WARN:
            return "warn"
        case Mark.UNSEEN:
            return "unseen"
        case Mark.PASS:
            return "pass"
