"""Which fences belong to which way to fix a problem, and which way to which cause."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crashcart.guides.foreign.nouns import Fence, Option, Problem, Role
from crashcart.guides.foreign.text import word_set

from .steps import Piece

_STOP = word_set("the and are for with not from this that your you")


def of_roles(fences: Sequence[Fence], roles: tuple[Role, ...]) -> list[Fence]:
    """Return the fences of some roles."""
    return [fence for fence in fences if fence.role in roles]


def shared(problem: Problem, fences: Sequence[Fence]) -> tuple[list[tuple[Option, Sequence[Fence]]], Sequence[Fence]]:
    """Return the options, each with its fences, and the fences of the problem that are in none."""
    taken: set[int] = set()
    found: list[tuple[Option, Sequence[Fence]]] = []
    for option in problem.options:
        held = [
            fence
            for fence in fences
            if option.lines.holds(fence.lines.first)
            and fence.lines.first not in taken
            and fence.role in (Role.FIX, Role.PROSE, Role.CAUSE)
        ]
        taken |= {fence.lines.first for fence in held}
        found.append((option, held))
    return found, [fence for fence in fences if fence.lines.first not in taken]


def assigned(groups: Sequence[tuple[str, list[Piece]]], titles: Sequence[str]) -> list[list[tuple[str, list[Piece]]]]:
    """Return the remedies of each cause: of the one whose words they share, else of the first."""
    found: list[list[tuple[str, list[Piece]]]] = [[] for _ in titles]
    for name, pieces in groups:
        if pieces:
            text = " ".join([name, *(piece.text for piece in pieces)])
            found[_nearest(text, titles)].append((name, pieces))
    return found


def _nearest(text: str, titles: Sequence[str]) -> int:
    """Return which title shares most words with a text, the first when none stands out."""
    said = _said(text)
    shares = [len(said & _said(title)) for title in titles]
    best = max(shares, default=0)
    return shares.index(best) if best and shares.count(best) == 1 else 0


def _said(text: str) -> set[str]:
    return {word for word in re.findall(r"\w{3,}", text.casefold()) if word not in _STOP}
