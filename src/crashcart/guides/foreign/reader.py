"""The face of this package: Markdown of any team in, what it says out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crashcart.guides.foreign.collect import Collector, FenceDraft
from crashcart.guides.foreign.drafts import finished
from crashcart.guides.foreign.gather import gather
from crashcart.guides.foreign.lexicon import DEFAULT, Lexicon, tables
from crashcart.guides.foreign.nouns import Fence, ForeignGuide, InlineCode, Lines
from crashcart.guides.foreign.outline import outline
from crashcart.guides.foreign.paragraphs import Paragraphs
from crashcart.guides.foreign.scan import MAX_LINES, Kind, Line, scan
from crashcart.guides.foreign.signatures import Finder
from crashcart.guides.foreign.text import code_spans
from crashcart.guides.foreign.thresholds import Measurer


def read(text: str, *, lexicon: Lexicon = DEFAULT) -> ForeignGuide:
    """Return what a foreign guide says. Never raises: any text is a guide, if only of prose.

    Time and memory are linear in the text; lines behind the 100,000th and characters behind the 2,000th of a line
    are not looked at.
    """
    lines = scan(text)
    words = tables(lexicon)
    root = outline(lines, words)
    front = _front(lines)
    title = dict(front).get("title", "") or (root.children[0].title if root.children else "")
    collector = gather(root, lines, words, title)
    problems = finished(collector.drafts)
    paragraphs = Paragraphs(lines)
    return ForeignGuide(
        title,
        front,
        problems,
        Finder(words, paragraphs).all(collector.statements, collector.fences),
        Measurer(paragraphs).all(collector.statements, collector.fences),
        tuple(_fence(fence, collector) for fence in collector.fences),
        tuple(_codes(collector)),
        tuple(collector.roles),
        max(0, text.count("\n") - MAX_LINES),
    )


def _fence(fence: FenceDraft, collector: Collector) -> Fence:
    element = fence.element
    span = Lines(
        element.body_line, element.last - (1 if element.is_closed and element.line != element.body_line else 0)
    )
    role = collector.roles[element.body_line - 1]
    return Fence(element.info, element.text, span, element.is_closed, role, fence.owner.id if fence.owner else None)


def _codes(collector: Collector) -> Iterator[InlineCode]:
    for said in collector.statements:
        for span in code_spans(said.text):
            yield InlineCode(
                span.text, said.line, collector.roles[said.line - 1], said.owner.id if said.owner else None
            )


def _front(lines: Sequence[Line]) -> tuple[tuple[str, str], ...]:
    found = []
    for line in lines:
        if line.kind is not Kind.FRONT:
            break
        for mark in (":", "="):
            key, sign, value = line.text.partition(mark)
            if sign and key and not key[0].isspace() and key.strip().replace("-", "").replace("_", "").isalnum():
                found.append((key.strip().casefold(), value.strip().strip("\"'")))
                break
    return tuple(found)
