"""Remarks on commands and the fences they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crashcart.guides.shell import Command, Remark, Risk, check, check_together

from .fences import SHELLS, info_of
from .letters import lookalike
from .nouns import Text, flat

_WARNS = re.compile(
    r"⚠|🚨|❗|☠|\b(?:warn\w*|caution|careful\w*|danger\w*|destruct\w*|irreversibl\w*|permanent\w*|cannot be undone|data loss|"
    r"los[es]\w*|delet\w*|remov\w*|wip\w*|eras\w*|drop\w*|destroy\w*|purg\w*|flush\w*|clean\w*|clear\w*|kill\w*|prun\w*|overwrit\w*|reset\w*|"
    r"restor\w*|trim\w*|truncat\w*|rotat\w*|back ?up|backed|achtung|vorsicht|attention|peligro|cuidado|last resort|only if|never|don'?t|do not)\b",
    re.IGNORECASE,
)
# What the command is run for; a setting or a program that is written over is not of these.
_OWN_OUTPUT = re.compile(r"replaces what [\w./-]{1,200}\.(?:log|txt|out|json|csv|html|svg|prof|dump|sql) held")
_SCRIPT_LINES = 20  # above a command in a script: the comment or the function that it belongs to
_HEADS = re.compile(r"\s*(?:#|function\s+\w|[\w-]+\s*\(\)\s*\{)")


def told_by_shell(text: Text) -> Iterator[Remark]:
    """What each command does wrong by itself, and those of one fence together."""
    for group in text.found.values():
        for command in group:
            yield from check(command)
        yield from check_together(group)
    for command in text.inline:  # in a sentence, `docker logs` is a name and needs no more words
        yield from (remark for remark in check(command) if remark.code != "missing-argument")


def looks_alike(text: Text) -> Iterator[Remark]:
    """A letter of another alphabet in a command: what is shown is not what would run."""
    shells = [fence for fence in text.guide.fences if info_of(fence) in SHELLS]
    lines = {line for fence in shells for line in range(fence.lines.first, fence.lines.last + 1)}
    pieces = {line: re.sub(r"(?:^|\s)#.*", "", text.line(line)) for line in sorted(lines)}
    pieces |= {command.line: command.text for command in text.commands}
    for line, piece in pieces.items():
        letter = lookalike(piece)
        if letter:
            yield Remark(
                "hidden-letters", line, flat(piece), f"a word of the command holds {letter}: what is shown is not what would run",
                "type the command anew; do not copy it",
            )  # fmt: skip


def danger_unwarned(text: Text) -> Iterator[Remark]:
    """Whoever is on call copies what stands there: what loses data says so, above it or beside it. Told once a fence."""
    for group in (*text.found.values(), *((command,) for command in text.inline)):
        bare = [command for command in group if may_lose_data(command) and not is_warned(command, text)]
        if bare:
            first = bare[0]
            more = f"; so may lines {', '.join(str(one.line) for one in bare[1:9])}" if bare[1:] else ""
            yield Remark(
                "no-warning", first.line, flat(first.text),
                f"it may lose data ({flat(first.why, 120)}), and nothing says so{more}",
                "say what is lost, above the command, and what to save before",
            )  # fmt: skip


def may_lose_data(command: Command) -> bool:
    """Whether it is certain that data may be lost, and no other remark says so already."""
    is_certain = command.risk is Risk.DATA_LOSS and command.is_known and not _OWN_OUTPUT.match(command.why)
    return is_certain and not check(command)


def is_warned(command: Command, text: Text) -> bool:
    """Whether words near a command warn of it, or say what it takes away."""
    if _WARNS.search(text.around(command.line, 4, 1).replace(command.text, "")) is not None:
        return True
    above = (text.line(line) for line in range(max(1, command.line - _SCRIPT_LINES), command.line))
    return any(_HEADS.match(line) and _WARNS.search(line.replace("_", " ")) for line in above)
