"""Profiles of logs as files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from crashcart.errors import UsageError
from crashcart.logs.profile import MOST, Known, Profile

_VERSION: Final = 1


class _Kept(msgspec.Struct, forbid_unknown_fields=True):
    """A profile as it is written."""

    v: int
    hours: float
    templates: list[Known]


def write_profile(path: Path, profile: Profile) -> None:
    """Write a profile.

    Raises:
        UsageError: the file cannot be written.
    """
    kept = _Kept(_VERSION, profile.hours, list(profile.templates[:MOST]))
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")
    except OSError as error:
        raise UsageError(
            f"the profile cannot be written: {error}", where=str(path), hint="another --save-profile"
        ) from error


def read_profile(path: Path) -> Profile:
    """Return the profile of a file.

    Raises:
        UsageError: it cannot be read, or is none that this version knows.
    """
    hint = "a file that `crashcart logs --save-profile` wrote"
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
    except OSError as error:
        raise UsageError(
            f"the profile cannot be read: {error.strerror or error}", where=str(path), hint=hint
        ) from error
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise UsageError(f"this is no profile: {error}", where=str(path), hint=hint) from error
    if kept.v != _VERSION:
        raise UsageError(f"version {kept.v} of profiles is unknown here", where=str(path), hint=hint)
    return Profile(kept.hours, tuple(kept.templates))
