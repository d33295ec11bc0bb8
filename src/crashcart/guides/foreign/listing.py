"""Fences that hold statements of people: numbered errors, arrows, bullets, comments that are labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from crashcart.guides.foreign.code import is_python, is_script, parses
from crashcart.guides.foreign.lexicon import Tables
from crashcart.guides.foreign.nouns import Part
from crashcart.guides.foreign.scan import Line
from crashcart.guides.foreign.text import word_set
from crashcart.guides.foreign.wording import Label, label_of

# What no shell, no configuration and no program begins a line with.
_NUMBERED = re.compile(r"(\d{1,2})[.)]\s+(.+)$")
_LETTERED = re.compile(r"([a-h])[.)]\s+(.+)$")
_BULLET = re.compile(r"[•▪◦●‣□☐☑✓✗]\s*(.+)$")
_ARROW = re.compile(r"(?:→|⇒|➜|➔|->|=>|└─>?|╰─>?)\s*(.+)$")
_QUOTED = re.compile(r"(?:(?P<label>[A-Za-z][\w ]{0,30}):\s+)?\"(?P<text>[^\"\n]{3,300})\"\s*$")
_COMMENT = re.compile(r"(?:#+|//|--|;)\s+(.*)$")
_BRANCH = re.compile(r"(?:if|when|falls|wenn|si|se|если)\b\s.{2,160}:\s*$", re.IGNORECASE)
# A condition in a program, and no "If the disk is full:" of a person.
_CONDITION = re.compile(
    r"[=!<>]=|\w[(\[]|\w\.\w|[\"'{}$]|\b(?:is None|not in|isinstance)\b|\s[<>]\s*\d|\b[a-z]+_[a-z_]+\b"
)
_PROMPT = re.compile(r"(?:[$>%❯]|>>>)\s+\S")
_CODE_INFO = word_set("yaml yml json toml xml sql diff ini dockerfile hcl csv")

Listed = tuple[Line, str, str, Part | None, Label | None]


def is_listing(body: Sequence[Line], info: str) -> bool:
    """Whether a fence holds statements: at least two lines with a mark that programs and shells do not have."""
    if info.split(" ")[0].strip("{}.").lower() in _CODE_INFO:
        return False
    if is_script("\n".join(line.text for line in body[:1])) or (
        is_python(info) and parses("\n".join(line.text for line in body))
    ):
        return False
    first = next((line.text.strip() for line in body if line.text.strip()), "")
    if _PROMPT.match(first):  # a session: what follows is what a program answered
        return False
    marks = 0
    for line in body:
        content = line.text.strip()
        if content and (
            _NUMBERED.match(content) or _BULLET.match(content) or content[0] in "→⇒➜➔" or _is_branch(content)
        ):
            marks += 1
        if marks >= 2:
            return True
    return False


def listed(body: Sequence[Line], tables: Tables) -> Iterator[Listed]:
    """Return the statements of such a fence: line, sort of element, text, part and label."""
    for line in body:
        content = line.text.strip()
        indent = len(line.text) - len(line.text.lstrip())
        at = replace(line, indent=indent)
        if not content:
            yield at, "gap", "", None, None
        elif found := _COMMENT.match(content):
            yield from _comment(at, found.group(1).strip(), tables)
        elif found := _ARROW.match(content):
            yield at, "action", found.group(1), None, None
        elif found := _NUMBERED.match(content) or _LETTERED.match(content):
            number = int(found.group(1)) if found.group(1).isdigit() else ord(found.group(1)) - 96
            yield replace(at, number=number), "item", found.group(2), None, None
        elif found := _BULLET.match(content):
            yield at, "item", found.group(1), None, None
        elif found := _QUOTED.match(content):
            yield at, "quoted", content, None, None
        elif _is_branch(content):
            yield at, "branch", content, None, None
        else:
            yield at, "raw", content, None, None


def _is_branch(text: str) -> bool:
    return _BRANCH.match(text) is not None and _CONDITION.search(text) is None


def _comment(at: Line, text: str, tables: Tables) -> Iterator[Listed]:
    if _is_branch(text):
        yield at, "branch", text, None, None
        return
    label = label_of(text, tables) if len(text) < 120 else None
    if label is not None and (text.rstrip().endswith(":") or not label.rest):
        yield at, "label", label.rest, label.part, label
    elif text.endswith(":"):
        # An unknown title of what follows ends the last label all the same.
        yield at, "label", text, Part.CHECK, Label(Part.CHECK, text.casefold(), "")
    else:
        yield at, "remark", text, None, None
