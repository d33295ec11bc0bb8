"""From a Markdown document and a catalogue to a compiled guide, or to everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from crashcart.errors import GuideErrors
from crashcart.guides.complaints import Complaints, Rejected
from crashcart.guides.front import Front, read_front
from crashcart.guides.grammar import parse_duration
from crashcart.guides.headings import NO_FREQUENCY, Headings
from crashcart.guides.items import ItemReader
from crashcart.guides.links import check_links
from crashcart.guides.markdown import MAX_DEPTH, Block, Document, Heading, MarkdownList, Paragraph, Rest, read
from crashcart.guides.names import Meaning, Name, Scope
from crashcart.guides.signs import without_unseen
from crashcart.guides.strays import Strays
from crashcart.guides.words import (
    ACTION_LABELS,
    LABELS,
    LABELS_OF_CAUSE,
    LABELS_OF_GUIDE,
    LABELS_OF_PROBLEM,
    LABELS_OF_TASK,
    is_near,
    listed,
)
from crashcart.model.guide import (
    Cause,
    CauseLink,
    CheckList,
    Frequency,
    Guide,
    Number,
    Problem,
    Remedy,
    Task,
    Trust,
)
from crashcart.model.spans import Span
from crashcart.model.spec import Catalogue

MAX_CHARS = 300_000  # three times the longest troubleshooting guide we know of
MAX_LINE_CHARS = 10_000
MAX_LINES = 5_000  # three times the longest

_ID = re.compile(r"\{#(?P<id>[^{}\s]*)(?P<marks>(?:\s[^{}]*)?)\}")
_BOLD = re.compile(r"\*\*(?P<text>[^*\n]+)\*\*")
_PREFIX = re.compile(r"(?P<word>[^\W\d_]+)\s*:\s*")
# What opens a block of HTML that only its end closes, not a blank line (CommonMark, kinds 1 to 5).


def compile_guide(
    text: str,
    catalogue: Catalogue,
    *,
    path: str = "",
    trust: Trust = Trust.OWN,
    targets: Mapping[str, str] | None = None,
    known: Mapping[str, Collection[str]] | None = None,
) -> Guide:
    """Return the guide that the document describes.

    `targets` are the names of a system's targets with their kinds: a team's own guide may name them. `known` are the
    other guides with the ids in them (`outline`), so that a link which leads nowhere is an error; None leaves links
    to other guides unchecked.

    Raises:
        GuideErrors: with every complaint, in order of place.
    """
    complaints = Complaints(path)
    if len(text) > MAX_CHARS:
        complaints.add(
            "guide-too-long",
            f"the guide has {len(text):,} characters",
            Span(1, 1, 1, 1),
            word=f"{len(text):,} characters",
            hint=f"several guides, each under {MAX_CHARS:,}",
        )
        raise GuideErrors(complaints.sorted())
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    _check_lines(plain, complaints)
    document = read(without_unseen(plain, complaints))
    front = read_front(document.front, catalogue, complaints)
    guide = _Compiler(catalogue, front, complaints, targets or {}).run(document, path=path, trust=trust, text=text)
    check_links(guide, known, complaints)
    if complaints.found:
        raise GuideErrors(complaints.sorted())
    return guide


def _check_lines(text: str, complaints: Complaints) -> None:
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        complaints.add(
            "guide-too-long",
            f"the guide has {len(lines):,} lines",
            Span(MAX_LINES + 1, 1, MAX_LINES + 1, 1),
            word=f"{len(lines):,} lines",
            hint=f"several guides, each under {MAX_LINES:,} lines",
        )
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_LINE_CHARS:
            complaints.add(
                "guide-long-line",
                f"the line has {len(line):,} characters",
                Span(number, MAX_LINE_CHARS + 1, number, len(line) + 1),
                word=f"{len(line):,} characters",
                hint=f"lines under {MAX_LINE_CHARS:,} characters",
            )
    if complaints.found:
        raise GuideErrors(complaints.sorted())


def outline(text: str) -> tuple[str, frozenset[str]]:
    """Return the name of a guide and what links to it may name, without compiling it.

    That are the ids of its causes and tasks, and, with a `=` before them, the names that a link may give a value.
    """
    name = re.search(r"(?m)^guide:[ \t]*[\"']?([A-Za-z0-9_-]+)", text)
    ids = re.findall(r"(?m)^##(?:# Cause| Task):[^\n]*\{#([a-z][a-z0-9-]*)", text)
    front = text.split("\n---", 1)[0] if text.startswith("---") else ""
    given = re.findall(r"([A-Za-z_][A-Za-z0-9_-]*)[ \t]*:", front)
    return (name.group(1) if name else ""), frozenset([*ids, *(f"={entry}" for entry in given)])


@dataclass(slots=True)
class _Section:
    """A guide, problem, cause or task while its blocks are read."""

    what: str  # "guide", "problem", "cause", "task", "prose"
    labels: tuple[str, ...]
    scope: Scope
    span: Span
    id: str = ""
    title: str = ""
    prose: list[str] = field(default_factory=list)
    checks: dict[str, CheckList] = field(default_factory=dict)
    remedies: dict[str, list[Remedy]] = field(default_factory=dict)
    causes: list[Cause] = field(default_factory=list)
    frequency: Frequency = NO_FREQUENCY
    marks: tuple[tuple[str, str], ...] = ()
    link: CauseLink | None = None
    every: Number | None = None

    def list(self, label: str) -> CheckList:
        return self.checks.get(label, CheckList())

    def remedy(self, label: str) -> tuple[Remedy, ...]:
        return tuple(self.remedies.get(label, ()))

    @property
    def text(self) -> str:
        return "\n\n".join(self.prose)


class _Compiler:
    def __init__(self, catalogue: Catalogue, front: Front, complaints: Complaints, targets: Mapping[str, str]) -> None:
        self.complaints = complaints
        self.front = front
        self.headings = Headings(complaints)
        self.strays = Strays(complaints)
        self.titles = 0
        scope = Scope(catalogue, _names(front, targets))
        self.guide = _Section("guide", LABELS_OF_GUIDE, scope, Span(1, 1, 1, 1))
        self.here = self.guide
        self.problem: _Section | None = None
        self.sections: list[str] = []
        self.problems: list[Problem] = []
        self.tasks: list[Task] = []

    def run(self, document: Document, *, path: str, trust: Trust, text: str) -> Guide:
        self.is_draft = trust is Trust.DRAFT
        blocks = document.blocks
        if document.too_deep is not None:
            self.complaints.add(
                "guide-too-deep",
                f"lists are nested deeper than {MAX_DEPTH}",
                document.too_deep,
                hint="a flatter list",
            )
        at = 0
        while at < len(blocks):
            at += self.block(blocks, at)
        self.close_problem()
        self.check_whole()
        front = self.front
        return Guide(
            name=front.guide, title=self.guide.title, target_kind=front.target_kind, severity=front.severity,
            healthy=self.guide.list("Healthy"), problems=tuple(self.problems), tasks=tuple(self.tasks),
            prose=self.guide.text, sections="\n\n".join(self.sections), escalate=self.guide.remedy("Escalate"),
            owner=front.owner, needs=front.needs, params=front.params, depends=front.depends, source=front.source,
            language=front.language, path=path, trust=trust, text=text,
        )  # fmt: skip

    def check_whole(self) -> None:
        if not self.titles:
            self.complaints.add("guide-no-title", "the guide has no title", Span(1, 1, 1, 1), hint='a line "# Title"')
        if "Healthy" not in self.guide.checks:
            self.complaints.add(
                "guide-no-healthy", "the guide does not say what holds when all is well", self.guide.span,
                hint='a list under "**Healthy**" before the first problem',
            )  # fmt: skip

    # -- blocks

    def block(self, blocks: Sequence[Block], at: int) -> int:
        """Read one block, or a label with its list; return how many blocks that were."""
        block = blocks[at]
        match block:
            case Heading():
                self.heading(block)
            case Paragraph():
                self.strays.check_steps(block)
                label = self.label(block)
                if label is not None:
                    taken = self.labelled(label, block, blocks[at + 1] if at + 1 < len(blocks) else None)
                    if taken == 2 and at + 2 < len(blocks):
                        self.check_apart(label[0], blocks[at + 2])
                    return taken
                self.strays.check_prose(self.here.scope, block, blocks[at + 1] if at + 1 < len(blocks) else None)
                self.keep(block.raw)
            case MarkdownList():
                self.strays.check_loose(self.here.scope, self.here.labels, block)
                self.keep(block.raw)
            case Rest():
                if block.kind == "setext_heading":
                    self.complaints.add(
                        "guide-underlined",
                        "an underlined heading opens nothing",
                        block.span,
                        hint='"# Title", "## Problem {#id}"',
                    )
                self.strays.check_swallowed(self.here.scope, block)
                self.keep(block.raw)
        return 1

    def keep(self, raw: str) -> None:
        if self.here.what == "prose":
            self.sections.append(raw)
        else:
            self.here.prose.append(raw)

    # -- headings

    def heading(self, block: Heading) -> None:
        text = block.inline.text
        prefix = _PREFIX.match(text)
        word = prefix.group("word") if prefix else ""
        kind = next((known for known in ("Cause", "Task") if word == known or is_near(word, known)), "")
        if kind and word != kind:
            self.complaints.add(
                "guide-heading",
                f'"{word}:" opens nothing',
                block.inline.place(0, len(word)),
                word=word,
                hint=f'"{kind}:"',
            )
        if kind and prefix and text[prefix.end() :].startswith(":"):
            place = block.inline.place(prefix.end(), prefix.end() + 1)
            self.complaints.add("guide-heading", f'a second colon behind "{word}"', place, word=":", hint=f'"{kind}:"')
        wanted = {"Cause": 3, "Task": 2, "": 0}[kind]
        if kind and block.level != wanted:
            self.complaints.add(
                "guide-heading-level", f'"{kind}:" stands at level {block.level}', block.span, word="#" * block.level,
                hint=f'"{"#" * wanted} {kind}: ..."',
            )  # fmt: skip
        if kind == "Cause":
            self.open_cause(block, text[prefix.end() :] if prefix else text, prefix.end() if prefix else 0)
        elif kind == "Task":
            self.open_task(block, text[prefix.end() :] if prefix else text)
        elif block.level == 1:
            self.open_guide(block)
        elif block.level == 2:
            self.open_problem(block)
        else:
            self.prose_heading(block)

    def prose_heading(self, block: Heading) -> None:
        if "{" in block.inline.text and "#" in block.inline.text:
            self.complaints.add(
                "guide-heading", "a heading with an id at this level opens nothing", block.span, word=block.inline.text,
                hint='"### Cause: title {#id} (frequency)", or no id',
            )  # fmt: skip
        self.keep("#" * block.level + " " + block.inline.text)

    def open_guide(self, block: Heading) -> None:
        self.titles += 1
        if self.titles > 1:
            self.complaints.add(
                "guide-two-titles", "a second title", block.span, word=block.inline.text, hint='"## ..." for a problem'
            )
            return
        self.guide.title = block.inline.text
        self.guide.span = block.span

    def open_problem(self, block: Heading) -> None:
        self.close_problem()
        text = block.inline.text
        found = _ID.search(text)
        if not found:
            if "{" in text or "}" in text:
                self.complaints.add(
                    "guide-bad-id",
                    "the id of this problem cannot be read",
                    block.span,
                    word=text,
                    hint='"## Title {#id}"',
                )
            self.here = _Section("prose", (), self.guide.scope, block.span)
            self.sections.append("## " + text)
            return
        self.problem = _Section("problem", LABELS_OF_PROBLEM, self.guide.scope, block.span)
        self.problem.id = self.headings.identity(found, block.inline)
        self.problem.title = self.headings.title(text[: found.start()], block)
        self.headings.after_id(text, found, block.inline)
        if found.group("marks").strip():
            self.complaints.add(
                "guide-bad-id",
                "only causes have marks behind the id",
                block.span,
                word=found.group("marks").strip(),
                hint="removing them",
            )
        self.here = self.problem

    def open_cause(self, block: Heading, text: str, offset: int) -> None:
        self.close_cause()
        if self.problem is None:
            self.complaints.add(
                "guide-lost-cause",
                "a cause outside any problem",
                block.span,
                word=text,
                hint='"## Problem {#id}" before it',
            )
        scope = (self.problem or self.guide).scope
        self.here = _Section("cause", LABELS_OF_CAUSE, scope, block.span)
        found = _ID.search(text)
        if not found:
            self.complaints.add(
                "guide-bad-id", "this cause has no id", block.span, word=text, hint='"### Cause: title {#id} (common)"'
            )
            self.here.title = text
            return
        whole = _ID.search(block.inline.text)
        assert whole is not None
        self.here.id = self.headings.identity(whole, block.inline, inside=self.problem.id if self.problem else "")
        self.here.marks = self.headings.marks(found.group("marks"), block.span)
        self.here.frequency = self.headings.frequency(block.inline.text[whole.end() :], block.inline, whole.end())
        title, link = self.headings.cause_title(text[: found.start()].strip(), block, offset, scope)
        self.here.title, self.here.link = title, link

    def open_task(self, block: Heading, text: str) -> None:
        self.close_problem()
        self.here = _Section("task", LABELS_OF_TASK, self.guide.scope, block.span)
        found = _ID.search(text)
        whole = _ID.search(block.inline.text)
        if not found or not whole:
            self.complaints.add(
                "guide-bad-id", "this task has no id", block.span, word=text, hint='"## Task: title {#id} (every 60 d)"'
            )
            return
        self.here.id = self.headings.identity(whole, block.inline)
        self.here.title = self.headings.title(text[: found.start()], block)
        behind = block.inline.text[whole.end() :]
        period = re.fullmatch(r"\s*\((?P<word>[A-Za-z]+) (?P<every>[^()]+)\)\s*", behind)
        place = block.inline.place(whole.end(), len(block.inline.text))
        if not period or period.group("word") != "every":
            self.complaints.add(
                "guide-bad-period",
                f'"{behind.strip()}" does not say how often',
                place,
                word=behind.strip(),
                hint='"(every 60 d)"',
            )
            return
        try:
            self.here.every = parse_duration(
                period.group("every"), line=place.line, column=place.column + period.start("every")
            )
        except Rejected as rejected:
            self.complaints.take(rejected)

    # -- closing

    def close_cause(self) -> None:
        here = self.here
        if here.what == "cause" and self.problem is not None:
            self.problem.causes.append(
                Cause(
                    id=here.id, title=here.title, frequency=here.frequency, link=here.link, marks=here.marks, prose=here.text,
                    only_if=here.list("Only if"), read=here.list("Read"), evidence=here.list("Evidence"),
                    tries=here.list("Try"), fixes=here.remedy("Fix"), reliefs=here.remedy("Relief"),
                    undos=here.remedy("Undo"), verify=here.list("Verify"), watch=here.list("Watch"),
                    escalate=here.remedy("Escalate"), span=here.span,
                )
            )  # fmt: skip
            self.here = self.problem
        elif here.what == "task":
            self.tasks.append(
                Task(
                    here.id, here.title, here.every or Number(1.0, "d"), here.text, here.remedy("Do"),
                    here.list("Only if"), here.list("Verify"), here.remedy("Undo"), here.span,
                )
            )  # fmt: skip
            self.here = self.guide

    def close_problem(self) -> None:
        self.close_cause()
        here = self.problem
        if here is not None:
            self.problems.append(
                Problem(
                    id=here.id, title=here.title, prose=here.text, only_if=here.list("Only if"), read=here.list("Read"),
                    symptoms=here.list("Symptoms"), reliefs=here.remedy("Relief"), verify=here.list("Verify"),
                    watch=here.list("Watch"), escalate=here.remedy("Escalate"), causes=tuple(here.causes), span=here.span,
                )
            )  # fmt: skip
            if not here.causes:
                self.complaints.add(
                    "guide-no-cause",
                    f'the problem "{here.title}" has no cause',
                    here.span,
                    word=here.id,
                    hint='"### Cause: title {#id} (common)"',
                )
        self.problem = None
        self.here = self.guide

    # -- labels

    def label(self, block: Paragraph) -> tuple[str, str, str] | None:
        """Return (label, name, words behind it) when the paragraph is a label, else None."""
        found = _BOLD.match(block.inline.text)
        if not found:
            return None
        label, _, name = found.group("text").partition(":")
        if label not in LABELS:
            return None
        behind = block.inline.text[found.end() : found.end() + 1]
        if behind and not behind.isspace():
            self.complaints.add(
                "guide-glued", f'"{behind}" is glued to the label', block.inline.place(found.end(), found.end() + 1), word=behind,
                hint=f'"**{label}**" and a space',
            )  # fmt: skip
        return label, name.strip(), block.inline.text[found.end() :].strip()

    def labelled(self, label: tuple[str, str, str], block: Paragraph, following: Block | None) -> int:
        word, name, note = label
        here = self.here
        if word not in here.labels:
            place = "a section without an id" if here.what == "prose" else f"a {here.what}"
            self.complaints.add(
                "guide-misplaced-label", f'"{word}" does not stand in {place}', block.span, word=word,
                hint=f"one of: {listed(here.labels)}" if here.labels else '"## Title {#id}" for a problem',
            )  # fmt: skip
        if name.startswith(":"):
            self.complaints.add("guide-glued", "a second colon", block.span, word=":", hint="one colon")
        if name and word not in ACTION_LABELS:
            self.complaints.add(
                "guide-named-label",
                f'"{word}" has no alternatives to name',
                block.span,
                word=name,
                hint=f'"**{word}**"',
            )
        if block.inline.codes:
            self.complaints.add(
                "guide-label-code", "a code span beside a label is never run", block.inline.codes[0].span,
                word=block.inline.codes[0].text, hint=f'an item under "**{word}**"',
            )  # fmt: skip
        if not isinstance(following, MarkdownList):
            self.complaints.add(
                "guide-empty-label", f'no list follows "{word}"', block.span, word=word, hint="a list right below it"
            )
            return 1
        self.read_list(word, name, note, following, block)
        return 2

    def check_apart(self, word: str, block: Block) -> None:
        """A list right behind that of a label is no part of it: another bullet, or a guard that came loose."""
        if isinstance(block, MarkdownList):
            self.complaints.add(
                "guide-loose-guard",
                f'a second list follows that of "{word}"',
                block.span,
                hint="the same marker as above; guards are nested in their step",
            )

    def read_list(self, label: str, name: str, note: str, found: MarkdownList, block: Paragraph) -> None:
        here = self.here
        reader = ItemReader(here.scope, self.complaints, label, is_draft=self.is_draft)
        if label in ACTION_LABELS:
            if any(remedy.name == name for remedy in here.remedies.get(label, ())):
                self.complaints.add(
                    "guide-twice",
                    f'"{label}" stands twice under one name',
                    block.span,
                    word=label,
                    hint=f'"**{label}: another name**"',
                )
            steps = reader.steps(found)
            here.remedies.setdefault(label, []).append(Remedy(name, steps, note, block.span))
        else:
            if label in here.checks:
                self.complaints.add("guide-twice", f'"{label}" stands twice', block.span, word=label, hint="one list")
            here.checks[label] = CheckList(reader.checks(found), note)
        here.scope = reader.scope


def _names(front: Front, targets: Mapping[str, str]) -> dict[str, Name]:
    names = {name: Name(Meaning.TARGET, kind, is_one=True) for name, kind in targets.items()}
    names |= {need.role: Name(Meaning.TARGET, need.kind) for need in front.needs}
    names |= {param.name: Name(Meaning.PARAM, param=param) for param in front.params}
    names["self"] = Name(Meaning.TARGET, front.target_kind, is_one=True)
    names["dependants"] = Name(Meaning.TARGETS)
    names["onset"] = Name(Meaning.INSTANT)
    return names
