"""Remarks on what the lines of one script do together, and on options that a shell cannot complain about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from crashcart.guides.shell import Command, FenceKind, Remark

from .nouns import Text, flat

_LONGEST = 400  # characters of a line that these rules look at: some take their square
_SHELL_KINDS = (FenceKind.COMMANDS, FenceKind.SESSION)
_QUOTED = re.compile(r"\"[^\"\n]{0,200}\"|'[^'\n]{0,200}'")
_COUNTED_TWICE = re.compile(r"\bgrep\b[^|\n]{0,200}\s-\w*c\b[^|\n]{0,200}\|\|\s*echo\s+(?:[\"']?0|@)")
_FILLED = re.compile(r"^\s*(?:export\s+|local\s+)?(\w+)=[\"']?\$\{\w+:-([^}\s\"'][^\n]{0,200})")
_FOUND_ROOT = re.compile(
    r"\bfind\s+(?:[\"']?[$/~.][^\s\"']{0,200}[\"']?)\s+(?!.*-mindepth)(?=.*-type\s+d\b)[^\n]{0,400}-exec\s+rm\s+-\w*[rR]"
)
_COUNTS = re.compile(r"^\s*(?:export\s+|local\s+)?(\w+)=\$\([^\n]{0,200}\b(?:wc\s+-[lwc]|grep\s[^|\n]{0,200}-\w*c)\b")
_DIVIDES = re.compile(r"/\s*\$\{?(\w+)\}?")
_NEEDS_VALUE = frozenset(
    ("-d", "--data", "--data-raw", "--data-binary", "--data-urlencode", "-H", "--header", "-X", "--request", "-o", "--output", "-u", "--user", "-F", "--form")
)  # fmt: skip


def told_of_scripts(text: Text) -> Iterator[Remark]:
    """What lines of one fence do together."""
    for fence in text.guide.fences:
        if text.kinds[fence.lines.first] in _SHELL_KINDS:
            lines = [
                (number, line)
                for number in range(fence.lines.first, fence.lines.last + 1)
                if len(line := text.line(number)) <= _LONGEST
            ]
            yield from _counted_twice(lines)
            yield from _never_empty(lines)
            yield from _root_found(lines)
            yield from _divided(lines)


def _counted_twice(lines: Sequence[tuple[int, str]]) -> Iterator[Remark]:
    for number, line in lines:
        if "grep" in line and _COUNTED_TWICE.search(_QUOTED.sub("@", line)):
            yield Remark(
                "count-twice", number, flat(line), "grep -c prints 0 and fails when nothing matches, so that 0 is printed twice",
                "write `|| true` instead of `|| echo 0`",
            )  # fmt: skip


def _never_empty(lines: Sequence[tuple[int, str]]) -> Iterator[Remark]:
    filled: dict[str, int] = {}
    for number, line in lines:
        found = _FILLED.match(line)
        if found:
            filled[found.group(1)] = number
            continue
        tested = re.search(r"\[\[?\s+-z\s+[\"']?\$\{?(\w+)\}?[\"']?\s+\]", line)
        if tested and tested.group(1) in filled:
            yield Remark(
                "never-empty", number, flat(line), f"line {filled[tested.group(1)]} gives it a value when none is given, so it is never empty here",
                "leave out the default, or test the argument itself",
            )  # fmt: skip


def _root_found(lines: Sequence[tuple[int, str]]) -> Iterator[Remark]:
    for number, line in lines:
        if "find" in line and _FOUND_ROOT.search(line):
            yield Remark(
                "finds-root", number, flat(line), "find also finds the folder that it starts in, and this removes it with all that is in it",
                "add `-mindepth 1`",
            )  # fmt: skip


def _divided(lines: Sequence[tuple[int, str]]) -> Iterator[Remark]:
    """Told once for each name: what was counted may be none, and nothing asks before it divides."""
    counted: dict[str, int] = {}
    for number, line in lines:
        found = _COUNTS.match(line)
        if found:
            counted[found.group(1)] = number
        asked = re.search(r"\[\[?\s[^\]\n]{0,80}\$\{?(\w+)\}?[^\]\n]{0,40}(?:-gt|-ne|-eq|>|!=)\s*[\"']?0", line)
        if asked:
            counted.pop(asked.group(1), None)
        if not re.search(r"\bbc\b|\$\(\(|\bexpr\b", line):
            continue
        for name in _DIVIDES.findall(line):
            if counted.pop(name, None) is not None:
                yield Remark(
                    "divides-by-none", number, flat(line), f"{flat(name, 40)} counts something, and it divides by it also when there is none",
                    "ask first whether it is 0",
                )  # fmt: skip


def valueless_options(text: Text) -> Iterator[Remark]:
    """An option of curl that needs a value and stands last, or before a redirection, which the shell takes away."""
    for command in text.commands:
        for part in (command, *command.inner):
            option = _valueless(part)
            if option:
                yield Remark(
                    "missing-argument", command.line, flat(command.text), f"curl needs a value behind {option}, and none is there",
                    f"give {option} its value, or leave it out",
                )  # fmt: skip


def _valueless(part: Command) -> str:
    if part.program != "curl" or not part.words:
        return ""
    last = part.words[-1].text
    return last if last in _NEEDS_VALUE else ""
