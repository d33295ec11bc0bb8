"""A foreign guide with its commands, found once for whoever asks: the import and the audit of one text share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from crashcart.guides.foreign.lexicon import Lexicon
from crashcart.guides.foreign.nouns import ForeignGuide, InlineCode
from crashcart.guides.foreign.reader import read
from crashcart.guides.shell import Command, FenceKind, commands, is_command, judge_fence


@dataclass(frozen=True, slots=True, eq=False)
class WithCommands:
    """A guide; what its fences hold and the commands in them, by the first line of the body; commands in code spans."""

    guide: ForeignGuide
    kinds: Mapping[int, FenceKind]
    found: Mapping[int, tuple[Command, ...]]
    inline: tuple[tuple[InlineCode, Command], ...]


@lru_cache(maxsize=1)
def with_commands(text: str, lexicon: Lexicon) -> WithCommands:
    """Return what a foreign guide says, with its commands. Never raises; the last text is kept."""
    guide = read(text, lexicon=lexicon)
    kinds = {fence.lines.first: judge_fence(fence.text, fence.info) for fence in guide.fences}
    found = {
        fence.lines.first: commands(fence.text, kind=kinds[fence.lines.first], first_line=fence.lines.first)
        for fence in guide.fences
    }
    inline = tuple(
        (code, command)
        for code in guide.codes
        if is_command(code.text)
        for command in commands(code.text, kind=FenceKind.COMMANDS, first_line=code.line)[:1]
    )
    return WithCommands(guide, MappingProxyType(kinds), MappingProxyType(found), inline)
