"""Every typo of every token of a guide, and what is quoted, counted or coined and therefore free."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Neighbours on the keyboard: what a slip of the finger really hits.
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEAR = {
    char: "".join(row[i] for i in (at - 1, at + 1) if 0 <= i < len(row)) for row in _ROWS for at, char in enumerate(row)
}
_TOKEN = re.compile(r"[A-Za-z_]+|[^\sA-Za-z_0-9]")


@dataclass(frozen=True)
class Typo:
    """One changed guide: where, which token became what."""

    line: int
    column: int
    token: str
    became: str
    text: str


def typos(text: str) -> Iterator[Typo]:
    """Yield the guide with one slip each: a letter dropped, doubled, swapped with the next, or its neighbour hit."""
    free = _free(text)
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        if any(at in free for at in range(start, end)):
            continue
        for became in _slips(found.group()):
            line = text.count("\n", 0, start) + 1
            column = start - (text.rfind("\n", 0, start) + 1) + 1
            yield Typo(line, column, found.group(), became, text[:start] + became + text[end:])


def _slips(token: str) -> list[str]:
    if not token[0].isalpha():
        return ["", token * 2]
    slips = {token[:i] + token[i + 1 :] for i in range(len(token))}
    slips |= {token[: i + 1] + token[i:] for i in range(len(token))}
    slips |= {token[:i] + token[i + 1] + token[i] + token[i + 2 :] for i in range(len(token) - 1)}
    slips |= {
        token[:i] + near + token[i + 1 :] for i, char in enumerate(token) for near in _NEAR.get(char.lower(), "")[:1]
    }
    return sorted(slips - {token})


def _free(text: str) -> set[int]:
    """Return the places that no compiler can hold to a table: quoted text, paths, prose, titles, coined names."""
    free: set[int] = set()

    def leave(pattern: str, group: int = 1, *, flags: int = re.M) -> None:
        for found in re.finditer(pattern, text, flags):
            free.update(range(*found.span(group)))

    for code in re.finditer(r"`([^`\n]+)`", text):
        for quoted in re.finditer(r"\"[^\"]*\"|'[^']*'|(?<=\s)/\S+", code.group(1)):
            inner = range(code.start(1) + quoted.start() + 1, code.start(1) + quoted.end() - (quoted.group()[0] != "/"))
            free.update(inner)
    leave(r"^# (.*)$")
    leave(r"^## (.*?)\s*\{#")  # titles
    leave(r"^### Cause: (?!\[)(.*?)\s*\{#")
    leave(r"^### Cause: \[([^\]]*)\]")
    leave(r"\{#([^}]*)\}")  # an id is coined where it stands
    leave(r"^\*\*(?:Fix|Relief): ([^*\n]+)\*\*$")  # and so is the name of a remedy
    leave(r"\d(\.)\d")  # without its point it is another number
    leave(r"\b([KMGT]iB)\b")  # and without its i another unit
    leave(r"(!)=")  # less one sign it is `=`, which is as good a relation: docs/explanation/critiques.md tells
    leave(r"([<>]=)")  # and one sign of these is a relation too
    leave(r"^(?:guide|owner|source): (.*)$")  # names that the front matter coins
    leave(r"^needs: \{(\w+):")
    leave(r"^needs: \{\w+: \w+, (\w+):")
    leave(r"^\s*(?:1\.|\d+\.) (?:By hand: )(.*)$")
    for line in re.finditer(r"^(?![#*\-]|```|\d+\.|---|\w+:|\s*-).*$", text, re.M):  # prose
        free.update(range(*line.span()))
    for item in re.finditer(r"^\s*(?:- (?:[\w ,]+: )?|\d+\. )([^`\n]*)(`[^`]*`)?([^\n`]*)$", text, re.M):
        if item.group(2):
            free.update(range(*item.span(1)))
            free.update(range(*item.span(3)))
    leave(r"^\*\*[^*\n]+\*\*(.*)$")  # words behind a label
    return free
