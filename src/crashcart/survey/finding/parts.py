"""The words of the finding: what was sighted where, and the parts that come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

Value = str | tuple[str, ...]


class Sure(IntEnum):
    """How sure a finding is: sure was seen at work, likely is what a file says, guess is what is usual."""

    GUESS = 1
    LIKELY = 2
    SURE = 3

    @property
    def word(self) -> str:
        """The word in comments and reports."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Said:
    """One value with where it comes from."""

    value: Value
    how: str
    sure: Sure


@dataclass(frozen=True, slots=True, order=True)
class Anchor:
    """What makes two sightings the same part: a port here or elsewhere, a file, a command, a provider's host."""

    sort: str  # port, file, command, provider
    place: str
    port: int = 0


@dataclass(frozen=True, slots=True)
class Sighting:
    """One sign of one part. `hint` is how the source calls it; an earlier sighting's hint and keys stand."""

    anchor: Anchor
    kind: str
    hint: str
    how: str
    sure: Sure
    keys: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edge:
    """One part needs another."""

    source: Anchor
    target: Anchor
    how: str
    sure: Sure


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the system, as it will stand in the system file."""

    name: str
    kind: str
    how: str
    sure: Sure
    keys: Mapping[str, Said]
    depends: tuple[Said, ...] = ()  # one name each


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found of a system. `asides` are sentences about what was seen and left out, or could not be seen."""

    name: Said
    environment: Said | None
    parts: tuple[Part, ...]
    asides: tuple[str, ...] = ()
