"""Regular expressions of `matches`, searched in a time that grows only with the text.

`re` backtracks: `(a+)+b` takes for ever on a hundred `a`, and even `a*b` takes the square of the text, which the sick
service writes and not the guide. Refusing "dangerous" patterns by their look would refuse `error .* code=\\d+` or let
others pass. So we follow all ways at once (Thompson's construction, moves remembered), and only what cannot be run so
is refused when the guide is compiled: back references, looking ahead or behind, and very large repeats.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

MAX_NODES = 300  # bounds the work for one character
MAX_SEARCHED_CHARS = 65_536  # what a look shows of a body
_MAX_MOVES = 20_000

Fits = Callable[[str], bool]
_CLASSES: dict[str, Fits] = {
    "d": str.isdecimal,
    "w": lambda char: char.isalnum() or char == "_",
    "s": str.isspace,
    "D": lambda char: not char.isdecimal(),
    "W": lambda char: not (char.isalnum() or char == "_"),
    "S": lambda char: not char.isspace(),
}
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_REPEAT = re.compile(r"(?:([*+?])|\{(?!\})(\d*)(,?)(\d*)\})([?+]?)")


class BadPattern(ValueError):
    """Text that is no regular expression, or none that can be searched in time; says why."""


@dataclass(slots=True)
class _Node:
    """`fits` eats one character; `holds` eats none; neither: a fork. `to` are the nodes behind it."""

    fits: Fits | None = None
    holds: str = ""
    to: list[int] = field(default_factory=list)


@lru_cache(maxsize=256)
def pattern(text: str) -> Pattern:
    """Return the compiled expression.

    Raises:
        BadPattern: it is none, or has parts that cannot be searched in time.
    """
    try:
        re.compile(text)
        reader = _Reader(text)
        return Pattern(reader.nodes, reader.run(), is_multiline="m" in reader.flags)
    except (re.error, OverflowError) as error:
        raise BadPattern(str(error)) from error
    except RecursionError as error:
        raise BadPattern("it is nested too deep") from error


class Pattern:
    """A compiled expression."""

    def __init__(self, nodes: list[_Node], start: int, *, is_multiline: bool) -> None:
        self._nodes = nodes
        self._start = start
        self._is_multiline = is_multiline
        self._moves: dict[tuple[frozenset[int], str, str, bool], frozenset[int] | None] = {}

    def is_in(self, text: str) -> bool:
        """Say whether it fits anywhere in the text."""
        states = frozenset[int]()
        before = ""
        for at in range(len(text) + 1):
            char = text[at : at + 1]
            key = (states, before, char, at >= len(text) - 1)
            if key not in self._moves:
                if len(self._moves) >= _MAX_MOVES:
                    self._moves.clear()
                self._moves[key] = self._move(*key)
            reached = self._moves[key]
            if reached is None:
                return True
            states = reached
            before = _side(char)
        return False

    def _move(self, states: frozenset[int], before: str, char: str, is_tail: bool) -> frozenset[int] | None:
        """Return where the next character leads, None when the expression is fulfilled before it."""
        found: set[int] = set()
        stack = [*states, self._start]
        while stack:
            number = stack.pop()
            if number in found:
                continue
            found.add(number)
            node = self._nodes[number]
            if node.fits is None:
                if not node.to:
                    return None
                if not node.holds or self._holds(node.holds, before, char, is_tail):
                    stack.extend(node.to)
        fitting = [node for node in (self._nodes[number] for number in found) if node.fits and char and node.fits(char)]
        return frozenset(to for node in fitting for to in node.to)

    def _holds(self, what: str, before: str, char: str, is_tail: bool) -> bool:
        match what:
            case "^":
                return before == "" or (self._is_multiline and before == "\n")
            case "$":
                return char == "" or (char == "\n" and (is_tail or self._is_multiline))
            case "A":
                return before == ""
            case "Z":
                return char == ""
            case _:
                is_edge = (before == "w") is not (_side(char) == "w")
                return is_edge is (what == "b")


def _side(char: str) -> str:
    """Return what a neighbour needs to know of a character."""
    if char in ("", "\n"):
        return char
    return "w" if _CLASSES["w"](char) else "x"


class _Reader:
    """Reads an expression that `re` takes, into nodes. Pieces are (first node, nodes whose `to` is still open)."""

    def __init__(self, text: str) -> None:
        flags = re.match(r"\(\?([a-zA-Z]+)\)", text)
        self.flags = flags.group(1) if flags else ""
        if set(self.flags) - set("ims"):
            raise BadPattern(f'"(?{self.flags})" has flags beside i, m and s')
        self.text = text
        self.at = flags.end() if flags else 0
        self.nodes: list[_Node] = []

    def run(self) -> int:
        start = self.either()
        end = self.add(_Node())
        self.join(start[1], end)
        return start[0]

    def add(self, node: _Node) -> int:
        if len(self.nodes) >= MAX_NODES:
            raise BadPattern(f"it is larger than {MAX_NODES} places")
        self.nodes.append(node)
        return len(self.nodes) - 1

    def join(self, ends: list[int], to: int) -> None:
        for end in ends:
            self.nodes[end].to.append(to)

    def either(self) -> tuple[int, list[int]]:
        ways = [self.row()]
        while self.text[self.at : self.at + 1] == "|":
            self.at += 1
            ways.append(self.row())
        if len(ways) == 1:
            return ways[0]
        fork = self.add(_Node(to=[way[0] for way in ways]))
        return fork, [end for way in ways for end in way[1]]

    def row(self) -> tuple[int, list[int]]:
        first = self.add(_Node())
        ends = [first]
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            piece = self.repeated()
            self.join(ends, piece[0])
            ends = piece[1]
        return first, ends

    def repeated(self) -> tuple[int, list[int]]:
        begin = self.at
        piece = self.atom()
        found = _REPEAT.match(self.text, self.at)
        if found is None:
            return piece
        if found.group(5) == "+":
            raise BadPattern(f'"{found.group()}" never gives back')
        piece = self.times(piece, begin, *_bounds(found))
        self.at = found.end()
        return piece

    def times(self, piece: tuple[int, list[int]], begin: int, least: int, most: int | None) -> tuple[int, list[int]]:
        first = self.add(_Node())
        ends, skips = [first], list[int]()
        for number in range(max(least, most or 0, 1)):
            if number:  # read once more, for nodes of its own
                self.at = begin
                piece = self.atom()
            if number >= least:
                skips += ends
            self.join(ends, piece[0])
            ends = piece[1]
        if most == 0:
            ends = []
            self.nodes[first].to.clear()
            skips = [first]
        if most is None:
            loop = self.add(_Node())
            self.join(ends, loop)
            self.nodes[loop].to.append(piece[0])
            ends = [loop]
        return first, [*ends, *skips]

    def atom(self) -> tuple[int, list[int]]:
        char = self.text[self.at]
        self.at += 1
        if char == "(":
            return self.group()
        if char in "^$":
            return self.one(_Node(holds=char))
        if char == "[":
            return self.one(_Node(self.cased(self.char_class())))
        if char == ".":
            return self.one(_Node((lambda _: True) if "s" in self.flags else (lambda other: other != "\n")))
        if char == "\\" and self.text[self.at] in "AZbB":
            self.at += 1
            return self.one(_Node(holds=self.text[self.at - 1]))
        fits = self.escaped() if char == "\\" else char
        return self.one(_Node(self.cased(fits if callable(fits) else fits.__eq__)))

    def one(self, node: _Node) -> tuple[int, list[int]]:
        number = self.add(node)
        return number, [number]

    def group(self) -> tuple[int, list[int]]:
        head = re.compile(r"\?(?::|P<\w+>)").match(self.text, self.at)
        if head:
            self.at = head.end()
        elif self.text.startswith("?", self.at):
            raise BadPattern(f'"({self.text[self.at : self.at + 3]}" looks around or back, or sets a flag inside')
        piece = self.either()
        self.at += 1  # the bracket
        return piece

    def escaped(self) -> Fits | str:
        char = self.text[self.at]
        self.at += 1
        if char in _CLASSES:
            return _CLASSES[char]
        if char in "xu":
            width = 2 if char == "x" else 4
            self.at += width
            return chr(int(self.text[self.at - width : self.at], 16))
        if char.isdigit() or char in "UN":
            raise BadPattern(f'"\\{char}" refers back, or to a character by number')
        return _CONTROL.get(char, char)

    def char_class(self) -> Fits:
        is_negated = self.text[self.at] == "^"
        self.at += is_negated
        begin, parts = self.at, list[Fits]()
        while self.text[self.at] != "]" or self.at == begin:
            low = self.member()
            if isinstance(low, str) and self.text[self.at] == "-" and self.text[self.at + 1] != "]":
                self.at += 1
                high = self.member()
                assert isinstance(high, str)
                parts.append(lambda char, low=low, high=high: low <= char <= high)  # type: ignore[misc]
            else:
                parts.append(low if callable(low) else low.__eq__)
        self.at += 1
        return lambda char: any(part(char) for part in parts) is not is_negated

    def member(self) -> Fits | str:
        char = self.text[self.at]
        self.at += 1
        if char == "\\" and self.text[self.at] == "b":
            self.at += 1
            return "\b"
        return self.escaped() if char == "\\" else char

    def cased(self, fits: Fits) -> Fits:
        if "i" not in self.flags:
            return fits
        return lambda char: fits(char) or fits(char.lower()) or fits(char.upper())


def _bounds(found: re.Match[str]) -> tuple[int, int | None]:
    sign, low, comma, high, _ = found.groups()
    if sign:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
    least = int(low or "0")
    return least, (int(high) if high else None) if comma else least
