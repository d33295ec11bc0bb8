"""Files that commands write because somebody named them."""

from __future__ import annotations

from pathlib import Path

from crashcart.errors import UsageError


def write_text(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, never half of it.

    Raises:
        UsageError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise UsageError(
            f"the file cannot be written: {error.strerror or error}", where=str(path), hint="another folder"
        ) from error


def as_typed(path: Path) -> str:
    """Return the path as a person here would type it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
