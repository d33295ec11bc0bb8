"""Remarks on what a reader does not see: marks that turn text around, signs without a shape, letters that look like others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from crashcart.guides.foreign.scan import MAX_LINES
from crashcart.guides.foreign.text import code_spans
from crashcart.guides.shell import Found, Remark

from .letters import lookalike, mixed
from .nouns import LONGEST_LINE, Text, flat
from .written import is_broken

# They turn what follows around, move the cursor, or write over it: no text needs them.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f\U000e0000-\U000e007f]")
_C1 = re.compile("[\x80-\x84\x86-\x9f]")
# Marks of direction, which text of a right-to-left language needs.
_MARKS = re.compile("[\u061c\u200e\u200f]")
# Without a shape: harmless in a sentence, and another word in a command.
_SHAPELESS = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\ufeff]")
_MOST = 20  # lines of one kind that are told one by one


def hidden_signs(text: Text) -> Iterator[Remark]:
    """What is shown is not what stands there; in a fence or a code span also signs without a shape."""
    told = 0
    for number, line in enumerate(text.lines, start=1):
        if line.isascii() and line.isprintable():
            continue
        found = _hidden(line, is_code=number in text.bodies, is_first=number == 1)
        if found and told < _MOST:
            told += 1
            yield Remark(
                "unseen-character", number, flat(line),
                f"a character that is not seen stands here ({_name(found)}): what is shown is not what would be copied",
                "remove it, and type what it stands in anew",
            )  # fmt: skip


def _hidden(line: str, *, is_code: bool, is_first: bool) -> str:
    turned = _TURNS.search(line)
    if turned is None and not is_broken(line):  # text in the wrong encoding is told as such
        turned = _C1.search(line)
    if turned:
        return turned.group()
    mark = _MARKS.search(line)
    if mark and not any(unicodedata.bidirectional(char) in ("R", "AL") for char in line):
        return mark.group()
    pieces = [line] if is_code else [span.text for span in code_spans(line)]
    shapeless = next((found for piece in pieces if (found := _SHAPELESS.search(piece))), None)
    return shapeless.group() if shapeless and not (is_first and line.startswith("\ufeff")) else ""


def _name(char: str) -> str:
    return f"U+{ord(char):04X} {unicodedata.name(char, 'a control character')}"


def mixed_words(text: Text) -> Iterator[Remark]:
    """A word of two alphabets outside commands: it is found by no search, and its link leads somewhere else."""
    commands = {line for command in text.commands for line in range(command.line, command.end_line + 1)}
    told = 0
    for number, line in enumerate(text.lines, start=1):
        word = mixed(line) if not line.isascii() and number not in commands else ""
        if word and told < _MOST:
            told += 1
            yield Remark(
                "mixed-letters", number, flat(line), f'"{flat(word, 40)}" holds {lookalike(word)} among letters a to z, and looks like another word',
                "type the word anew",
            )  # fmt: skip


def unread(text: Text) -> Iterator[Remark]:
    """Parts of the text that were not looked at, so that silence about them says nothing."""
    for group in text.found.values():
        for command in group:
            lines = f"lines {command.line} to {command.end_line} of this block"
            if command.found is Found.UNREAD or command.why.endswith("not read"):  # a block, or one long command
                yield _unread(command.line, f"{lines} were {command.why}")
            elif text.line(command.end_line).endswith("\\") and command.found is Found.LINE:
                yield _unread(command.line, "this command goes on for longer than is read of one")
    if text.long_lines:
        first, *others = text.long_lines
        more = f", and {len(others)} other lines ({', '.join(map(str, others[:12]))})" if others else ""
        yield _unread(first, f"of this line{more} only the first {LONGEST_LINE} characters were read")
    if text.guide.unread:
        yield _unread(MAX_LINES, f"{text.guide.unread} lines behind this one were not read")


def _unread(line: int, why: str) -> Remark:
    return Remark("unread", line, "", f"{why}: nothing is known of them", "split the text, and audit its parts")
