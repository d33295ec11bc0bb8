"""What a person does, written as steps: words and commands shown with their risk, never run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from crashcart.guides.audit.letters import lookalike
from crashcart.guides.foreign.found import with_commands
from crashcart.guides.foreign.lexicon import Lexicon
from crashcart.guides.foreign.nouns import Fence, ForeignGuide, InlineCode, Item, Lines, Role
from crashcart.guides.shell import Command, FenceKind, Found, Risk, check

from . import safe

_VERIFIES = re.compile(
    r"\b(?:verify|confirm|make sure|is it (?:up|running) again|test (?:that|whether|if))\b", re.IGNORECASE
)
MOST_LINES = 400  # of one block that are quoted
MANY = 12  # commands of one fence from which on it is a script, kept whole
_RUNS = (FenceKind.COMMANDS, FenceKind.SESSION, FenceKind.SQL)
_TOLD_REMARKS = ("hidden-letters", "pasted-secret", "download-and-run")
_VERBS = {FenceKind.CODE: "apply the code", FenceKind.CONFIG: "set the configuration", FenceKind.PROSE: "read"}
_RISKS = {
    Risk.CHANGES: "changes something",
    Risk.RESTARTS: "restarts something",
    Risk.DATA_LOSS: "DANGER: may lose data",
    Risk.NEEDS_SECRET: "uses a secret",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement of the source: words, a command, or a block that is kept whole (`block`)."""

    text: str
    lines: Lines
    command: Command | None = None
    block: tuple[str, ...] = ()
    is_only_shown: bool = False  # output, and what else nobody does
    is_verify: bool = False  # the words beside the command say that it shows whether all is well


@dataclass(frozen=True, slots=True)
class Material:
    """A foreign guide with its commands, found once."""

    guide: ForeignGuide
    kinds: Mapping[int, FenceKind]  # by the first line of a fence's body
    found: dict[int, tuple[Command, ...]]
    inline: dict[int, tuple[tuple[InlineCode, Command], ...]]  # by line
    unread: tuple[Command, ...] = ()  # marks of blocks of which only the beginning was read

    @property
    def commands(self) -> Iterator[Command]:
        """All commands, of fences and then of code spans."""
        for group in self.found.values():
            yield from group
        for pairs in self.inline.values():
            yield from (command for _, command in pairs)


def material(text: str, lexicon: Lexicon) -> Material:
    """Find what a guide says, with its commands; what was not read of a block is no command."""
    taken = with_commands(text, lexicon)
    found = {
        line: tuple(command for command in here if command.found is not Found.UNREAD)
        for line, here in taken.found.items()
    }
    unread = tuple(command for here in taken.found.values() for command in here if command.found is Found.UNREAD)
    inline: dict[int, tuple[tuple[InlineCode, Command], ...]] = {}
    for code, command in taken.inline:
        if command.found is not Found.UNREAD:
            inline[code.line] = (*inline.get(code.line, ()), (code, command))
    return Material(taken.guide, taken.kinds, found, inline, unread)


def of_item(item: Item, material: Material) -> Piece:
    """Return a statement with the command in it, if there is one and no other."""
    here = [pair for line in range(item.lines.first, item.lines.last + 1) for pair in material.inline.get(line, ())]
    here = [(code, command) for code, command in here if code.text in item.text]
    text = safe.words(item.text)
    for code, _ in here[:4]:
        shown = safe.words(code.text)
        if shown and f"`{shown}" not in text and "`" not in shown:
            text = text.replace(shown, f"`{shown}`", 1)
    worst = max((command for _, command in here), key=lambda command: command.risk.rank, default=None)
    return Piece(text, item.lines, worst)


def of_fence(fence: Fence, material: Material) -> Iterator[Piece]:
    """Return the statements of a fence: its commands one by one, or the whole when it is no list of commands."""
    kind, here = material.kinds[fence.lines.first], material.found[fence.lines.first]
    body = shown_body(fence)
    if is_listed(fence, material):
        found = list(_commands(here, fence, body))
        said = {line for piece in found for line in range(piece.lines.first, piece.lines.last + 1)}
        if any(line.strip() and number not in said for number, line in enumerate(body, start=fence.lines.first)):
            yield Piece("", fence.lines, None, tuple(body), is_only_shown=True)  # what else stands there
        yield from found
        return
    worst = max(here, key=lambda command: command.risk.rank, default=None)
    is_shown = kind in (FenceKind.OUTPUT, FenceKind.DATA) and not here
    verb = "run the commands" if kind in _RUNS else _VERBS.get(kind, "see")
    if fence.role in (Role.CHECK, Role.VERIFY) and kind is FenceKind.CODE:
        verb = "look as the code does that is"
    text = f"{verb} quoted above, {_of_lines(fence.lines)}"
    yield Piece(text, fence.lines, worst, tuple(body), is_only_shown=is_shown)


def is_listed(fence: Fence, material: Material) -> bool:
    """Whether the commands of a fence stand in the draft one by one, rather than as a block."""
    kind, here = material.kinds[fence.lines.first], material.found[fence.lines.first]
    return kind in _RUNS and 0 < len(here) <= MANY


def shown_body(fence: Fence) -> list[str]:
    """Return what is quoted of a fence; when that is not all of it, the last line says what is left out."""
    lines = fence.text.split("\n")
    if len(lines) <= MOST_LINES:
        return lines
    left = Lines(fence.lines.first + MOST_LINES, fence.lines.last)
    return [*lines[:MOST_LINES], f"... and {len(lines) - MOST_LINES} more, {_of_lines(left)} of the source"]


def _commands(here: Sequence[Command], fence: Fence, body: Sequence[str]) -> Iterator[Piece]:
    """Return commands one by one, each with the comment above it; one of several lines is kept as a block."""
    comments = _comments(body, fence.lines.first)
    for command in here:
        words = comments.get(command.line - 1, "")
        lines = Lines(command.line - 1 if words else command.line, command.end_line)
        is_verify = bool(_VERIFIES.search(words))
        if command.line == command.end_line:
            shown = safe.code(command.text)
            yield Piece(f"{words}: {shown}" if words else shown, lines, command, is_verify=is_verify)
            continue
        block = tuple(body[command.line - fence.lines.first : command.end_line - fence.lines.first + 1])
        text = f"run what is quoted above, {_of_lines(lines)}"
        yield Piece(f"{words}: {text}" if words else text, lines, command, block, is_verify=is_verify)


def by_hand(piece: Piece) -> str:
    """Return what a person reads: the words, where they stand, and what the command may do."""
    notes = [_of_lines(piece.lines)] if not piece.block else []
    if piece.command is not None:
        notes += _notes(piece.command)
    letter = lookalike(piece.text) or lookalike("\n".join(piece.block))
    notes += [f"beware: a word holds {letter}"] if letter else []
    return f"By hand: {piece.text}" + (f" ({'; '.join(notes)})" if notes else "")


def _notes(command: Command) -> Iterator[str]:
    if command.risk in _RISKS:
        yield _RISKS[command.risk]
    if command.placeholders:
        yield safe.words(f"fill in {', '.join(command.placeholders[:4])}", 120)
    if _may_deceive(command):
        yield from (safe.words(f"beware: {told.why}", 200) for told in check(command) if told.code in _TOLD_REMARKS)


def _may_deceive(command: Command) -> bool:
    """Whether one of the remarks that are told is possible at all: most commands need no look at every rule."""
    text = command.text
    is_plain = text.isascii() and text.replace("\n", "").isprintable()
    return not is_plain or bool(command.secrets) or ("|" in text and ("curl" in text or "wget" in text))


def _of_lines(lines: Lines) -> str:
    return f"line {lines.first}" if lines.first == lines.last else f"lines {lines.first}-{lines.last}"


def _comments(body: Sequence[str], first: int) -> dict[int, str]:
    found = {}
    for number, line in enumerate(body, start=first):
        head = line.strip()[:300]
        if head.startswith("# ") and len(head) > 3:
            found[number] = safe.bare(head[2:].rstrip(" :"), 160)
    return found


def pieces_of(items: Sequence[Item], fences: Sequence[Fence], material: Material) -> list[Piece]:
    """Return statements and fences in the order of the source."""
    found = [of_item(item, material) for item in items if item.text.strip()]
    for fence in fences:
        found += of_fence(fence, material)
    return sorted(found, key=lambda piece: (piece.lines.first, piece.lines.last))
