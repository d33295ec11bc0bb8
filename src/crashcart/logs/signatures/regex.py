"""Regular expressions, read into a loose tree by Python's own parser: two readers of one language would differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

# Undocumented, and stable since Python 2.0 but for its name; what it yields and we do not know becomes `Wide`.
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Final

from crashcart.logs.shape.escaped import is_stable
from crashcart.logs.signatures.tree import Char, Class, Either, Node, Repeat, Row, Wide, of_text, row

# Only ASCII letters have two sizes and only ASCII digits are `\d`: what two engines must agree on is to be small.
FLAGS: Final = re.ASCII
_ANYTHING: Final = Repeat(Wide(), 0, None)
_NOWHERE: Final = Row()  # what eats no character
_ASCII = [chr(code) for code in range(128)]
_CATEGORIES = {
    sre.CATEGORY_DIGIT: re.compile(r"\d", FLAGS),
    sre.CATEGORY_NOT_DIGIT: re.compile(r"\D", FLAGS),
    sre.CATEGORY_SPACE: re.compile(r"\s", FLAGS),
    sre.CATEGORY_NOT_SPACE: re.compile(r"\S", FLAGS),
    sre.CATEGORY_WORD: re.compile(r"\w", FLAGS),
    sre.CATEGORY_NOT_WORD: re.compile(r"\W", FLAGS),
}
_Item = tuple[object, object]


def of_regex(pattern: str) -> Row:
    """Return the tree of an expression that `re` takes with `FLAGS`."""
    parsed = parser.parse(pattern, FLAGS)
    return _row(parsed, is_caseless=bool(parsed.state.flags & re.IGNORECASE))


def _row(items: Iterable[_Item], *, is_caseless: bool) -> Row:
    return row(_node(code, value, is_caseless) for code, value in items)


def _node(code: object, value: object, is_caseless: bool) -> Node:
    match code, value:
        case sre.LITERAL, int(char):
            return _char(chr(char), is_caseless)
        case sre.IN, list(members):
            return _class(members, is_caseless)
        case sre.SUBPATTERN, (_, int(added), int(dropped), part):
            is_caseless = (is_caseless or bool(added & re.IGNORECASE)) and not dropped & re.IGNORECASE
            return _row(_items(part), is_caseless=is_caseless)
        case sre.ATOMIC_GROUP, part:
            return _row(_items(part), is_caseless=is_caseless)
        case sre.BRANCH, (_, list(arms)):
            return Either(tuple(_row(_items(arm), is_caseless=is_caseless) for arm in arms))
        case ((sre.MAX_REPEAT | sre.MIN_REPEAT | sre.POSSESSIVE_REPEAT), (int(least), most, part)):
            inner = _row(_items(part), is_caseless=is_caseless)
            only = inner.parts[0] if len(inner.parts) == 1 else inner
            return Repeat(only, int(least), None if most is sre.MAXREPEAT else int(str(most)))
        case ((sre.AT | sre.ASSERT | sre.ASSERT_NOT), _):
            return _NOWHERE
        case ((sre.ANY | sre.NOT_LITERAL), _):
            return Wide()
        case _:  # a reference back, a condition, or what a later Python may bring
            return _ANYTHING


def _items(part: object) -> Iterable[_Item]:
    assert isinstance(part, parser.SubPattern)
    items: Iterable[_Item] = part.data
    return items


def _char(char: str, is_caseless: bool) -> Node:
    if char == "\n":
        return Wide()  # stands in no line; such an expression never fits, which its own matcher will tell
    if is_caseless and char.isascii() and char.isalpha():
        return Char(char.lower(), is_caseless=True)
    return of_text(char).parts[0]


def _class(members: Sequence[_Item], is_caseless: bool) -> Node:
    is_negated = bool(members) and members[0][0] is sre.NEGATE
    chosen = set(chain.from_iterable(_chosen(code, value) for code, value in members))
    if is_caseless:
        chosen |= {char.swapcase() for char in chosen if char.isascii()}
    if is_negated:
        chosen = set(_ASCII) - chosen
    # A class that leaves something out, or names what is not ASCII, reaches beyond the stable characters.
    if is_negated or not chosen or not all(map(is_stable, chosen)):
        return Wide()
    return Class(frozenset(chosen))


def _chosen(code: object, value: object) -> Iterable[str]:
    """Return the ASCII characters that a member of a class stands for, and one beyond if there are others."""
    match code, value:
        case sre.LITERAL, int(char):
            return (chr(char),)
        case sre.RANGE, (int(low), int(high)):
            return (*(char for char in _ASCII if low <= ord(char) <= high), *(("\x80",) if high > 127 else ()))
        case sre.CATEGORY, _ if value in _CATEGORIES:
            return (*filter(_CATEGORIES[value].match, _ASCII), *(("\x80",) if "NOT" in str(value) else ()))
        case _:
            return ("\x80",) if code is not sre.NEGATE else ()
