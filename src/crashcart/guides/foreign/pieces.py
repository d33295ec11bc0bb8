"""Pieces of physical lines: what is quoted, what opens a fence and closes it, the cells of a row."""

from __future__ import annotations

import re
from collections.abc import Sequence

_QUOTE = re.compile(r"\s{0,3}>\s?")
_FENCE = re.compile(r"(`{3,}|~{3,})\s*(.*)$")

LONGEST = 8


def unquoted(raw: str) -> tuple[int, str]:
    """Return how deep a line is quoted (at most 8) and what is quoted."""
    depth = 0
    while depth < 8 and (mark := _QUOTE.match(raw)):
        raw = raw[mark.end() :]
        depth += 1
    return depth, raw.lstrip("\ufeff")


def opening(text: str) -> tuple[str, str, str, int] | None:
    """Return mark, info, what stands before, and the indent, when a line opens a fence."""
    if "```" not in text and "~~~" not in text:
        return None
    lead = re.match(r"\s*(?:(?:[-*+]|\d{1,4}[.)])\s+)?", text)
    start = lead.end() if lead else 0
    found = _FENCE.match(text, start)
    if not found or ("`" in found.group(2) and found.group(1)[0] == "`"):
        return None
    return found.group(1), found.group(2).strip(), text[:start], start


def closers(bare: Sequence[tuple[int, str]]) -> dict[tuple[str, int], list[int]]:
    """Return, for each mark and least length, the lines that close a fence of it."""
    places: dict[tuple[str, int], list[int]] = {(char, n): [] for char in "`~" for n in range(3, LONGEST + 1)}
    for at, (_, text) in enumerate(bare):
        content = text.strip()
        if content[:3] in ("```", "~~~") and not content.strip(content[0]):
            for n in range(3, min(len(content), LONGEST) + 1):
                places[content[0], n].append(at)
    return places


def cells(row: str) -> tuple[str, ...]:
    """Return the cells of a table row; a pipe that is escaped or in code is text."""
    text = row.strip()
    found: list[str] = []
    current: list[str] = []
    in_code, last_tick = False, text.rfind("`")
    at = 1 if text.startswith("|") else 0
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text) and text[at + 1] == "|":
            current.append("|")
            at += 2
            continue
        if char == "`":
            in_code = not in_code and at < last_tick
        if char == "|" and not in_code:
            found.append("".join(current).strip())
            current = []
        else:
            current.append(char)
        at += 1
    if "".join(current).strip() or not text.endswith("|"):
        found.append("".join(current).strip())
    return tuple(found)
