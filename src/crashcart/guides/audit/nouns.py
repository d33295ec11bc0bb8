"""What the rules of an audit look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from crashcart.guides.foreign.nouns import Fence, ForeignGuide, Problem
from crashcart.guides.shell import Command, FenceKind, Remark

LONGEST_LINE = 2_000  # as much as is looked at of a line


@dataclass(frozen=True, slots=True)
class Place:
    """What the system file knows: hosts with their ports (0: any port), names of its targets."""

    hosts: frozenset[tuple[str, int]] = field(default_factory=frozenset)
    names: frozenset[str] = field(default_factory=frozenset)
    settings: frozenset[str] = field(default_factory=frozenset)  # names in the env files of its targets
    paths: frozenset[str] = field(
        default_factory=frozenset
    )  # files and folders of its targets; `*` stands for any name
    has_metrics: bool = False  # some target has a page of metrics


@dataclass(frozen=True, slots=True)
class Text:
    """A foreign guide with its lines and commands. `kinds` and `found` are by the first line of a fence's body."""

    lines: tuple[str, ...]
    guide: ForeignGuide
    kinds: Mapping[int, FenceKind]
    found: Mapping[int, tuple[Command, ...]]
    inline: tuple[Command, ...]
    bodies: frozenset[int]  # the lines that stand in fences
    place: Place | None = None
    long_lines: tuple[int, ...] = ()  # of which only the beginning was read

    @property
    def commands(self) -> Iterator[Command]:
        """All commands, of fences and then of code spans."""
        for group in self.found.values():
            yield from group
        yield from self.inline

    def line(self, number: int) -> str:
        """Return a line of the source, "" when there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def around(self, number: int, above: int, below: int) -> str:
        """Return the lines around one."""
        return "\n".join(self.lines[max(0, number - 1 - above) : number + below])

    def fences(self, problem: Problem) -> Iterator[Fence]:
        """The fences of a problem."""
        return (fence for fence in self.guide.fences if fence.problem == problem.id)


Rule = Callable[[Text], Iterator[Remark]]


def flat(text: str, limit: int = 160) -> str:
    """Return text on one line, cut at `limit`."""
    return re.sub(r"\s+", " ", text[: limit * 4]).strip()[:limit]
