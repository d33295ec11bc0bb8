"""The face: the text of a guide in, remarks out, in the order of the lines."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import chain

from crashcart.guides.foreign import DEFAULT, Lexicon
from crashcart.guides.foreign.found import with_commands
from crashcart.guides.foreign.scan import MAX_LINES
from crashcart.guides.shell import Remark
from crashcart.model.spec import Catalogue

from . import commands as of_commands
from . import facts, fences, hidden, problems, python, scripts, system, written
from .nouns import LONGEST_LINE, Place, Rule, Text
from .ours import told_of_ours

_RULES: tuple[Rule, ...] = (
    of_commands.told_by_shell,
    of_commands.looks_alike,
    fences.fence_language,
    of_commands.danger_unwarned,
    system.unknown_to_system,
    scripts.told_of_scripts,
    scripts.valueless_options,
    python.told_of_python,
    facts.errno_of_another,
    facts.open_ends,
    facts.evicted_tasks,
    facts.configurations,
    problems.unverified,
    problems.no_way_back,
    problems.same_signature,
    problems.contradictions,
    problems.healthy_readings,
    written.dead_links,
    written.broken_characters,
    written.empty_sections,
    written.secrets,
    hidden.hidden_signs,
    hidden.mixed_words,
    hidden.unread,
)
_OF_ANY: tuple[Rule, ...] = (
    written.broken_characters,
    written.secrets,
    written.dead_links,
    hidden.hidden_signs,
    hidden.mixed_words,
    hidden.unread,
    facts.open_ends,
)


def is_ours(text: str) -> bool:
    """Say whether a text is a guide in our language: its front matter names a guide and a kind of target."""
    front = re.match(r"\ufeff?---[ \t]*\r?\n(.{0,20000}?)\r?\n---", text, re.DOTALL)
    return front is not None and all(
        re.search(rf"(?m)^{key}[ \t]*:", front.group(1)) is not None for key in ("guide", "for")
    )


def audit(
    text: str,
    catalogue: Catalogue,
    *,
    place: Place | None = None,
    targets: Mapping[str, str] | None = None,
    known: Mapping[str, Collection[str]] | None = None,
    lexicon: Lexicon = DEFAULT,
) -> tuple[Remark, ...]:
    """Return what is wrong with a guide. Never raises, whatever the text.

    `place` is what the system file knows; `targets` are its targets with their kinds and `known` the other guides with
    their ids, for a guide in our language.
    """
    taken = _text(text, place, lexicon)
    if is_ours(text):
        found = [*told_of_ours(text, catalogue, targets or {}, known), *_all(_OF_ANY, taken)]
    else:
        found = _all(_RULES, taken)
    once = {(remark.line, remark.code, remark.why): remark for remark in found}
    return tuple(sorted(once.values(), key=lambda remark: (remark.line, remark.code, remark.why)))


def _all(rules: tuple[Rule, ...], text: Text) -> list[Remark]:
    return list(chain.from_iterable(rule(text) for rule in rules))


def _text(text: str, place: Place | None, lexicon: Lexicon) -> Text:
    taken = with_commands(text, lexicon)
    guide = taken.guide
    whole = text.split("\n", MAX_LINES)[:MAX_LINES]
    lines = tuple(line[:LONGEST_LINE].rstrip("\r") for line in whole)
    long_lines = tuple(number for number, line in enumerate(whole, start=1) if len(line) > LONGEST_LINE)
    inline = tuple(command for _, command in taken.inline)
    bodies = frozenset(line for fence in guide.fences for line in range(fence.lines.first, fence.lines.last + 1))
    return Text(lines, guide, taken.kinds, taken.found, inline, bodies, place, long_lines)
