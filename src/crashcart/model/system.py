"""What the user runs, as the system file says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Target:
    """One addressable part of a system.

    `attributes` are the keys that its kind has (url, path, ...), references already followed, secrets never among
    them: of a secret only the *name* of the setting is here (`key` -> "OPENAI_API_KEY"). `unresolved` says of a
    key why its value is not known. Paths are absolute. `touch` says what may be touched and by which means; a key
    with one value has one entry.
    """

    name: str
    kind: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    unresolved: Mapping[str, str] = field(default_factory=dict)
    logs: tuple[str, ...] = ()
    env_file: str = ""
    service: str = ""
    command: str = ""
    pid_file: str = ""
    timezone: str = ""
    via: str = "local"
    depends: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    known_good: str = ""  # the sweep of the whole system when all was well
    touch: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class System:
    """All targets under one name."""

    name: str
    environment: str
    targets: Mapping[str, Target]

    def dependants(self, name: str) -> tuple[str, ...]:
        """Return the targets that directly need the named one, in order of name."""
        return tuple(sorted(other.name for other in self.targets.values() if name in other.depends))
