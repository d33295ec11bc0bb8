"""From a Markdown document and a catalogue to a compiled guide, or to everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from crashcart.errors import GuideErrors
from crashcart.guides.complaints import Complaints, Rejected
from crashcart.guides.front import Front, read_front
from crashcart.guides.grammar import parse_binding, parse_duration, starts_like_statement
from crashcart.guides.items import ItemReader
from crashcart.guides.markdown import MAX_DEPTH, Block, Document, Heading, Inline, MarkdownList, Paragraph, Rest, read
from crashcart.guides.names import NAME, Meaning, Name, Scope
from crashcart.guides.signs import without_unseen
from crashcart.guides.words import (
    ACTION_LABELS,
    FREQUENCIES,
    LABELS,
    LABELS_OF_CAUSE,
    LABELS_OF_GUIDE,
    LABELS_OF_PROBLEM,
    LABELS_OF_TASK,
    hint_for,
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
    Ref,
    Remedy,
    Task,
    TaskLink,
    Trust,
    Value,
)
from crashcart.model.spans import Span
from crashcart.model.spec import Catalogue

MAX_CHARS = 500_000  # five times the longest troubleshooting guide we know of
MAX_LINE_CHARS = 10_000
MAX_LINES = 10_000

_ID = re.compile(r"\{#(?P<id>[^{}\s]*)(?P<marks>(?:\s[^{}]*)?)\}")
_ID_FORM = re.compile(r"[a-z][a-z0-9-]*")
_MARK = re.compile(r"([a-z][a-z0-9-]*)=([A-Za-z0-9_.-]+)")
_BOLD = re.compile(r"\*\*(?P<text>[^*\n]+)\*\*")
_ANY_BOLD = re.compile(r"\*{1,3} ?(?P<text>[^\W\d_](?:[^\W\d_]| (?! ))*) ?(?::[^*\n]*)?\*{0,3}(?=\s|$|:)")
_PREFIX = re.compile(r"(?P<word>[^\W\d_]+)\s*:\s*")
_PER_MONTH = re.compile(r"(?P<n>[0-9]+(?:\.[0-9]+)?) a month")
_NO_FREQUENCY = Frequency(1.0, "common")  # stands in where an error was told
# What opens a block of HTML that only its end closes, not a blank line (CommonMark, kinds 1 to 5).
_CLOSED_BY = {
    r"\s*<!--": ("-->",),
    r"\s*<\?": ("?>",),
    r"\s*<!\[CDATA\[": ("]]>",),
    r"\s*<![a-z]": (">",),
    r"\s*<(?:pre|script|style|textarea)\b": ("</pre>", "</script>", "</style>", "</textarea>"),
}
_BETWEEN_COMMAS = re.compile(r"""(?:"[^"]*"|'[^']*'|\{[^}]*\}|[^,])+""")
_WITH = re.compile(r"\s*with\s*$")


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
    _check_links(guide, known, complaints)
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
    """Return the name of a guide and the ids of its causes and tasks, without compiling it: what links may name."""
    name = re.search(r"(?m)^guide:[ \t]*[\"']?([A-Za-z0-9_-]+)", text)
    ids = re.findall(r"(?m)^##(?:# Cause| Task):[^\n]*\{#([a-z][a-z0-9-]*)", text)
    return (name.group(1) if name else ""), frozenset(ids)


def _check_links(guide: Guide, known: Mapping[str, Collection[str]] | None, complaints: Complaints) -> None:
    own = {cause.id for problem in guide.problems for cause in problem.causes}
    for problem in guide.problems:
        for cause in problem.causes:
            if cause.link is not None:
                _check_link(cause.link, guide.name, own, known, complaints)
    tasks = {task.id for task in guide.tasks}
    for link in _task_links(guide):
        _check_link(link, guide.name, tasks, known, complaints)


def _task_links(guide: Guide) -> Iterator[TaskLink]:
    causes = [cause for problem in guide.problems for cause in problem.causes]
    lists = [guide.healthy]
    remedies = [*guide.escalate]
    for problem in guide.problems:
        lists += [problem.only_if, problem.read, problem.symptoms, problem.verify, problem.watch]
        remedies += [*problem.reliefs, *problem.escalate]
    for cause in causes:
        lists += [cause.only_if, cause.read, cause.evidence, cause.tries, cause.verify, cause.watch]
        remedies += [*cause.fixes, *cause.reliefs, *cause.undos, *cause.escalate]
    for task in guide.tasks:
        lists += [task.only_if, task.verify]
        remedies += [*task.steps, *task.undos]
    entries = [entry for found in lists for entry in found.items]
    steps = [step.what for remedy in remedies for step in remedy.steps]
    yield from (entry for entry in (*entries, *steps) if isinstance(entry, TaskLink))


def _check_link(
    link: CauseLink | TaskLink,
    name: str,
    own: Collection[str],
    known: Mapping[str, Collection[str]] | None,
    complaints: Complaints,
) -> None:
    noun, wanted = ("cause", link.cause) if isinstance(link, CauseLink) else ("task", link.task)
    if link.guide and link.guide != name:
        if known is None:
            return
        if link.guide not in known:
            complaints.add(
                "guide-unknown-guide",
                f'there is no guide "{link.guide}"',
                link.span,
                word=link.guide,
                hint=hint_for(link.guide, known),
            )
            return
        own = known[link.guide]
    if wanted not in own:
        where = f'the guide "{link.guide}"' if link.guide else "this guide"
        complaints.add(
            "guide-unknown-cause" if noun == "cause" else "guide-unknown-task",
            f'{where} has no {noun} "{wanted}"',
            link.span,
            word=wanted,
            hint=hint_for(wanted, own) or f"a {noun} with that id",
        )


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
    frequency: Frequency = _NO_FREQUENCY
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
        self.ids: set[str] = set()
        self.titles = 0
        scope = Scope(catalogue, _names(front, targets))
        self.guide = _Section("guide", LABELS_OF_GUIDE, scope, Span(1, 1, 1, 1))
        self.here = self.guide
        self.problem: _Section | None = None
        self.sections: list[str] = []
        self.problems: list[Problem] = []
        self.tasks: list[Task] = []

    def run(self, document: Document, *, path: str, trust: Trust, text: str) -> Guide:
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
                label = self.label(block)
                if label is not None:
                    taken = self.labelled(label, block, blocks[at + 1] if at + 1 < len(blocks) else None)
                    if taken == 2 and at + 2 < len(blocks):
                        self.check_apart(label[0], blocks[at + 2])
                    return taken
                self.check_prose(block, blocks[at + 1] if at + 1 < len(blocks) else None)
                self.keep(block.raw)
            case MarkdownList():
                self.check_loose(block)
                self.keep(block.raw)
            case Rest():
                if block.kind == "setext_heading":
                    self.complaints.add(
                        "guide-underlined",
                        "an underlined heading opens nothing",
                        block.span,
                        hint='"# Title", "## Problem {#id}"',
                    )
                self.check_swallowed(block)
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
        self.problem.id = self.identity(found, block.inline)
        self.problem.title = self.title(text[: found.start()], block)
        self.after_id(text, found, block.inline, may_follow=False)
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
        self.here.id = self.identity(whole, block.inline, inside=self.problem.id if self.problem else "")
        self.here.marks = self.marks(found.group("marks"), block.span)
        self.here.frequency = self.frequency(block.inline.text[whole.end() :], block.inline, whole.end())
        self.cause_title(text[: found.start()].strip(), block, offset)

    def cause_title(self, text: str, block: Heading, offset: int) -> None:
        link = next((link for link in block.inline.links if link.start == offset), None)
        if link is None:
            if text.startswith("[") or "](" in text:
                self.complaints.add(
                    "guide-bad-link",
                    "the link to a cause cannot be read",
                    block.span,
                    word=text,
                    hint='"[title](guide#cause)"',
                )
            self.here.title = self.title(text, block)
            return
        self.here.title = link.text
        guide, _, cause = link.destination.partition("#")
        guide = guide.removesuffix(".md").rsplit("/", 1)[-1]
        if not cause or not _ID_FORM.fullmatch(cause):
            self.complaints.add(
                "guide-bad-link",
                f'"{link.destination}" names no cause',
                link.span,
                word=link.destination,
                hint='"guide#cause" or "#cause"',
            )
        bindings: list[tuple[str, Value]] = []
        rest = block.inline.text[link.end :].split("{#")[0]
        codes = [code for code in block.inline.codes if code.start >= link.end]
        between = rest[: codes[0].start - link.end] if codes else rest
        if between.strip() and not (codes and _WITH.match(between)):
            self.complaints.add(
                "guide-bad-link",
                f'"{between.strip()}" stands behind the link',
                block.span,
                word=between.strip(),
                hint='"with `name=value`"',
            )
        for code in codes:
            bindings += self.bindings(code.text, code.span)
        self.here.link = CauseLink(link.text, guide, cause, tuple(bindings), link.span)

    def bindings(self, text: str, span: Span) -> list[tuple[str, Value]]:
        found: list[tuple[str, Value]] = []
        for piece in _BETWEEN_COMMAS.finditer(text):
            name, equals, value = piece.group().partition("=")
            start = span.column + piece.start()
            try:
                if not equals or not NAME.fullmatch(name.strip()):
                    raise Rejected(
                        "guide-bad-link",
                        f'"{piece.group().strip()}" gives no value',
                        Span(span.line, start, span.line, start + len(piece.group())),
                        word=piece.group().strip(),
                        hint='"name=value"',
                    )
                if any(name.strip() == known for known, _ in found):
                    raise Rejected(
                        "guide-twice",
                        f'"{name.strip()}" is given twice',
                        Span(span.line, start, span.line, start + len(name)),
                        word=name.strip(),
                        hint="removing one",
                    )
                given = parse_binding(value, self.here.scope, line=span.line, column=start + len(name) + 1)
                if name.strip() == "self" and not (isinstance(given, Ref) and len(given.names[0]) == 1):
                    raise Rejected(
                        "guide-not-a-target",
                        "self is a target",
                        Span(span.line, start, span.line, start + len(piece.group())),
                        word=value,
                        hint='"self={ROLE}"',
                    )
                found.append((name.strip(), given))
            except Rejected as rejected:
                self.complaints.take(rejected)
        return found

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
        self.here.id = self.identity(whole, block.inline)
        self.here.title = self.title(text[: found.start()], block)
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

    def title(self, text: str, block: Heading) -> str:
        title = text.strip()
        if not title:
            self.complaints.add("guide-no-title", "the heading has no title", block.span, hint="words before the id")
        if "{" in title or "}" in title:
            self.complaints.add(
                "guide-bad-id",
                "a stray brace in the heading",
                block.span,
                word=title,
                hint='one "{#id}" behind the title',
            )
        return title

    def identity(self, found: re.Match[str], inline: Inline, *, inside: str = "") -> str:
        word = found.group("id")
        place = inline.place(*found.span())
        if not _ID_FORM.fullmatch(word):
            self.complaints.add(
                "guide-bad-id",
                f'"{word}" is no id',
                place,
                word=word,
                hint="small letters, digits and -, beginning with a letter",
            )
        if word in self.ids or word == inside:
            self.complaints.add("guide-same-id", f'the id "{word}" stands twice', place, word=word, hint="another one")
        self.ids.add(word)
        return word

    def marks(self, text: str, span: Span) -> tuple[tuple[str, str], ...]:
        found = []
        for part in text.split():
            mark = _MARK.fullmatch(part)
            if mark:
                found.append((mark.group(1), mark.group(2)))
            else:
                self.complaints.add("guide-bad-mark", f'"{part}" is no mark', span, word=part, hint='"key=word"')
        return tuple(found)

    def after_id(self, text: str, found: re.Match[str], inline: Inline, *, may_follow: bool) -> None:
        rest = text[found.end() :].strip()
        if rest and not may_follow:
            self.complaints.add(
                "guide-after-id", f'"{rest}" stands behind the id', inline.place(found.end(), len(text)), word=rest,
                hint="the title before the id; only causes have a frequency",
            )  # fmt: skip

    def frequency(self, text: str, inline: Inline, offset: int) -> Frequency:
        place = inline.place(offset, len(inline.text))
        found = re.fullmatch(r"\s*\((.*)\)\s*", text)
        inner = found.group(1).strip() if found else ""
        word = inner
        number = _PER_MONTH.search(inner)
        if number:
            word = inner[: number.start()].strip(" (,")
            tail = inner[number.end() :].strip(" )")
            word = f"{word} {tail}".strip()
        if not found or (word and word not in FREQUENCIES) or (not word and not number):
            self.complaints.add(
                "guide-frequency", f'"{text.strip()}" is no frequency' if text.strip() else "this cause has no frequency", place,
                word=text.strip(), hint=hint_for(word, FREQUENCIES),
            )  # fmt: skip
            return _NO_FREQUENCY
        per_month = float(number.group("n")) if number else FREQUENCIES[word]
        if not 0 < per_month <= 1000:
            self.complaints.add(
                "guide-frequency",
                f"{per_month:g} a month is no frequency",
                place,
                word=text.strip(),
                hint="above 0, at most 1000",
            )
        return Frequency(per_month, word)

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
        reader = ItemReader(here.scope, self.complaints, label)
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

    # -- prose that reads as if it had lost its label

    def check_prose(self, block: Paragraph, following: Block | None) -> None:
        text = block.inline.text
        lost = re.match(r"#{1,6}[^#\s]", text)
        if lost:
            self.complaints.add(
                "guide-heading",
                "a heading needs a space behind the #",
                block.span,
                word=text[:20],
                hint='"## Title {#id}"',
            )
        bold = _ANY_BOLD.match(text)
        word = bold.group("text").strip() if bold else ""
        near = next((label for label in LABELS if word and (word == label or is_near(word, label))), "")
        is_list = isinstance(following, MarkdownList)
        if near and (text.startswith("**") or is_list):
            self.complaints.add(
                "guide-unknown-label",
                f'"{word}" is no label as it stands',
                block.inline.place(0, len(word) + 4),
                word=word,
                hint=f'"**{near}**"',
            )
        for match in re.finditer(r"(?m)^\*\*(?P<text>[^*\n]+)\*\*", text):
            label = match.group("text").partition(":")[0]
            if match.start() and label in LABELS:
                self.complaints.add(
                    "guide-glued-label",
                    f'"{label}" follows text without a blank line',
                    block.inline.place(*match.span()),
                    word=label,
                    hint="a blank line before it",
                )
        for code in block.inline.codes:
            if starts_like_statement(code.text, self.here.scope):
                self.complaints.add(
                    "guide-loose-check",
                    "a check in prose is never run",
                    code.span,
                    word=code.text,
                    hint="an item under a label, or other words",
                )

    def check_swallowed(self, block: Rest) -> None:
        """Refuse what hides the rest of a guide: a fence or a comment that does not end, a label that is indented."""
        first, _, _ = block.raw.partition("\n")
        fence = re.match(r"\s*(`{3,}|~{3,})", first) if block.kind == "fenced_code_block" else None
        if fence and not re.search(
            rf"(?m)^[\s>]*{fence.group(1)[0]}{{{len(fence.group(1))},}}\s*\Z", block.raw[len(first) :]
        ):
            self.complaints.add(
                "guide-open-fence",
                "the fence does not end, and all below is in it",
                block.span,
                word=fence.group(1),
                hint=f'"{fence.group(1)}" on a line of its own',
            )
        for opening, closings in _CLOSED_BY.items() if block.kind == "html_block" else ():
            if re.match(opening, first, re.I) and not any(closing in block.raw.lower() for closing in closings):
                self.complaints.add(
                    "guide-open-html", "this does not end, and all below is in it", block.span, word=first[:40],
                    hint=f"one of: {listed(closings)}",
                )  # fmt: skip
        if block.kind == "indented_code_block":
            lost = next((word for line in block.raw.split("\n") if (word := self.statement_in(line.strip()))), "")
            if lost:
                self.complaints.add(
                    "guide-indented", f'"{lost}" is indented, which makes it code and not a part of the guide', block.span,
                    word=lost, hint="no indent before labels, headings and lists",
                )  # fmt: skip

    def statement_in(self, line: str) -> str:
        label = _BOLD.match(line)
        if label and label["text"].partition(":")[0] in LABELS:
            return label["text"]
        code = re.search(r"`([^`]+)`", line)
        return code.group(1) if code and starts_like_statement(code.group(1), self.here.scope) else ""

    def check_loose(self, found: MarkdownList) -> None:
        for inline in _inlines(found):
            is_step = re.match(r"\*?By hand:", inline.text)
            codes = [code for code in inline.codes if starts_like_statement(code.text, self.here.scope)]
            if is_step or codes:
                word = codes[0].text if codes else "By hand:"
                self.complaints.add(
                    "guide-loose-check", "this item stands under no label", codes[0].span if codes else inline.span, word=word,
                    hint=f"a label before the list: {listed(self.here.labels)}",
                )  # fmt: skip


def _inlines(found: MarkdownList) -> list[Inline]:
    collected: list[Inline] = []
    stack = [found]
    while stack:
        for item in stack.pop().items:
            if item.inline is not None:
                collected.append(item.inline)
            stack.extend(item.nested)
    return collected


def _names(front: Front, targets: Mapping[str, str]) -> dict[str, Name]:
    names = {name: Name(Meaning.TARGET, kind, is_one=True) for name, kind in targets.items()}
    names |= {need.role: Name(Meaning.TARGET, need.kind) for need in front.needs}
    names |= {param.name: Name(Meaning.PARAM, param=param) for param in front.params}
    names["self"] = Name(Meaning.TARGET, front.target_kind, is_one=True)
    names["dependants"] = Name(Meaning.TARGETS)
    names["onset"] = Name(Meaning.INSTANT)
    return names
