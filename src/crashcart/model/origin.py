"""Where a value of the system file comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """One value in force, and where it comes from.

    `value` of a secret is "set, 51 characters, fingerprint ab12cd34" or "unset". `origin` is a line of a file, a name of
    the environment, "default" or "derived from ...".
    """

    key: str
    value: str
    origin: str
    is_secret: bool = False
    is_set: bool = True
