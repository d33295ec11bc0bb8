"""Shipped guides, as data: a folder each, with `guide.md`."""

from __future__ import annotations

from importlib.resources import files


def shipped() -> dict[str, str]:
    """Return the text of every shipped guide by the name of its folder, sorted."""
    found: dict[str, str] = {}
    for folder in sorted(files(__name__).iterdir(), key=lambda entry: entry.name):
        guide = folder / "guide.md"
        if folder.is_dir() and guide.is_file():
            found[folder.name] = guide.read_text(encoding="utf-8")
    return found
