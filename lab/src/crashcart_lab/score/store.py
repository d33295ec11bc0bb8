"""Finished runs, one small file each, so that a score that was stopped goes on where it was."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from crashcart_lab.score.run import Control, Run

T = TypeVar("T")
_RUN = TypeAdapter(Run)
_CONTROL = TypeAdapter(Control)


@dataclass(frozen=True, slots=True)
class Store:
    """The results for one state of the code."""

    folder: Path

    def begin(self, *, is_fresh: bool) -> None:
        """Make the folder; *is_fresh* forgets what stands in it."""
        if is_fresh:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)

    def case(self, fault: str, seed: int) -> Path:
        return self.folder / f"{fault}-{seed}.case.json"

    def run(self, fault: str, seed: int) -> Run | None:
        """Return the finished run, or None when it is still to be made."""
        return _read(_RUN, self._run_file(fault, seed))

    def keep_run(self, run: Run) -> None:
        _write(_RUN.dump_json(run, indent=1), self._run_file(run.fault, run.seed))

    def control(self, seed: int) -> Control | None:
        return _read(_CONTROL, self.folder / f"healthy-{seed}.json")

    def keep_control(self, control: Control) -> None:
        _write(_CONTROL.dump_json(control, indent=1), self.folder / f"healthy-{control.seed}.json")

    def _run_file(self, fault: str, seed: int) -> Path:
        return self.folder / f"{fault}-{seed}.json"


def _read(codec: TypeAdapter[T], path: Path) -> T | None:
    try:
        return codec.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        # Written by another version of the lab: made again.
        return None


def _write(data: bytes, path: Path) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_bytes(data + b"\n")
    fresh.replace(path)
