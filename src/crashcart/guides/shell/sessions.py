"""Where one command ends and the next begins in a session with prompts, and in a text of SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .evidence import is_certain
from .fences import has_root_prompt, is_prompt, repl
from .lines import statement
from .model import Found
from .told import Piece

# What was typed before opened a shell, in which `# ` may be root's prompt.
_OPENS_SHELL = re.compile(
    r"(?:^|\s)(?:(?:oc|kubectl)\s(?:.*\s)?debug\b|chroot\s|su\b|sudo\s+(?:-[is]+|su)\b|nsenter\s|ssh\s|(?:\S*/)?(?:ba|z|a)?sh\s*$)"
)


def in_session(lines: list[str]) -> Iterator[Piece]:
    at = 0
    is_root = has_root_prompt([line for line in lines[:400] if line.strip()])
    while at < len(lines):
        prompt = is_prompt(lines[at]) or (
            2 if is_root and lines[at].startswith("# ") and is_certain(lines[at][2:]) else 0
        )
        if prompt:
            first = lines[at][prompt:]
            # A continued line has a prompt of its own in some sessions.
            rest = [re.sub(r"^\s*>\s", "", line) for line in lines[at + 1 : at + 40]]
            found = statement([first, *rest], 0)
            is_root = is_root or _OPENS_SHELL.search(found.text) is not None
            if found.text.strip() and not found.text.lstrip().startswith("#"):
                yield Piece(found.text.strip(), at, at + found.end, Found.PROMPT)
            at += found.end
        else:
            mark, typed = repl(lines[at])
            if mark:
                piece = _typed(mark, typed, at)
                if piece is not None:
                    yield piece
        at += 1


def _typed(mark: str, typed: str, line: int) -> Piece | None:
    """Return what was typed at an interpreter's prompt as a command of its program; of others nothing is known."""
    if re.search(r":\d+(?:\[\d+\])?>$", mark) or mark.startswith("redis"):
        return Piece(f"redis-cli {typed}", line, line, Found.PROMPT)
    if mark.startswith(("mysql", "MariaDB", "sqlite", "cqlsh")) or re.match(r"\w+[=\-][#>*]", mark):
        return Piece(typed, line, line, Found.STRING)
    return None


def sql_pieces(text: str) -> Iterator[Piece]:
    """Yield the statements of SQL, each from its first word to its semicolon."""
    if len(text) > 200_000:
        return
    start, at = 0, 0
    pattern = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|\$(\w*)\$.*?\$\1\$|;", re.S)
    ends = [found.start() for found in pattern.finditer(text) if found.group() == ";"]
    for at in [*ends, len(text)]:
        piece = text[start:at]
        bare = re.sub(r"\A(?:\s|--[^\n]*(?:\n|\Z)|#[^\n]*(?:\n|\Z)|/\*.*?\*/)+", "", piece, flags=re.S)
        if bare.strip():
            offset = start + len(piece) - len(bare)
            line = text.count("\n", 0, offset)
            yield Piece(bare.strip(), line, line + bare.strip().count("\n"), Found.LINE)
        start = at + 1
