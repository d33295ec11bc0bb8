"""Subcommands and options that no tool has, and the nearest that one has."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from functools import cache

from .programs import arguments, programs

# Where a subcommand is looked for when a tool lacks it: tools that are taken for one another.
SIBLINGS: dict[str, tuple[str, ...]] = {
    "docker": ("kubectl", "docker-compose"),
    "docker-compose": ("docker", "kubectl"),
    "kubectl": ("docker", "helm"),
    "helm": ("kubectl",),
    "systemctl": ("supervisorctl",),
    "supervisorctl": ("systemctl",),
    "podman": ("kubectl", "docker-compose"),
}
# Tools whose subcommands the tables list nearly in full; elsewhere only a near miss is told.
_CLOSED = frozenset(["docker", "docker-compose", "kubectl", "helm", "systemctl", "supervisorctl"])


def near_subcommand(name: str, words: Sequence[str]) -> tuple[str, str] | None:
    """Return a subcommand that the program lacks and what may be meant ("" when nothing is near), or None."""
    program = programs().get(name)
    if program is None or not program.has_subs:
        return None
    given = arguments(program, words)
    word = given.positional[0] if given.positional else ""
    if not re.fullmatch(r"[a-z][a-z\-]+", word) or word in program.subcommands or program.best(given) is not None:
        return None
    for other in SIBLINGS.get(name, ()):
        if programs()[other].best(given) is not None:
            return word, f"{other} {word}"
    near = [right for right in sorted(program.subcommands) if is_one_slip(word, right)] or [
        right
        for right in difflib.get_close_matches(word, sorted(program.subcommands), n=1, cutoff=0.75)
        if right not in word  # uninstall, reload, list-keys: no slip, but a subcommand that our tables lack
    ]
    if near:
        return word, f"{name} {near[0]}"
    return (word, "") if name in _CLOSED else None


def near_option(name: str, words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield long options that are one slip away from one that the program has, and the right one."""
    program = programs().get(name)
    if program is None:
        return
    known = _options(name)
    for word in words:
        if word == "--":
            return  # what follows belongs to another program
        option = word.split("=", 1)[0]
        if not option.startswith("--") or len(option) < 6 or option in known:
            continue
        better = next((right for right in sorted(known) if is_one_slip(option, right)), None)
        if better is not None:
            yield option, better


@cache
def _options(name: str) -> frozenset[str]:
    """Return the long options of a program of the tables."""
    program = programs()[name]
    named = {option.split("=", 1)[0] for rule in program.rules for option in rule.options}
    every = named | program.values | (program.strict or frozenset())
    return frozenset(option for option in every if option.startswith("--"))


def is_one_slip(word: str, right: str) -> bool:
    """Say whether two words differ by one letter left out, added, changed, or two exchanged; a plural is no slip."""
    if word == right or abs(len(word) - len(right)) > 1 or word.rstrip("s") == right.rstrip("s") or len(right) < 3:
        return False
    if len(word) == len(right):
        odd = [at for at, (a, b) in enumerate(zip(word, right, strict=True)) if a != b]
        is_swap = (
            len(odd) == 2 and odd[1] == odd[0] + 1 and word[odd[0]] == right[odd[1]] and word[odd[1]] == right[odd[0]]
        )
        return len(odd) == 1 or is_swap
    short, long = sorted((word, right), key=len)
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
