"""What differs from the known good sweep, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from crashcart.model.drift import Drift
from crashcart.model.system import System
from crashcart.report.plain import line
from crashcart.report.words import ago

VERSION: Final = 1
_SHOWN = 20


def changes_text(drifts: Sequence[Drift], system: System, now: datetime) -> str:
    """Return the page: what changed, target by target, and what could not be compared."""
    known = min((drift.known_at for drift in drifts if drift.known_at), default=None)
    rows = [f"{line(system.name, 40)} · {now:%Y-%m-%d %H:%M:%S} UTC" + (_since(known, now) if known else ""), ""]
    for drift in drifts:
        if not drift.unseen:
            rows += _block(drift, now)
    same = [drift.target for drift in drifts if not drift.unseen and not drift.is_changed and not drift.is_restarted]
    if same:
        rows.append(f"the same: {', '.join(same)}")
    rows += _unseen(drifts)
    if not any(drift.known_at for drift in drifts):
        rows += ["", "Next: crashcart check --save    (when all is well)"]
    return "\n".join(rows) + "\n"


def _since(known: datetime, now: datetime) -> str:
    return f" · compared with {known:%Y-%m-%d %H:%M:%S} UTC ({ago(known, now)})"


def _block(drift: Drift, now: datetime) -> Iterator[str]:
    if not drift.is_changed and not drift.is_restarted:
        return
    yield line(drift.target, 60)
    yield from (f"  {line(entry, 110)}" for entry in drift.lines[:_SHOWN])
    if len(drift.lines) > _SHOWN:
        yield f"  and {len(drift.lines) - _SHOWN} more: `crashcart changes --json`"
    if drift.is_restarted and drift.started:
        yield f"  restarted {drift.started:%Y-%m-%d %H:%M:%S} UTC ({ago(drift.started, now)})"


def _unseen(drifts: Sequence[Drift]) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for drift in drifts:
        if drift.unseen:
            reasons.setdefault(drift.unseen.replace(drift.target, "it"), []).append(drift.target)
    for reason, targets in reasons.items():
        yield f"not compared: {', '.join(line(target, 40) for target in targets)}: {line(reason, 200)}"


class DriftJson(msgspec.Struct, frozen=True):
    """What differs at one target; with `unseen`, why nothing could be compared."""

    target: str
    is_changed: bool
    settings: int
    packages: int
    files: int
    is_restarted: bool | None
    started: datetime | None
    what: tuple[str, ...]
    unseen: str


class ChangesJson(msgspec.Struct, frozen=True):
    """What `crashcart changes --json` prints. `v` changes when a reader of the old shape would be misled."""

    v: Literal[1]
    system: str
    now: datetime
    known_at: datetime | None
    is_changed: bool
    targets: tuple[DriftJson, ...]


def changes_json(drifts: Sequence[Drift], system: System, now: datetime) -> bytes:
    """Return the document, indented, with a newline at the end."""
    known = min((drift.known_at for drift in drifts if drift.known_at), default=None)
    document = ChangesJson(
        v=VERSION, system=system.name, now=now, known_at=known, is_changed=any(drift.is_changed for drift in drifts),
        targets=tuple(
            DriftJson(
                drift.target, drift.is_changed, drift.settings, drift.packages, drift.files, drift.is_restarted,
                drift.started, drift.lines, drift.unseen,
            )
            for drift in drifts
        ),
    )  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n"
