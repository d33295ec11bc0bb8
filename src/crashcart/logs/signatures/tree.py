"""A signature as a tree, told so loosely that a text fits whenever the signature does, raw or escaped.

Two things are read off the tree: an expression for Vectorscan, and text that must be there (`needed`). Both let too
much through and never too little; the signature's own matcher has the last word. So whatever hangs on the neighbours
(`^`, `$`, `\\b`, looking ahead or behind) is left out: a line may begin within a JSON string.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crashcart.logs.shape.escaped import is_stable


@dataclass(frozen=True, slots=True)
class Char:
    """One character; with `is_caseless` an ASCII letter of either size."""

    char: str
    is_caseless: bool = False


@dataclass(frozen=True, slots=True)
class Class:
    """One stable character out of several."""

    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Wide:
    """One character about which nothing is known, but that it ends no line."""


@dataclass(frozen=True, slots=True)
class Row:
    """Parts that follow each other. No row is within a row."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """One of several."""

    arms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`least` to `most` times, None for without end."""

    part: Node
    least: int
    most: int | None


Node = Char | Class | Wide | Row | Either | Repeat


def row(parts: Iterable[Node]) -> Row:
    """Return a row of the parts, rows among them dissolved."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Row) else (part,))
    return Row(tuple(flat))


def of_text(text: str) -> Row:
    """Return literal text. A replacement character may stand for any bytes that are no UTF-8."""
    return Row(tuple(Wide() if char == "\ufffd" else Char(char) for char in text))


def of_pieces(pieces: Iterable[str]) -> Row:
    """Return literal pieces with a hole between each two."""
    parts: list[Node] = []
    for number, piece in enumerate(pieces):
        parts.extend(((Repeat(Wide(), 1, None),) if number else ()) + of_text(piece).parts)
    return Row(tuple(parts))


def is_nullable(node: Node) -> bool:
    """Say whether it may fit where there is nothing."""
    match node:
        case Row(parts):
            return all(map(is_nullable, parts))
        case Either(arms):
            return any(map(is_nullable, arms))
        case Repeat(part, least, _):
            return least == 0 or is_nullable(part)
        case _:
            return False


def is_telling(node: Node) -> bool:
    """Say whether something must be there beside any characters."""
    match node:
        case Row(parts):
            return any(map(is_telling, parts))
        case Either(arms):
            return all(map(is_telling, arms))
        case Repeat(part, least, _):
            return least > 0 and is_telling(part)
        case _:
            return not isinstance(node, Wide)


def text_of(node: Row) -> bytes | None:
    """Return the text of a tree that is nothing but stable characters, None if it is anything else."""
    chars = [part.char for part in node.parts if isinstance(part, Char) and is_stable(part.char)]
    return "".join(chars).encode() if len(chars) == len(node.parts) and not has_caseless(node) else None


def has_caseless(node: Node) -> bool:
    """Say whether some of its letters may be of either size."""
    match node:
        case Char(_, is_caseless):
            return is_caseless
        case Row(parts) | Either(parts):
            return any(map(has_caseless, parts))
        case Repeat(part, _, _):
            return has_caseless(part)
        case _:
            return False


def trimmed(node: Node) -> Node:
    """Return the least that must be there, with nothing at the ends that may be longer or shorter.

    A scanner reports each end at which an expression fits: behind `error: .*` that is every further character.
    """
    match node:
        case Row(parts):
            kept = list(parts)
            while kept and is_nullable(kept[-1]):
                kept.pop()
            while kept and is_nullable(kept[0]):
                del kept[0]
            for end in (0, -1) if kept else ():
                kept[end] = trimmed(kept[end])
            return row(kept)
        case Either(arms):
            return Either(tuple(map(trimmed, arms)))
        case Repeat(part, 1, _):
            return trimmed(part)
        case Repeat(part, least, _) if least:
            return Repeat(part, least, least)
        case _:
            return node
