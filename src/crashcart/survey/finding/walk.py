"""Which files of a project folder are worth reading, and their text."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator, Mapping

from crashcart.ports import Place

_DEPTH = 5
_FOLDERS = 400
_FILES = 800
_FILE_BYTES = 256_000
_SKIPPED = frozenset(
    [
        "node_modules",
        "__pycache__",
        "site-packages",
        "build",
        "dist",
        "tests",
        "test",
        "docs",
        "doc",
        "examples",
        "static",
        "media",
        "htmlcov",
        "target",
        "vendor",
        "locale",
        "migrations",
        "fixtures",
    ]
)
# What is only shown to people is no setting of anybody.
_SHOWN_ONLY = ("*example*", "*sample*", "*template*", "*.dist", "test_*", "*_test.py", "conftest.py")
_WANTED = (
    ".env", ".env.*", "*.env", "env", "compose*.y*ml", "docker-compose*.y*ml", "Procfile*", "supervisor*.conf",
    "*.service", "pyproject.toml", "requirements*.txt", "Pipfile", "poetry.lock", "uv.lock", "setup.cfg",
    "*.conf", "*.ini", "*.cfg", "*.toml", "*.y*ml", "*.py",
)  # fmt: skip
_DATABASES = ("*.sqlite", "*.sqlite3", "*.db", "*.db3")
SQLITE_MAGIC = b"SQLite format 3\x00"


def walk(place: Place, folder: str) -> Iterator[str]:
    """Yield the files of a folder, shallow ones first; without installed packages, tests and hidden folders."""
    level = [folder]
    seen = 0
    for _ in range(_DEPTH):
        below: list[str] = []
        for current in level:
            seen += 1
            names = (
                ()
                if seen > _FOLDERS
                else (*place.glob(_escaped(current) + "/*"), *place.glob(_escaped(current) + "/.env*"))
            )
            if any(os.path.basename(path) == "pyvenv.cfg" for path in names):
                continue
            for path in names:
                if _is_folder(place, path):
                    if os.path.basename(path) not in _SKIPPED:
                        below.append(path)
                else:
                    yield path
        level = below


def read_all(place: Place, folder: str) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Return the text of each file that may say something, and the SQLite databases that lie there."""
    files: dict[str, str] = {}
    databases: list[str] = []
    for path in walk(place, folder):
        name = os.path.basename(path)
        if _is_any(name, _DATABASES):
            if read_bytes(place, path, len(SQLITE_MAGIC)) == SQLITE_MAGIC:
                databases.append(path)
        elif _is_any(name, _WANTED) and not _is_any(name, _SHOWN_ONLY) and len(files) < _FILES:
            text = read_text(place, path)
            if text:
                files[path] = text
    return files, tuple(databases)


def read_text(place: Place, path: str) -> str:
    """Return the text of a file; empty when it cannot be read."""
    return read_bytes(place, path, _FILE_BYTES).decode("utf-8", "replace")


def read_bytes(place: Place, path: str, limit: int) -> bytes:
    """Return the first bytes of a file; none when it cannot be read."""
    try:
        return place.read(path, limit)
    except OSError:
        return b""


def _is_folder(place: Place, path: str) -> bool:
    try:
        return place.stat(path).is_folder
    except OSError:
        return False


def _is_any(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _escaped(path: str) -> str:
    from glob import escape

    return escape(path)
