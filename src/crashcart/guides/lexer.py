"""Tokens of one statement inside a code span."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from crashcart.guides.complaints import Rejected
from crashcart.guides.signs import code_point, is_invisible, told
from crashcart.guides.words import PER_WORDS, UNIT_WORDS, hint_for
from crashcart.model.spans import Span


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    NUMBER = "number"
    STRING = "string"
    REF = "reference"
    PATH = "path"
    ARROW = "=>"
    REL = "relation"
    ASKED = "?"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `value` is the text without quotes or braces, `unit` and `per` only of numbers."""

    kind: Kind
    value: str
    span: Span
    unit: str = ""
    per: str = ""


WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*")
_NUMBER = re.compile(r"(-?)\s*([0-9]+(?:\.[0-9]+)?)")
_PATH = re.compile(r"/\S*")
_STRANGE = re.compile(r"[\w-]*[^\W\x00-\x7f][\w-]*")
MAX_DIGITS = 15  # what a float holds exactly, and more than anything that is measured has
_UNIT = re.compile(r"\s*(%|[A-Za-z]+)?(/[A-Za-z]+)?")
_REL = re.compile(r"!=|<=|>=|=(?!>)|<|>")
_REF = re.compile(r"\{([^{}]*)\}")
_ASKED = re.compile(r"\?[A-Za-z]*")
_SPACE = re.compile(r"\s+")


def tokens(text: str, *, line: int, column: int) -> list[Token]:
    """Return the tokens of one statement that stands on `line` from `column`; the last one is END.

    Raises:
        Rejected: a character that begins no token, an open quote or brace, a decimal comma, an unknown unit.
    """
    return _Lexer(text, line, column).run()


class _Lexer:
    def __init__(self, text: str, line: int, column: int) -> None:
        self.text = text
        self.line = line
        self.column = column
        self.at = 0

    def run(self) -> list[Token]:
        found: list[Token] = []
        while True:
            space = _SPACE.match(self.text, self.at)
            if space:
                self.at = space.end()
            if self.at >= len(self.text):
                found.append(Token(Kind.END, "", self.span(self.at, self.at)))
                return found
            found.append(self.one())

    def span(self, start: int, end: int) -> Span:
        return Span(self.line, self.column + start, self.line, self.column + end)

    def one(self) -> Token:
        char = self.text[self.at]
        if char in "\"'":
            return self.string(char)
        if char == "{":
            return self.ref()
        if char == "/":
            return self.path()
        if self.text.startswith("=>", self.at):
            return self.token(Kind.ARROW, self.at + 2)
        if char == "?":
            return self.asked()
        if _NUMBER.match(self.text, self.at):
            return self.number()
        relation = _REL.match(self.text, self.at)
        if relation:
            return self.token(Kind.REL, relation.end())
        strange = _STRANGE.match(self.text, self.at)
        if strange:
            raise Rejected(
                "guide-character", f'"{strange.group()}" has letters that no keyword has', self.span(*strange.span()),
                word=strange.group(), hint=f"letters a to z: {told(strange.group())}",
            )  # fmt: skip
        word = WORD.match(self.text, self.at)
        if word:
            return self.token(Kind.WORD, word.end())
        name = code_point(char) if is_invisible(char) else f'"{char}"'
        raise Rejected(
            "guide-character", f"{name} begins nothing that a statement knows", self.span(self.at, self.at + 1),
            word=name.strip('"'), hint="quoting it, if it is text that was logged",
        )  # fmt: skip

    def token(self, kind: Kind, end: int) -> Token:
        token = Token(kind, self.text[self.at : end], self.span(self.at, end))
        self.at = end
        return token

    def string(self, quote: str) -> Token:
        end = self.text.find(quote, self.at + 1)
        if end < 0:
            raise Rejected(
                "guide-open-quote", f"the text that begins with {quote} does not end",
                self.span(self.at, len(self.text)), word=self.text[self.at :], hint=f"closing it with {quote}",
            )  # fmt: skip
        unseen = next((at for at in range(self.at, end) if is_invisible(self.text[at])), None)
        if unseen is not None:
            name = code_point(self.text[unseen])
            raise Rejected(
                "guide-unseen-character", f"{name} in quoted text cannot be seen", self.span(unseen, unseen + 1),
                word=name, hint="removing it",
            )  # fmt: skip
        token = Token(Kind.STRING, self.text[self.at + 1 : end], self.span(self.at, end + 1))
        self.at = end + 1
        following = self.text[self.at : self.at + 1]
        if following and not following.isspace():
            raise Rejected(
                "guide-glued", f'"{following}" follows the quoted text without a space',
                self.span(self.at, self.at + 1), word=following, hint="a space between them",
            )  # fmt: skip
        return token

    def path(self) -> Token:
        found = _PATH.match(self.text, self.at)
        assert found is not None
        end = found.end()
        if self.text.startswith("//", self.at):
            raise Rejected(
                "guide-bad-path", f'"{self.text[self.at : end]}" begins with two slashes, which is no path',
                self.span(self.at, end), word=self.text[self.at : end], hint=f'"{self.text[self.at + 1 : end]}"',
            )  # fmt: skip
        return self.token(Kind.PATH, end)

    def ref(self) -> Token:
        found = _REF.match(self.text, self.at)
        if not found:
            raise Rejected(
                "guide-open-brace", "the brace does not close", self.span(self.at, len(self.text)),
                word=self.text[self.at :], hint="closing it with }",
            )  # fmt: skip
        token = Token(Kind.REF, found.group(1), self.span(self.at, found.end()))
        self.at = found.end()
        return token

    def asked(self) -> Token:
        found = _ASKED.match(self.text, self.at)
        assert found is not None
        if found.group() not in ("?", "?secret"):
            raise Rejected(
                "guide-asked", f'"{found.group()}" is no way to ask for a value', self.span(self.at, found.end()),
                word=found.group(), hint='"?" or "?secret"',
            )  # fmt: skip
        return self.token(Kind.ASKED, found.end())

    def number(self) -> Token:
        found = _NUMBER.match(self.text, self.at)
        assert found is not None
        start, end = self.at, found.end()
        if len(found.group(2).replace(".", "")) > MAX_DIGITS:
            shown = found.group(2) if len(found.group(2)) < 30 else f"{found.group(2)[:20]}..."
            raise Rejected(
                "guide-bad-number", f"{shown} has more than {MAX_DIGITS} digits", self.span(start, end), word=shown,
                hint="a larger unit, or fewer digits",
            )  # fmt: skip
        if re.match(r",\d", self.text[end : end + 2]):
            raise Rejected(
                "guide-decimal-comma", f'"{self.text[start : end + 2]}" has a decimal comma', self.span(start, end + 2),
                word=self.text[start : end + 2], hint=f'"{found.group()}.{self.text[end + 1]}"',
            )  # fmt: skip
        unit, per, end = self.unit(end)
        self.at = end
        return Token(Kind.NUMBER, found.group(1) + found.group(2), self.span(start, end), unit, per)

    def unit(self, start: int) -> tuple[str, str, int]:
        """Read the unit behind a number; a word that is no unit and stands apart belongs to what follows."""
        found = _UNIT.match(self.text, start)
        assert found is not None
        unit, per = found.group(1) or "", found.group(2) or ""
        is_glued = not self.text[start : start + 1].isspace()
        if unit and unit not in UNIT_WORDS:
            if not is_glued and not per:
                return "", "", start
            raise self.bad_unit(unit, found.start(1), found.end(1), UNIT_WORDS)
        if per and per not in PER_WORDS:
            if not unit and not is_glued:
                return "", "", start  # a path that follows a number
            raise self.bad_unit(per, found.start(2), found.end(2), PER_WORDS)
        if per and not unit and not is_glued:
            return "", "", start
        return unit, per, found.end() if unit or per else start

    def bad_unit(self, word: str, start: int, end: int, table: tuple[str, ...]) -> Rejected:
        return Rejected(
            "guide-unknown-unit", f'"{word}" is no unit', self.span(start, end), word=word, hint=hint_for(word, table)
        )
