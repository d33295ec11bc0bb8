"""Which files hold a target's log: those that are declared, and what was rotated away within the window."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import escape

from crashcart.ports import FileInfo, Files

_MAGIC = re.compile(r"[*?\[]")
_COMPRESSED = (".gz", ".xz", ".bz2", ".zst", ".zip", ".lz4")
# What logrotate and logging.handlers put behind a name: `.1`, `-20240501`, `.2024-05-01`, `.2024-05-01_12-00-00`.
_ROTATED = re.compile(r"[.\-]\d[\d._\-]*(?:\.[a-z0-9]{2,4})?\Z")


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read."""

    path: str
    info: FileInfo


@dataclass(frozen=True, slots=True)
class Sources:
    """The files to read, and why others cannot be."""

    files: tuple[Source, ...]
    troubles: tuple[str, ...]


def sources(files: Files, logs: Sequence[str], *, start_s: float) -> Sources:
    """Return the files that were written to since `start_s`; older ones hold nothing of the window."""
    found: dict[str, Source] = {}
    troubles: list[str] = []
    for pattern in logs:
        paths = (
            [path for path in files.glob(pattern) if not path.endswith(_COMPRESSED)] if _MAGIC.search(pattern) else []
        )
        if not paths and _MAGIC.search(pattern):
            troubles.append(f"no such file: nothing matches {pattern}")
        for path in paths or ([] if _MAGIC.search(pattern) else [pattern]):
            _gather(files, path, start_s, found, troubles)
    return Sources(tuple(found.values()), tuple(troubles))


def _gather(files: Files, path: str, start_s: float, found: dict[str, Source], troubles: list[str]) -> None:
    try:
        info = files.stat(path)
    except OSError as error:
        troubles.append(why_not(error, path))
        return
    if not info.is_file:
        troubles.append(f"{path} is not a regular file: reading it would take lines away from others")
        return
    if info.modified_at.timestamp() >= start_s:
        found[path] = Source(path, info)
    for older in _predecessors(files, path, start_s):
        if older.path.endswith(_COMPRESSED):
            troubles.append(f"{older.path} is compressed and not read")
        else:
            found.setdefault(older.path, older)


def _predecessors(files: Files, path: str, start_s: float) -> Iterator[Source]:
    for candidate in (*files.glob(escape(path) + ".*"), *files.glob(escape(path) + "-*")):
        if not _ROTATED.match(candidate.removeprefix(path)):
            continue
        try:
            info = files.stat(candidate)
        except FileNotFoundError:
            continue  # rotated on, or removed, since it was listed: what is gone is not in the window's files
        if info.is_file and info.modified_at.timestamp() >= start_s:
            yield Source(candidate, info)


def why_not(error: OSError, path: str) -> str:
    """Return in words why a log cannot be read."""
    if isinstance(error, FileNotFoundError):
        return f"no such file: {path}"
    if isinstance(error, PermissionError):
        return f"not permitted to read {path}"
    return f"cannot read {path}: {error.strerror or error}"
