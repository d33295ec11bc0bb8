"""The nouns between the judge and those that know one language: a call, and what is thought of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .model import Effect, Risk, Where
from .programs import Arguments, Program
from .tree import Arg, Simple


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one simple command does by itself. `inner` are the commands in its words."""

    effect: Effect
    why: str
    is_known: bool = True
    uses_secret: bool = False
    inner: tuple[Judged, ...] = ()
    subcommand: str = ""
    target: str = ""  # when the words alone do not tell it
    is_wrapper: bool = False  # only runs what is in it: sudo, timeout, `docker compose` for docker-compose


@dataclass(frozen=True, slots=True)
class Judged:
    """A simple command with its verdict. `own` is its risk without that of `inner`."""

    words: tuple[Arg, ...]
    program: str
    subcommand: str
    target: str
    where: Where
    own: Risk
    why: str
    is_known: bool
    placeholders: tuple[str, ...] = ()
    uses_secret: bool = False
    inner: tuple[Judged, ...] = ()
    is_wrapper: bool = False

    @property
    def worst(self) -> Judged:
        """Return the part that decides: the worst of what is in it, or itself."""
        return max((*(part.worst for part in self.inner), self), key=lambda part: part.own.rank)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a known program, for those who know its language. `shell` and `words` judge what is in it."""

    program: Program
    args: tuple[Arg, ...]  # behind the program
    given: Arguments
    simple: Simple
    where: Where
    shell: Callable[[str, Where], tuple[Judged, ...]]
    run: Callable[[tuple[Arg, ...], Where], Judged]

    @property
    def texts(self) -> tuple[str, ...]:
        """Return the words behind the program."""
        return tuple(arg.text for arg in self.args)

    def unknown(self, why: str) -> Verdict:
        """Return the verdict on what is not understood: never a look."""
        return Verdict(Effect.CHANGES, why, is_known=False)
