"""What was read of one log, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from crashcart.probes.log.asked import LogRecord, Wanted


class Reading(Protocol):
    """The end of one file, as far back as a window needs."""

    @property
    def path(self) -> str: ...

    @property
    def is_partial(self) -> bool:
        """Whether there are older records in the window that were not read."""

    @property
    def has_stamps(self) -> bool: ...

    @property
    def size_bytes(self) -> int:
        """How much memory it takes, roughly."""

    def dated(self, start_s: float, end_s: float) -> int:
        """Return how many records were written between two moments."""

    def chosen(self, asked: Wanted) -> Iterator[LogRecord]:
        """Yield the records that are taken, in the order of the file."""


@dataclass(frozen=True, slots=True)
class ReadRecords:
    """A short log: each of its records has been read."""

    path: str
    records: tuple[LogRecord, ...]
    is_partial: bool
    has_stamps: bool
    size_bytes: int

    def dated(self, start_s: float, end_s: float) -> int:
        """Return how many records were written between two moments."""
        return sum(record.at_s is not None and start_s <= record.at_s <= end_s for record in self.records)

    def chosen(self, asked: Wanted) -> Iterator[LogRecord]:
        """Yield the records that are taken, in the order of the file."""
        return filter(asked.takes, self.records)
