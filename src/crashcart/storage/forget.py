"""What is old goes, at the start of a run: ended runs, plans, and what only undoing those runs could read."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from crashcart.storage.journal import Reading
from crashcart.storage.runs import RunStore

KEPT = timedelta(days=30)
# However old: where little happens the last runs still tell something, and a clock that was set to another year must
# not take everything with it.
LAST_RUNS = 5
_DOOMED = ".forgotten-"
_FINISHED = "Finished"


def forget(store: RunStore, now: datetime) -> tuple[str, ...]:
    """Remove what is older than 30 days, and return the names of the runs that went.

    A run that is not over stays, and so does one whose journal is not whole; of what undoing reads, nothing goes that
    is younger than a run that stays. Call it with the lease held: nobody else touches this system then.

    Raises:
        OSError: something could not be removed.
        JournalError: a journal cannot be read.
    """
    before = now - KEPT
    readings = dict(store.readings())
    last = list(readings)[-LAST_RUNS:]
    old = [name for name, reading in readings.items() if name not in last and _is_old(reading, before)]
    for name in old:
        # In one move: a run is there with all that it had, or not at all.
        (store.folder / name).rename(store.folder / f"{_DOOMED}{name}")
    _clear_doomed(store.folder)
    staying = [_began(reading, before) for name, reading in readings.items() if name not in old]
    _remove_older(store.vault, min([before, *staying]))
    _remove_older(store.plans, before)
    return tuple(old)


def _is_old(reading: Reading, before: datetime) -> bool:
    if reading.problem:
        return False
    if not reading.records:
        return True  # whoever began it died before a word was written, so nothing was done
    last = reading.records[-1]
    is_over = isinstance(last.event, dict) and last.event.get("#") == _FINISHED
    return is_over and datetime.fromisoformat(last.at) < before


def _began(reading: Reading, otherwise: datetime) -> datetime:
    return datetime.fromisoformat(reading.records[0].at) if reading.records else otherwise


def _clear_doomed(folder: Path) -> None:
    for path in folder.glob(f"{_DOOMED}*"):
        shutil.rmtree(path)


def _remove_older(folder: Path, before: datetime) -> None:
    if not folder.is_dir():
        return
    for entry in os.scandir(folder):
        if entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mtime < before.timestamp():
            Path(entry.path).unlink(missing_ok=True)
