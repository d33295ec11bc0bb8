"""Where a statement that begins on a line ends: quotes, heredocs, brackets, blocks and continued lines."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_LINES = 200  # of one statement
MAX_LINE = 20_000  # characters; a longer line is not read for commands

_TELLING = re.compile(r"[\\#'\"`()]")
_ENDS = {quote: re.compile(rf"[\\{quote}]") for quote in "'\"`"}
_HEREDOC = re.compile(r"<<-?\s*(?:'(?P<single>[^'\n]+)'|\"(?P<double>[^\"\n]+)\"|\\?(?P<bare>[A-Za-z_]\w*))")
_OPENS = {"if": "fi", "case": "esac", "for": "done", "while": "done", "until": "done", "select": "done", "{": "}"}
_CLOSES = {"fi", "esac", "done", "}"}
_STARTERS = {"then", "do", "else", "elif", "!", "time"}  # a command follows these


@dataclass(frozen=True, slots=True)
class Statement:
    """Lines `start` to `end` (inclusive, from 0), without comments. `is_open`: it never came to its end. `is_cut`: because
    it goes on for longer than is read."""

    start: int
    end: int
    text: str
    is_open: bool = False
    is_cut: bool = False


class Reader:
    """Reads statements of one text, and gives up joining lines when a text makes it read them again and again."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.left = 20_000 + 4 * len(lines)  # lines that may still be read

    def statement(self, start: int, first: str | None = None) -> Statement:
        """Return the statement that begins on a line, of which `first` is the piece that matters."""
        limit = MAX_LINES if self.left > 0 else 1
        window = self.lines[start : start + limit]
        if first is not None:
            window[0] = first
        found = statement(window, 0)
        # One that stays open was read to the end of the window, and its heredocs once more.
        self.left -= 3 * len(window) if found.is_open else found.end + 1
        is_cut = found.is_open and start + limit < len(self.lines)
        return Statement(start, start + found.end, found.text, found.is_open, is_cut)


def statement(lines: list[str], start: int) -> Statement:
    """Return the statement that begins on a line; one that does not end is that line alone."""
    state = _State()
    taken: list[str] = []
    at = start
    limit = min(len(lines), start + MAX_LINES)
    while at < limit:
        if len(lines[at]) > MAX_LINE:
            break
        taken.append(state.feed(lines[at]))
        if state.heredocs:
            at = _body(lines, at, limit, state, taken)
        if state.is_done:
            return Statement(start, min(at, limit - 1), "\n".join(taken).rstrip())
        at += 1
    first = _State()
    text = first.feed(lines[start]) if len(lines[start]) <= MAX_LINE else lines[start][:MAX_LINE]
    return Statement(start, start, text.rstrip().removesuffix("\\").rstrip(), is_open=True)


def _body(lines: list[str], at: int, limit: int, state: _State, taken: list[str]) -> int:
    """Take the lines of the heredocs that a line opened; return the last line taken."""
    for mark in state.heredocs:
        end = next((place for place in range(at + 1, limit) if lines[place].strip() == mark), None)
        if end is None:
            state.is_lost = True
            return at
        # The end mark may stand indented in a list; a shell wants it at the margin, and so does the grammar.
        taken += [*lines[at + 1 : end], mark]
        at = end
    state.heredocs = []
    return at


def _next(marks: re.Pattern[str], line: str, at: int) -> int:
    """Return where the next of some marks stands, or the end of the line."""
    found = marks.search(line, at)
    return found.start() if found else len(line)


class _State:
    """What is open at the end of a line."""

    def __init__(self) -> None:
        self.quote = ""
        self.depth = 0
        self.blocks: list[str] = []
        self.heredocs: list[str] = []
        self.continues = False
        self.is_lost = False

    @property
    def is_done(self) -> bool:
        return not (self.quote or self.depth > 0 or self.blocks or self.continues or self.is_lost or self.heredocs)

    def feed(self, line: str) -> str:
        """Take one line; return it without its comment."""
        at, is_start = 0, not self.continues or not self.quote
        self.continues = False
        bare: list[str] = []  # the line with quotes blanked, to look for words and operators
        while at < len(line):
            stop = _next(_ENDS[self.quote] if self.quote else _TELLING, line, at)
            if stop > at:
                bare.append("q" * (stop - at) if self.quote else line[at:stop])
                at = stop
                continue
            letter = line[at]
            if self.quote:
                at += self._quoted(line, at)
                bare.append("q")
                continue
            if letter == "\\":
                self.continues = at == len(line) - 1
                bare.append("qq")
                at += 2
                continue
            if letter == "#" and (at == 0 or line[at - 1] in " \t;(") and self.depth <= 8:
                line = line[:at]
                break
            if letter in "'\"`":
                self.quote = letter
            elif letter == "(":
                self.depth += 1
            elif letter == ")" and self.depth:
                self.depth -= 1
            bare.append(letter if letter not in "'\"`" else "q")
            at += 1
        shell = "".join(bare)
        if is_start and not self.quote:
            self._marks(line, shell)
        if not self.depth:
            self._blocks(shell)
        if not self.quote and re.search(r"(?:\|\|?|&&)\s*$", shell):
            self.continues = True
        return line.rstrip() if not self.continues else line

    def _quoted(self, line: str, at: int) -> int:
        if line[at] == "\\" and self.quote != "'":
            return 2
        if line[at] == self.quote:
            self.quote = ""
        return 1

    def _marks(self, line: str, shell: str) -> None:
        for found in _HEREDOC.finditer(line):
            if shell[found.start() : found.start() + 2] == "<<" and shell[found.start() - 1 : found.start()] != "<":
                self.heredocs.append(found["single"] or found["double"] or found["bare"])

    def _blocks(self, shell: str) -> None:
        for piece in re.split(r"[;&|]|\bthen\b|\bdo\b|\belse\b", shell):
            words = piece.split()
            while words and words[0] in _STARTERS:
                words = words[1:]
            if not words:
                continue
            if words[0] in _CLOSES or words[0].rstrip(")") in _CLOSES:
                if self.blocks:
                    self.blocks.pop()
                continue
            if words[0] in _OPENS:
                self.blocks.append(_OPENS[words[0]])
            elif words[-1] == "{" and ("()" in piece or words[0] == "function"):
                self.blocks.append("}")
