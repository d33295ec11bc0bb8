"""Loose trees as expressions for Vectorscan, which knows no lines: none of them can fit a newline."""

from __future__ import annotations

from crashcart.logs.shape.escaped import forms, is_stable
from crashcart.logs.signatures.tree import Char, Class, Either, Node, Repeat, Row, Wide, trimmed

_ANY = r"[^\n]"
_BACKSLASHES = r"\x5c+"
_LARGE = 32  # Vectorscan unrolls repeats; beyond this it is told the least number only


def expression(tree: Row) -> str:
    """Return an expression that fits in each line in which the tree does, raw or escaped."""
    return _row(trimmed(tree), is_edge=True)


def _row(node: Node, *, is_edge: bool) -> str:
    parts = node.parts if isinstance(node, Row) else (node,)
    last = len(parts) - 1
    return "".join(_of(part, is_edge=is_edge and at in (0, last)) for at, part in enumerate(parts))


def _of(node: Node, *, is_edge: bool) -> str:
    match node:
        case Char(char, is_caseless):
            return _char(char, is_caseless)
        case Class(members):
            return f"[{''.join(map(_byte, sorted(members)))}]"
        case Wide():
            # One byte of it is enough at the ends; within, a character takes up to twelve: \ud83d\ude00.
            return _ANY if is_edge else f"{_ANY}+"
        case Row():
            return _row(node, is_edge=is_edge)
        case Either(arms):
            return f"(?:{'|'.join(_row(arm, is_edge=is_edge) for arm in arms)})"
        case Repeat(Wide(), least, _):
            return f"{_ANY}{'+' if least else '*'}"
        case Repeat(part, least, most):
            return f"(?:{_row(part, is_edge=False)}){_times(least, most)}"


def _times(least: int, most: int | None) -> str:
    if most is None or most > _LARGE:
        return f"{{{min(least, _LARGE)},}}"
    return f"{{{least},{most}}}"


def _char(char: str, is_caseless: bool) -> str:
    if is_caseless:
        return f"[{char.lower()}{char.upper()}]"
    if is_stable(char):
        return _byte(char)
    if char.isascii():
        return f"{_ANY}+"
    raw, *coded = forms(char)
    # Hexadecimal digits come in either size, and the backslash twice and more within text that is quoted itself.
    either = (f"(?i:{_bytes(form)})".replace(_bytes(b"\\"), _BACKSLASHES) for form in coded)
    return f"(?:{'|'.join((_bytes(raw), *either))})"


def _bytes(text: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text)


def _byte(char: str) -> str:
    return char if char.isalnum() else f"\\x{ord(char):02x}"
