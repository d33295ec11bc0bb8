"""Problems out of sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from crashcart.guides.foreign.body import Body
from crashcart.guides.foreign.collect import Collector
from crashcart.guides.foreign.drafts import Draft, OptionDraft
from crashcart.guides.foreign.groups import split_groups
from crashcart.guides.foreign.lexicon import Tables
from crashcart.guides.foreign.nouns import Item, Lines, Part, Role
from crashcart.guides.foreign.outline import Element, Section, Sort
from crashcart.guides.foreign.scan import Kind, Line
from crashcart.guides.foreign.text import title_of
from crashcart.guides.foreign.verdict import (
    LISTED,
    Around,
    Judged,
    Verdict,
    are_even,
    judge,
    judge_root,
    labels_in,
    may_gather,
    names_messages,
    only_gathers,
)
from crashcart.guides.foreign.wording import Label, is_trouble, label_of


def gather(root: Section, lines: Sequence[Line], tables: Tables, name: str) -> Collector:
    """Return the problems of a document; `name` is the title of one that has no heading."""
    collector = Collector(lines)
    _Gatherer(collector, tables, name).visit(root, None, Around())
    for draft in reversed(collector.drafts):  # a parent ends no sooner than its children
        if draft.parent is not None and draft.parent.first <= draft.first:
            draft.parent.last = max(draft.parent.last, draft.last)
    return collector


_OPENS = (Part.PROBLEM, Part.PROBLEMS, Part.MESSAGE, Part.SEVERITY, Part.CATEGORY)  # what begins something else


class _Gatherer:
    def __init__(self, out: Collector, tables: Tables, name: str) -> None:
        self.out = out
        self.tables = tables
        self.name = name

    def visit(self, section: Section, owner: Draft | None, around: Around) -> None:
        split_groups(section)
        self.merge(section)
        verdict = judge(section, around, self.tables) if section.line else judge_root(section, self.tables, self.name)
        match verdict.judged:
            case Judged.PROBLEM:
                self.problem(section, owner, around, verdict)
            case Judged.PERHAPS:
                self.perhaps(section, owner, around, verdict)
            case Judged.LIST:
                around = replace(around, in_list=True, part=Part.PROBLEMS, are_messages=names_messages(section.title))
                self.inside(section, owner, around)
            case Judged.PART:
                self.part(section, owner, around, verdict)
            case Judged.ASIDE:
                self.inside(section, None, Around(in_aside=True))
            case Judged.PROSE:
                self.inside(section, owner, self.beside_list(around) if section.line else around)

    def beside_list(self, around: Around) -> Around:
        """Return where the inside of a section stands that is no problem of the list it stands in."""
        return replace(around, in_list=False, is_even=False, part=None if around.part is Part.PROBLEMS else around.part)

    def problem(self, section: Section, owner: Draft | None, around: Around, verdict: Verdict) -> Draft:
        draft = self.open(section, owner, verdict, is_message=around.are_messages or section.is_message)
        self.inside(section, draft, Around(in_problem=True, in_aside=around.in_aside, is_trial=around.is_trial))
        return draft

    def open(self, section: Section, owner: Draft | None, verdict: Verdict, *, is_message: bool = False) -> Draft:
        line = section.line or self.title_line()
        draft = Draft(verdict.title, line, self.out.solid(section.last), owner, list(verdict.evidence))
        if verdict.label is not None and verdict.label.part is Part.SEVERITY:
            draft.severity = verdict.label.number
        self.out.drafts.append(draft)
        self.out.mark(line, Role.TITLE)
        sort = "message" if is_message else "title"
        self.out.say(section.raw, section.line, Part.PROBLEM, draft, sort, section=section.title)
        return draft

    def title_line(self) -> int:
        """Return the line that names a document without a heading: of its front matter, or the first with words."""
        for line in self.out.lines:
            if line.kind is Kind.FRONT and line.text.casefold().startswith("title"):
                return line.no
            if line.kind not in (Kind.FRONT, Kind.BLANK, Kind.MARKUP):
                return line.no
        return 1

    def perhaps(self, section: Section, owner: Draft | None, around: Around, verdict: Verdict) -> None:
        """Take a section for a problem, unless it turns out to be only a list of others."""
        place = self.out.mark_here(section.line, section.last)
        if not around.is_trial and may_gather(section, self.tables):
            draft = self.open(section, owner, verdict)
            self.inside(section, draft, replace(around, in_list=False, is_trial=True))
            if len(self.out.drafts) > place.drafts + 1:
                self.out.forget(draft, place)
                return
            self.out.back_to(place)
        draft = self.problem(section, owner, around, verdict)
        has_children = any(other.parent is draft for other in self.out.drafts[place.drafts + 1 :])
        if (has_children and (only_gathers(section) or verdict.evidence == (LISTED,))) or not (
            has_children or draft.has_body()
        ):
            self.out.forget(draft, place)

    def part(self, section: Section, owner: Draft | None, around: Around, verdict: Verdict) -> None:
        label = verdict.label
        part = label.part if label is not None else (around.part or (Part.CHECK if owner else None))
        self.out.mark(section.line, Role.LABEL)
        if owner is not None and part in (Part.FIX, Part.ANSWER) and (label is not None or verdict.title):
            number = label.number if label else ""
            owner.options.append(
                OptionDraft(verdict.title or (section.title if number else ""), section.line, section.line)
            )
        elif owner is not None and verdict.title and (label is not None or part is Part.CAUSE):
            owner.add(part, Item(verdict.title, Lines(section.line, section.line)))
        if verdict.title:
            self.out.say(verdict.title, section.line, part, owner, "title", section=section.title)
        self.inside(section, owner, replace(around, part=part))

    def is_lone_name(self, child: Section, section: Section) -> bool:
        """Whether a heading "Problem: ..." stands beside its own parts under a title that names trouble already."""
        label = label_of(child.raw, self.tables)
        if (
            label is None
            or label.part is not Part.PROBLEM
            or not label.rest
            or not is_trouble(section.title, self.tables)
        ):
            return False
        return any(
            other.level == child.level
            and (theirs := label_of(other.raw, self.tables)) is not None
            and theirs.part not in _OPENS
            for other in section.children
        )

    def is_all(self, section: Section, only: Section) -> bool:
        """Whether a section says nothing but one "Problem: ..." with its cause and fix, and has a telling title."""
        has_more = any(element.sort is not Sort.GAP for element in section.elements) or len(section.children) > 1
        is_telling = section.title.count(" ") >= 2 or len(section.title.encode()) >= 4 * len(section.title.split())
        return (
            only.is_label
            and not has_more
            and is_telling
            and bool(labels_in(only, self.tables) & {Part.CAUSE, Part.FIX})
        )

    def inside(self, section: Section, owner: Draft | None, around: Around) -> None:
        Body(self.out, self.tables, section, owner, around).run()
        around = replace(around, is_even=are_even(section.children, around, self.tables))
        named: tuple[int, Draft] | None = None  # the last "Problem: ..." heading, whose parts may stand beside it
        for child in section.children:
            label = label_of(child.raw, self.tables)
            if named and label and child.level == named[0] and label.part not in _OPENS:
                self.visit(child, named[1], Around(in_problem=True, in_aside=around.in_aside))
                named[1].last = max(named[1].last, self.out.solid(child.last))
                continue
            place = len(self.out.drafts)
            self.visit(child, owner, around)
            is_named = label is not None and label.part in (Part.PROBLEM, Part.MESSAGE) and len(self.out.drafts) > place
            named = (child.level, self.out.drafts[place]) if is_named else None

    def merge(self, section: Section) -> None:
        """Make the one "Problem: ..." line under a title that names something a symptom of it, and no second problem."""
        marked = [child for child in section.children if child.is_label or self.is_lone_name(child, section)]
        label = label_of(section.raw, self.tables) if section.raw else None
        if len(marked) != 1 or section.level < 2 or label is not None:
            return
        only = marked[0]
        if not is_trouble(section.title, self.tables) and not self.is_all(section, only):
            return
        if not only.is_label:
            only.raw = title_of(label_of(only.raw, self.tables).rest)  # type: ignore[union-attr]
        section.children = [*only.children, *(child for child in section.children if child is not only)]
        said = Label(Part.PROBLEM, "problem", only.raw)
        section.elements += [
            Element(Sort.LABEL, only.raw, only.line, only.line, label=said, part=Part.PROBLEM),
            *only.elements,
        ]
