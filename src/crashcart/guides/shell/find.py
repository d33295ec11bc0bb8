"""The commands in a text: of a fence whatever it holds, of a code span, of a line of prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from .blocks import Block, unfold
from .called import called
from .evidence import is_certain, is_likely, schedule
from .fences import is_prompt, judge_fence
from .lines import MAX_LINE, Reader, Statement, statement
from .model import HERE, Command, FenceKind, Found, Risk
from .redis import is_said
from .sessions import in_session, sql_pieces
from .sql import VERBS, looks_like_sql, statements
from .strings import literals
from .told import SETTING, Piece, commands_of, sql_command
from .tree import read

MAX_COMMANDS = 3_000  # of one text; the longest honest guide seen has 400
MAX_TEXT = 2_000_000  # characters of one text that are read
MAX_NAMES = 500  # that a text defines; more and none of them counts as a call
LONG_BLOCK = 12  # lines: nobody types a block as long as this at once, so that its steps are read one by one
_SCRIPT = re.compile(
    r"\A\s*#!|^[ \t]{0,40}(?:function\s+[\w.\-]+\s*(?:\(\))?|[\w.\-]+\s*\(\))\s*\{\s*(?:#.*)?$", re.MULTILINE
)
# Names that a text gives another meaning: `ls` may be anything after `alias ls=...`.
_DEFINES = re.compile(
    r"(?:^|[;&|\s])(?:alias\s+(?:-\w\s+)?([^\s='\"]+)=|function\s+([\w.\-]+)|([\w.\-]+)\s*\(\)\s*[{(])"
)
_MARKER = re.compile(r"^\s*(?:(?:\d+[.)]|[-*•→▪►➤□☐]|[a-z][.)]|\[[ x]\])\s+)+")
_TAIL = re.compile(r":\s+(?=\S)")
_COMMENT = re.compile(r"^\s*(?:#+!?|//|--|;|REM\b|::)\s*(?P<text>.*)$")
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(?P<text>[^`\n]{2,300}?)(?<!`)\1(?!`)")
_VERBS = re.compile(
    r"^(?:run|execute|use|try|usage|example|e\.g\.|command|cmd|install|with|via|type|then|first|check|verify|test|start)\s+",
    re.I,
)


def commands(text: str, *, kind: FenceKind | None = None, first_line: int = 1) -> tuple[Command, ...]:
    """Return the commands of a text in order, as they stand; `first_line` is the number of its first line.

    The kind decides how much a line must show to be taken for a command. Only the first MAX_TEXT characters and
    MAX_COMMANDS commands are read; when there is more, the last command found is Found.UNREAD and says so.
    """
    full = text.replace("\r\n", "\n")
    text = full[:MAX_TEXT]
    kind = judge_fence(text, "") if kind is None else kind
    if kind is FenceKind.DATA:
        return ()
    names = [name for found in _DEFINES.finditer(text) for name in found.groups() if name]
    functions = frozenset(name for name in names if names.count(name) == 1) if len(names) < MAX_NAMES else frozenset()
    pieces = list(
        islice(sql_pieces(text) if kind is FenceKind.SQL else _pieces(text, kind, functions), MAX_COMMANDS + 1)
    )
    kept = pieces[:MAX_COMMANDS]
    if kind is FenceKind.SQL:
        found = [sql_command(piece, first_line) for piece in kept]
    else:
        found = _judged(kept, text, first_line, frozenset(names), functions)
    rest = pieces[MAX_COMMANDS].line if len(pieces) > MAX_COMMANDS else text.count("\n") if len(full) > MAX_TEXT else -1
    return (*found, _unread(first_line + rest, first_line + full.count("\n"))) if rest >= 0 else tuple(found)


def _judged(
    pieces: list[Piece], text: str, first_line: int, shadowed: frozenset[str], known: frozenset[str]
) -> list[Command]:
    """Return the commands of pieces: blocks of a script in steps, calls of its functions as harmful as those."""
    is_script = _SCRIPT.search(text) is not None
    found: list[Command] = []
    functions: dict[str, Command] = {}
    for piece in pieces:
        block = unfold(piece.text) if is_script or piece.end_line - piece.line >= LONG_BLOCK else None
        whole = tuple(commands_of(piece, first_line, shadowed))
        if block is None:
            found += whole
            continue
        if block.function in known:
            functions.update((block.function, command) for command in whole)
        for step in _steps(piece, block):
            found += commands_of(step, first_line, shadowed)
    return called(found, functions, text)


def _steps(piece: Piece, block: Block) -> Iterator[Piece]:
    for step in block.steps:
        yield Piece(step.text, piece.line + step.row, piece.line + step.end_row, piece.found)


def _unread(first: int, last: int) -> Command:
    """Return the mark of a text that has more commands than are read."""
    return Command(
        "…", first, max(first, last), "", "", (), "", HERE, (), (), (), Risk.CHANGES,
        f"not read: more than {MAX_COMMANDS} commands or {MAX_TEXT} characters", Found.UNREAD, False,
    )  # fmt: skip


def is_command(text: str) -> bool:
    """Say whether a code span or a table's cell is a command, rather than a name, a value or a message."""
    bare = text.strip().removeprefix("$ ")
    if len(bare) > MAX_LINE or "\n\n" in bare:
        return False
    return is_certain(bare) or _is_statement(bare) or is_said(bare)


def _is_statement(text: str) -> bool:
    found = statements(text) if len(text) < 5_000 else []
    return bool(found) and looks_like_sql(text)


# --- finding


def _pieces(text: str, kind: FenceKind, functions: frozenset[str]) -> Iterator[Piece]:
    lines = text.split("\n")
    if kind is FenceKind.CODE:
        yield from _in_code(text, lines)
    elif kind in (FenceKind.SESSION, FenceKind.OUTPUT):
        yield from in_session(lines)
    else:
        yield from _in_lines(lines, kind, functions)


def _in_lines(lines: list[str], kind: FenceKind, functions: frozenset[str]) -> Iterator[Piece]:
    at, is_free = 0, True
    reader = Reader(lines)
    while at < len(lines):
        line = lines[at]
        bare = line.strip()
        if not bare:
            at, is_free = at + 1, True
            continue
        if len(line) > MAX_LINE:
            yield from _too_long(line, at)
            at += 1
            continue
        comment = _COMMENT.match(line)
        if comment is not None and not bare.startswith(("--", ";")):
            yield from _in_comment(comment["text"], at)
            at, is_free = at + 1, True
            continue
        piece, end = _at_line(reader, at, kind, functions, is_free=is_free)
        if piece is not None:
            yield piece
        elif kind is not FenceKind.CONFIG:  # `command: ...` is a setting there
            yield from _in_prose(bare, at, Found.LABEL)
        is_free = piece is not None and piece.found is not Found.SETTING
        at = end + 1


def _at_line(
    reader: Reader, at: int, kind: FenceKind, functions: frozenset[str], *, is_free: bool
) -> tuple[Piece | None, int]:
    """Return the command that begins on a line, and the last line that was read."""
    line = reader.lines[at]
    prompt = is_prompt(line)
    first = line[prompt:] if prompt else line
    marker = _MARKER.match(first) if not prompt and not schedule(first.strip()) else None
    if marker is not None:
        first = first[marker.end() :]
    bare = first.strip()
    setting = SETTING.match(first)
    if (
        setting is not None
        and kind in (FenceKind.COMMANDS, FenceKind.PROSE)
        and "(" not in setting["value"].split("(set", 1)[0]
    ):
        return Piece(bare, at, at, Found.SETTING), at
    if kind is FenceKind.COMMANDS and not prompt and is_said(bare):
        return Piece(bare, at, at, Found.STRING, f"redis-cli {bare}"), at
    if kind is FenceKind.COMMANDS and not prompt:
        piece = _statement_at(reader.lines, at, bare)
        if piece is not None:
            return piece, piece.end_line
    is_shell = kind is FenceKind.COMMANDS and marker is None
    is_call = is_shell and _is_call(bare, functions)
    if not (bool(prompt) or is_certain(bare) or is_call or (is_shell and _is_shell(bare, is_free=is_free))):
        return None, at
    found = reader.statement(at, first)
    if found.is_open and not is_certain(bare):
        return None, at
    if not is_certain(bare) and not prompt and not _reads_as_shell(found):
        return None, at
    where = Found.PROMPT if prompt else Found.LINE
    return Piece(found.text.strip(), at, found.end, where, is_cut=found.is_cut), found.end


_ASIDE = re.compile(r"\s+#(?!\{)[^'\"`]*$")  # a comment behind a command; quotes in it may be of the command
_ASSIGNED = re.compile(r"[A-Za-z_]\w*\+?=(?:\$[{(]|\()")


def _is_shell(bare: str, *, is_free: bool) -> bool:
    """Say whether a line among commands is one: by itself, without the comment behind it, or as an assignment."""
    return (
        is_likely(bare, is_free=is_free)
        or (is_likely(_ASIDE.sub("", bare), is_free=is_free) and _ASIDE.search(bare) is not None)
        or _ASSIGNED.match(bare) is not None
    )


def _is_call(bare: str, functions: frozenset[str]) -> bool:
    """Say whether a line calls a function that the text defines."""
    name = re.match(r"[\w.\-]+", bare)
    return name is not None and name[0] in functions and not re.match(r"\s*(?:\(\)|=)", bare[name.end() :])


_META = re.compile(
    r"\\(?:d[a-zA-Z+]{0,3}|l\+?|conninfo|timing|x)(?:\s+[\w.<>\[\]*\"]+)?;?$"
)  # of psql, as it stands in guides


def _statement_at(lines: list[str], at: int, bare: str) -> Piece | None:
    """Return the statement in SQL that begins on a line among commands: to its semicolon or a blank line."""
    if _META.match(bare):
        return Piece(bare.rstrip("; "), at, at, Found.STRING)
    if not re.match(r"[A-Za-z]+(?:\s|$)", bare) or bare.split(None, 1)[0].lower() not in VERBS:
        return None
    end = at
    while end + 1 < len(lines) and end - at < 60 and not lines[end].rstrip().endswith(";") and lines[end + 1].strip():
        end += 1
    text = "\n".join([bare, *lines[at + 1 : end + 1]]).rstrip("; ")
    return Piece(text, at, end, Found.STRING) if looks_like_sql(text) else None


_BLOCKS = re.compile(r"^(?:for|while|until|if|case|function|select|\{|\(|\[\[|!|\w+\s*\(\))")


def _reads_as_shell(found: Statement) -> bool:
    """Say whether a block is complete shell: a sentence that begins with `if` or `for` is not."""
    if not _BLOCKS.match(found.text.strip()):
        return True
    script = read(found.text)
    return bool(script.parts) and not script.is_broken


def _too_long(line: str, at: int) -> Iterator[Piece]:
    if is_likely(line[:2_000], is_free=True) or is_certain(line[:2_000]):
        yield Piece(line, at, at, Found.LINE)


def _in_comment(text: str, line: int) -> Iterator[Piece]:
    bare = text.strip()
    if is_certain(bare) and not bare.startswith(("/", "[")):
        end = statement([bare], 0)
        yield Piece(end.text.strip(), line, line, Found.COMMENT)
        return
    yield from _in_prose(bare, line, Found.COMMENT)


def _in_prose(text: str, line: int, found: Found) -> Iterator[Piece]:
    """Yield the commands in a line of words: in code spans, or behind a label and a colon."""
    if len(text) > 2_000:
        return
    spans = [span["text"].strip() for span in _SPAN.finditer(text)]
    if spans:
        yield from (Piece(span, line, line, found) for span in spans if is_command(span))
        return
    for label in _TAIL.finditer(text):
        tail = _cut(text[label.end() :], text[: label.end()])
        if (is_certain(tail) and not re.match(r"[\w\-]+:\s*$", text[: label.end()])) or _is_run_label(
            text[: label.end()], tail
        ):
            yield Piece(statement([tail], 0).text.strip(), line, line, found)
            return


def _is_run_label(label: str, tail: str) -> bool:
    return re.search(
        r"(?i)\b(?:run|usage|example|execute|command|cmd|install|try|use|check|verify):\s*$", label
    ) is not None and is_certain(tail)


def _cut(tail: str, label: str) -> str:
    """Return a tail up to the bracket that was opened before it."""
    if label.count("(") > label.count(")"):
        depth = 0
        for place, letter in enumerate(tail):
            depth += (letter == "(") - (letter == ")")
            if depth < 0:
                return tail[:place]
    return tail.rstrip()


def _in_code(text: str, lines: list[str]) -> Iterator[Piece]:
    """Yield what code runs: statements and command lines in its strings, commands in comments and between the code."""
    found = [Piece(item.text, item.line, item.end_line, Found.STRING) for item in literals(text)]
    taken = {line for item in found for line in range(item.line, item.end_line + 1)}
    at = 0
    reader = Reader(lines)
    while at < len(lines):
        line = lines[at]
        comment = _COMMENT.match(line)
        if len(line) > MAX_LINE or at in taken:
            at += 1
            continue
        if comment is not None:
            found += _in_comment(comment["text"], at)
        elif _stands_in_code(line):
            piece = reader.statement(at)
            found.append(Piece(piece.text.strip(), at, piece.end, Found.LINE))
            at = piece.end
        elif re.match(r"\s*(?:[→•]|\d+\.\s)", line):
            found += _in_prose(line.strip(), at, Found.LABEL)
        at += 1
    yield from sorted(found, key=lambda piece: piece.line)


_CODE_WORDS = re.compile(r"^(?:import|from|export|return|const|let|var|type|if|for|while|with|print|raise|test|set|read|join|split|open|exec|eval|"
                         r"source|make|find|watch|time|sort|file|convert|function|case|def|class|async|await|try|except|else|go|go func)\b")  # fmt: skip


def _stands_in_code(line: str) -> bool:
    bare = line.strip()
    if line[:1] in " \t" or re.search(r"[;{]$|\w\(|^\w+\s*[=:]", bare):
        return False
    # `export NAME="value"` is no JavaScript.
    return (is_certain(bare) and not _CODE_WORDS.match(bare)) or re.match(r"export [A-Z_][A-Z0-9_]*=", bare) is not None
