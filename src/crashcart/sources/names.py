"""Which files a path, folder or pattern means, and in which order their lines were written."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import escape, glob
from typing import Final

from crashcart.sources.block import Trouble, TroubleKind

STDIN: Final = "-"
_MAGIC = re.compile(r"[*?\[]")
_PACKED = re.compile(r"\.(?:gz|zst|bz2|xz)\Z")
# What logrotate and logging.handlers put behind a name: `.1`, `-20240501`, `.2024-05-01`, `.2024-05-01_12-00-00`.
_SUFFIX = re.compile(r"[.\-](\d[\d._\-]*)\Z")
# A date before the ending: `app-2024-05-01.log`, `app.20240501.log`.
_DATED = re.compile(r"[.\-_](\d{4}-?\d{2}-?\d{2}(?:[T_\-]?\d{2}[\d\-]*)?)(\.[a-z]{2,5})\Z")
_COUNTER_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Found:
    """The files to read in order, and what could not be looked into."""

    files: tuple[str, ...]
    troubles: tuple[Trouble, ...]


def find(paths: Sequence[str], *, with_rotated: bool = True) -> Found:
    """Return the files that are meant, each once, rotated ones from the oldest on.

    A file that is named brings what was rotated away from it, unless `with_rotated` is False. `-` is standard input.
    """
    troubles: list[Trouble] = []
    names: list[str] = []
    for path in paths:
        names.extend(_meant(path, with_rotated, troubles))
    kept: dict[object, str] = {}
    for name in names:
        kept.setdefault(_identity(name), name)
    return Found(tuple(in_order(kept.values())), tuple(troubles))


def in_order(names: Iterable[str]) -> list[str]:
    """Return names with the sets in the order they came, each from the oldest file to the newest.

    Where a file stands beside itself compressed, as it does while that is being done, the compressed one is left out.
    """
    unique = list(dict.fromkeys(names))
    plain = set(unique)
    unique = [name for name in unique if name == (bare := _PACKED.sub("", name)) or bare not in plain]
    first = {name: at for at, name in reversed(list(enumerate(map(set_of, unique))))}
    return sorted(unique, key=lambda name: (first[set_of(name)], _age(name), name))


def set_of(name: str) -> str:
    """Return the name of the file that this one was rotated away from, or its own."""
    bare = _PACKED.sub("", name)
    dated = _DATED.search(bare)
    if dated is not None:
        return bare[: dated.start()] + dated[2]
    suffix = _SUFFIX.search(bare)
    return bare[: suffix.start()] if suffix is not None else bare


def rotated(path: str) -> list[str]:
    """Return what was rotated away from a file, and the file itself, from the oldest on."""
    beside = (name for sign in ".-_" for name in glob(f"{escape(os.path.splitext(path)[0])}*{sign}*"))
    return in_order([*(name for name in sorted(beside) if set_of(name) == path and os.path.isfile(name)), path])


def _age(name: str) -> tuple[int, int, str]:
    """Return what sorts the oldest first: dates upwards, before counters downwards, before the file itself."""
    bare = _PACKED.sub("", name)
    dated = _DATED.search(bare) or _SUFFIX.search(bare)
    if dated is None:
        return (2, 0, "")
    text = dated[1].strip("._-")
    if text.isdigit() and len(text) <= _COUNTER_DIGITS:
        return (1, -int(text), "")
    return (0, 0, text)


def _meant(path: str, with_rotated: bool, troubles: list[Trouble]) -> Iterator[str]:
    if path == STDIN:
        yield path
    elif _MAGIC.search(path) and not os.path.exists(path):
        matching = sorted(glob(path, recursive=True))
        if not matching:
            troubles.append(Trouble(TroubleKind.MISSING, path, "nothing matches"))
        yield from (name for name in matching if not os.path.isdir(name))
    elif os.path.isdir(path):
        yield from _within(path, troubles)
    else:
        yield from rotated(path) if with_rotated and set_of(path) == path else [path]


def _within(folder: str, troubles: list[Trouble]) -> Iterator[str]:
    """Yield the regular files in a folder and below; hidden ones are left out."""

    def refused(error: OSError) -> None:
        troubles.append(Trouble(TroubleKind.UNREADABLE, str(error.filename), error.strerror or "cannot be listed"))

    seen: set[tuple[object, ...]] = set()
    for path, folders, names in os.walk(folder, onerror=refused, followlinks=True):
        identity = _identity(path)
        if identity in seen:
            troubles.append(Trouble(TroubleKind.LOOP, path, "this folder was read before under another name"))
            folders.clear()
            continue
        seen.add(identity)
        folders.sort()
        yield from (os.path.join(path, name) for name in sorted(names) if _is_wanted(path, name))


def _is_wanted(path: str, name: str) -> bool:
    if name.startswith("."):
        return False
    try:
        return stat.S_ISREG(os.stat(os.path.join(path, name)).st_mode)
    except OSError:
        return True  # reading it will say what is wrong


def _identity(path: str) -> tuple[object, ...]:
    """Return what is equal for two names of one file."""
    try:
        info = os.stat(path)
    except OSError:
        return (path,)
    return (info.st_dev, info.st_ino)
