"""Where runs are kept: a folder for each system, in it one for each run with its journal and the evidence before it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from crashcart.errors import JournalError, UsageError
from crashcart.storage.journal import Journal, Reading, read

JOURNAL = "journal.jsonl"
EVIDENCE = "evidence.json"
OUTCOMES = "outcomes.jsonl"
_MAX_PLAN_BYTES = 1 << 24


class RunStore:
    """The runs, plans and outcomes of one system."""

    def __init__(self, base: Path, system_path: Path) -> None:
        """`base` is our state folder. Two systems of one name are two: their files tell them apart."""
        key = hashlib.sha256(str(system_path.resolve()).encode()).hexdigest()[:12]
        self.folder = base / "runs" / key
        self.plans = base / "plans" / key
        self.vault = base / "kept" / key

    def create(self, plan_hash: str, now: datetime) -> tuple[str, Journal]:
        """Return a new run's name and its journal.

        Raises:
            JournalError: it cannot be written.
        """
        stem = f"{now:%Y%m%d-%H%M%S}-{plan_hash[:4]}"
        for name in (stem, *(f"{stem}-{number}" for number in range(2, 10))):
            if not (self.folder / name).exists():
                return name, Journal.create(self.folder / name / JOURNAL)
        raise JournalError(
            f"there are ten runs named {stem} already", where=str(self.folder), hint="waiting for a second"
        )

    def path(self, run: str) -> Path:
        """Return where the journal of a run lies; the beginning of its name is enough when it is the only such one.

        Raises:
            UsageError: there is none, or there are several.
        """
        names = [name for name in self.names() if name.startswith(run)]
        if run in names:
            names = [run]
        if len(names) != 1:
            what = f'there is no run "{run}"' if not names else f'"{run}" begins the names of {len(names)} runs'
            raise UsageError(what, where=str(self.folder), hint="`crashcart runs` for all of them")
        return self.folder / names[0] / JOURNAL

    def names(self) -> tuple[str, ...]:
        """Return all runs, the oldest first. A folder without a journal is none: whoever made it died before it began."""
        try:
            found = [entry.name for entry in os.scandir(self.folder) if not entry.name.startswith(".")]
            found = [name for name in found if (self.folder / name / JOURNAL).exists()]
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise JournalError(f"the runs cannot be read: {error}", where=str(self.folder)) from error
        return tuple(sorted(found))

    def readings(self) -> Iterator[tuple[str, Reading]]:
        """Yield every run with what its journal holds."""
        for name in self.names():
            yield name, read(self.folder / name / JOURNAL)

    def keep_evidence(self, run: str, data: bytes) -> Path:
        """Keep what was seen before the first touch.

        Raises:
            OSError: it cannot be written.
        """
        path = self.folder / run / EVIDENCE
        _write(path, data)
        return path

    def keep_plan(self, plan_hash: str, text: str) -> Path:
        """Keep a plan, so that a later yes can be for it.

        Raises:
            OSError: it cannot be written.
        """
        self.plans.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.plans / f"{plan_hash}.json"
        _write(path, text.encode())
        return path

    def plan(self, plan_hash: str) -> str:
        """Return the text of a kept plan; the beginning of its hash is enough, from 8 characters on.

        Raises:
            UsageError: there is no such plan.
        """
        found = sorted(self.plans.glob(f"{plan_hash}*.json")) if len(plan_hash) >= 8 and plan_hash.isalnum() else []
        if len(found) != 1:
            raise UsageError(
                f'there is no plan "{plan_hash}"', hint="`crashcart fix --plan` makes one and prints its hash"
            )
        with found[0].open("rb") as file:
            return file.read(_MAX_PLAN_BYTES).decode()

    def learn(self, text: str) -> None:
        """Append one outcome.

        Raises:
            OSError: it cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.folder / OUTCOMES, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, text.encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def outcomes(self) -> tuple[str, ...]:
        """Return all outcomes, the oldest first."""
        try:
            return tuple((self.folder / OUTCOMES).read_text(encoding="utf-8").splitlines())
        except (FileNotFoundError, NotADirectoryError):
            return ()


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    draft.replace(path)
