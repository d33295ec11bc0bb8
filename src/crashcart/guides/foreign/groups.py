"""Problems under no heading of their own: "Symptom: ...", "Cause: ...", "Fix: ...", and the next symptom."""

from __future__ import annotations

from crashcart.guides.foreign.nouns import Part
from crashcart.guides.foreign.outline import LABEL_LEVEL, Element, Section, Sort
from crashcart.guides.foreign.text import title_of

_HELPS = (Part.CAUSE, Part.FIX)


def split_groups(section: Section) -> None:
    """Make each symptom a section, when two or more of them stand in one section, each with its own cause or fix."""
    starts = [at for at, element in enumerate(section.elements) if _opens(element)]
    if len(starts) < 2:
        return
    ends = [*starts[1:], len(section.elements)]
    groups = [section.elements[start:end] for start, end in zip(starts, ends, strict=True)]
    if not all(any(_helps(element) for element in group[1:]) for group in groups):
        return
    before = section.children[0].line if section.children else section.last + 1
    if groups[-1][0].line >= before:
        return
    opened = [_section(group) for group in groups]
    section.elements = section.elements[: starts[0]]
    section.children = [*opened, *section.children]


def _opens(element: Element) -> bool:
    is_label = element.sort is Sort.LABEL and not element.fence and element.label is not None
    is_symptom = element.part is Part.SYMPTOM or (element.part is Part.MESSAGE and element.is_item)
    return is_label and is_symptom and element.text != "" and element.indent == 0


def _helps(element: Element) -> bool:
    return element.sort is Sort.LABEL and not element.fence and element.part in _HELPS


def _section(group: list[Element]) -> Section:
    first = group[0]
    last = max(
        (max(element.line, element.last) for element in group if element.sort is not Sort.GAP), default=first.line
    )
    return Section(
        title_of(first.text), first.text, LABEL_LEVEL, first.line, last, is_label=True, elements=group[1:],
        is_message=first.part is Part.MESSAGE,
    )  # fmt: skip
