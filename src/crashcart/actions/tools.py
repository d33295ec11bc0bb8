"""What every hand is given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from crashcart.ports import Place, Secrets
from crashcart.redact import Scrubber


@dataclass(frozen=True, slots=True)
class Tools:
    """`place` to look through, `scrubber` for all that is told, `folder` for what only undoing may read (`vault.py`)."""

    place: Place
    scrubber: Scrubber
    secrets: Secrets
    folder: Path
