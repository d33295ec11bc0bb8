"""Case files: one JSON document each, sorted keys, readable by the next version."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from crashcart.errors import CaseError
from crashcart.model.case import CASE_FORMAT, Case, GuideText
from crashcart.model.diagnosis import Given
from crashcart.model.observation import LookId, Observation, Record, Sample, Scalar, Seen, Unseen
from crashcart.model.system import System

MAX_CASE_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class _Observed:
    """An observation in the file: `fields` of Seen, or `unseen`."""

    look: str
    seen_at: datetime
    took_s: float
    fields: dict[str, Scalar] | None = None
    records: tuple[Record, ...] = ()
    unseen: str = ""
    watched: dict[str, tuple[Sample, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _CaseFile:
    case_format: int
    engine: str
    now: datetime
    onset: datetime | None
    complaint: str
    system: System
    guides: tuple[GuideText, ...]
    observations: tuple[_Observed, ...]
    answers: dict[str, str] = field(default_factory=dict)
    is_sweep: bool = False
    stopped_after: int | None = None
    stop: str = ""
    truth: tuple[str, ...] = ()
    note: str = ""
    alerts: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True)
class _Head:
    case_format: int


def encode(case: Case) -> bytes:
    """Return the case as JSON: sorted keys, indented, so that a difference can be read."""
    document = _CaseFile(
        case_format=CASE_FORMAT, engine=case.engine, now=case.now, onset=case.onset, complaint=case.complaint,
        system=case.system, guides=case.guides, observations=tuple(_observed(entry) for entry in case.observations),
        answers=dict(case.answers), is_sweep=case.is_sweep, stopped_after=case.stopped_after, stop=case.stop,
        truth=case.truth, note=case.note, alerts=case.alerts,
    )  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n"


def decode(data: bytes, *, where: str = "") -> Case:
    """Return the case that a file holds.

    Raises:
        CaseError: it is no case, or of a format that this version does not know.
    """
    try:
        head = msgspec.json.decode(data, type=_Head)
        if head.case_format != CASE_FORMAT:
            raise CaseError(
                f"case_format {head.case_format} is not known here; this version reads {CASE_FORMAT}", where=where,
                hint="a newer crashcart",
            )  # fmt: skip
        document = msgspec.json.decode(data, type=_CaseFile)
    except msgspec.MsgspecError as error:
        raise CaseError(
            f"this is no case: {error}", where=where, hint="a file that `crashcart diagnose --save` wrote"
        ) from error
    return Case(
        engine=document.engine, now=document.now, onset=document.onset, complaint=document.complaint, system=document.system,
        guides=document.guides, observations=tuple(_observation(entry) for entry in document.observations),
        answers=document.answers, is_sweep=document.is_sweep, stopped_after=document.stopped_after, stop=document.stop,
        truth=document.truth, note=document.note, alerts=document.alerts,
    )  # fmt: skip


def write(path: Path, case: Case) -> None:
    """Write a case so that a reader sees the old file or the new one, never half of it.

    Raises:
        CaseError: the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.new")
        draft.touch(mode=0o600)
        draft.write_bytes(encode(case))
        draft.replace(path)
    except OSError as error:
        raise CaseError(
            f"the case cannot be kept: {error}", where=str(path), hint="another folder: `--save PATH`"
        ) from error


def read(path: Path) -> Case:
    """Return the case in a file.

    Raises:
        CaseError: it cannot be read, is too large, or is no case.
    """
    try:
        if path.stat().st_size > MAX_CASE_BYTES:
            raise CaseError(f"the file has more than {MAX_CASE_BYTES:,} bytes", where=str(path), hint="a case")
        return decode(path.read_bytes(), where=str(path))
    except OSError as error:
        raise CaseError(
            f"the case cannot be read: {error}", where=str(path), hint="`crashcart diagnose --save FILE` to write one"
        ) from error


def _observed(entry: Observation) -> _Observed:
    if isinstance(entry.outcome, Unseen):
        return _Observed(entry.look, entry.seen_at, entry.took_s, unseen=entry.outcome.reason)
    seen = entry.outcome
    return _Observed(
        entry.look, entry.seen_at, entry.took_s, dict(seen.fields), seen.records, watched=dict(seen.watched)
    )


def _observation(entry: _Observed) -> Observation:
    outcome = Unseen(entry.unseen) if entry.fields is None else Seen(entry.fields, entry.records, entry.watched)
    return Observation(LookId(entry.look), outcome, entry.seen_at, entry.took_s)
