"""The face: a foreign guide in, a draft in our language out, with what became of each line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crashcart.guides.compile import MAX_CHARS, MAX_LINES
from crashcart.guides.foreign import DEFAULT, Lexicon
from crashcart.guides.foreign.scan import MAX_LINES as MOST_READ
from crashcart.guides.shell import Risk
from crashcart.model.spec import Catalogue

from . import safe
from .checks import Reader
from .ledger import Ledger
from .looks import Look, look_of, subject_of
from .merge import stamped
from .nouns import Draft, Todo
from .section import Section, Writer
from .steps import Material, material

_MOST_CHARS = MAX_CHARS * 9 // 10  # room for what people add
_MOST_LINES = MAX_LINES * 9 // 10


def import_guide(
    text: str, catalogue: Catalogue, *, source: str, kind: str = "http", name: str = "", lexicon: Lexicon = DEFAULT
) -> Draft:
    """Return the draft of a foreign guide. Never raises, whatever the text; it always compiles.

    `kind` is the kind of target that the guide is for. Problems beyond the size of a guide are left out and told.
    """
    found = material(text, lexicon)
    guide = found.guide
    about = subject_of(found.commands, guide.title)
    ledger = Ledger()
    source_lines = safe.source_lines(text)
    writer = Writer(Reader(guide, catalogue, kind, about), found, source, source_lines)
    head = _head(guide.title, source, kind, name) + _healthy(found, writer.reader)
    sections, left = _sections(writer, head, ledger)
    draft = "\n".join([*head, *(line for section in sections for line in stamped(section.lines))]).rstrip() + "\n"
    return Draft(
        draft,
        len(sections),
        ledger.entries(guide, source_lines),
        _todo(sections, found, left, source_lines),
        guide.unread,
    )


def _head(title: str, source: str, kind: str, name: str) -> list[str]:
    words = safe.title(title, "") or safe.title(source, "") or "Imported guide"
    called = safe.identity(name or re.sub(r"\.\w+$", "", source.rsplit("/", 1)[-1]), "guide", set())
    return [
        "---", f"guide: {called}", f"for: {kind}", "severity: medium", f"source: {safe.front_value(source)}", "---",
        f"# {words}", "",
    ]  # fmt: skip


def _healthy(found: Material, reader: Reader) -> list[str]:
    """Return what holds when all is well: the health addresses that the guide itself asks."""
    items: dict[str, str] = {}
    for command in found.commands:
        look = look_of(command, reader.about)
        if isinstance(look, Look) and look.is_health and isinstance(reader.fitting(look), Look):
            items.setdefault(look.text, f"- `{look.text} => {look.well}` (line {command.line})")
    lines = list(items.values())[:3] or ["- By hand: say what holds when all is well; the source does not."]
    return ["**Healthy**", "", *lines, ""]


def _sections(writer: Writer, head: Sequence[str], ledger: Ledger) -> tuple[list[Section], list[int]]:
    """Return the sections that fit into one guide, and the lines of the problems that do not."""
    chars, lines = sum(map(len, head)), len(head)
    sections: list[Section] = []
    left: list[int] = []
    for problem in writer.material.guide.problems:
        if left:
            left.append(problem.lines.first)
            continue
        section = writer.section(problem)
        chars += sum(len(line) + 1 for line in section.lines)
        lines += len(section.lines) + 3
        if chars > _MOST_CHARS or lines > _MOST_LINES:
            left.append(problem.lines.first)
            continue
        sections.append(section)
        ledger.take(writer.ledger)
    return sections, left


def _todo(sections: Sequence[Section], found: Material, left: Sequence[int], source: Sequence[str]) -> tuple[Todo, ...]:
    """Return what a person should do, what helps a diagnosis most first."""
    lines = {
        "{have} no symptom that a machine can see: nothing tells that it is there": [
            section.line for section in sections if not section.has_symptom_look
        ],
        "{have} no cause with a name: say what can bring it about, and what tells one cause from another": [
            section.line for section in sections if not section.has_cause
        ],
        "{have} no way to be verified: say what shows that it is over": [
            section.line for section in sections if not section.has_verify
        ],
        "{have} a step that may lose data: say how to undo it, or what to save before": [
            section.line for section in sections if section.dangers
        ],
        "did not fit: split the source": list(left),
    }
    todo = [Todo(_counted(len(at), what), tuple(at)) for what, at in lines.items() if at]
    todo += _unread(found, source)
    outside = sorted(
        command.line
        for fence in found.guide.fences
        if fence.problem is None
        for command in found.found[fence.lines.first]
        if command.risk.rank >= Risk.CHANGES.rank
    )
    if outside:
        todo.append(Todo(f"{len(outside)} commands that change something belong to no problem", tuple(outside)))
    if sections:
        todo.append(Todo("how often each cause happens is not in the source: all say (common)", ()))
    return tuple(todo)


def _unread(found: Material, source: Sequence[str]) -> list[Todo]:
    """Return what was not read of the source, and so stands in no problem."""
    todo = []
    if found.unread:
        at = tuple(mark.line for mark in found.unread)
        todo.append(Todo(f"{_blocks(len(at))} too long to be read whole: look there for commands yourself", at))
    long_lines = tuple(number for number, line in enumerate(source, start=1) if len(line) >= safe.LONGEST_LINE)
    if long_lines:
        what = (
            f"of {len(long_lines)} very long lines only the first {safe.LONGEST_LINE} characters were read: break them"
        )
        todo.append(Todo(what, long_lines))
    if found.guide.unread:
        todo.append(Todo(f"{found.guide.unread} lines behind this one were not read: split the source", (MOST_READ,)))
    return todo


def _blocks(count: int) -> str:
    return "1 block is" if count == 1 else f"{count} blocks are"


def _counted(count: int, what: str) -> str:
    noun, have = ("problem", "has") if count == 1 else ("problems", "have")
    return f"{count} {noun} {what.format(have=have)}"
