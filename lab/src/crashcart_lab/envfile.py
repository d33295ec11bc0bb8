"""The service's `.env`: NAME=value lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def write(values: Mapping[str, str], path: Path) -> None:
    """Replace the file at once, readable by its owner alone."""
    fresh = path.with_name(path.name + ".new")
    fresh.touch(mode=0o600)
    fresh.write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8")
    fresh.replace(path)
