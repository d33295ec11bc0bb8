"""What differs from the known good sweep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Drift:
    """What differs at one target. `unseen` says why nothing could be compared; then all else is empty.

    `lines` are as the look `changes` says them: of settings the names only.
    """

    target: str
    lines: tuple[str, ...] = ()
    settings: int = 0
    packages: int = 0
    files: int = 0
    is_restarted: bool | None = None  # None: not known
    started: datetime | None = None
    known_at: datetime | None = None
    unseen: str = ""

    @property
    def is_changed(self) -> bool:
        """Whether something differs; a restart alone is no change."""
        return bool(self.settings or self.packages or self.files)
