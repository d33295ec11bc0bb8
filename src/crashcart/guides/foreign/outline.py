"""Sections of a foreign document and what stands in them, in order: labels, statements, tables, fences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from crashcart.guides.foreign.lexicon import Tables
from crashcart.guides.foreign.listing import is_listing, listed
from crashcart.guides.foreign.nouns import Lines, Part
from crashcart.guides.foreign.pieces import cells
from crashcart.guides.foreign.scan import Kind, Line
from crashcart.guides.foreign.text import plain, title_of, unnumbered, word_set
from crashcart.guides.foreign.wording import Label, is_trouble, label_of


class Sort(Enum):
    """What an element is."""

    LABEL = "label"
    ITEM = "item"
    TEXT = "text"
    BRANCH = "branch"  # "If the disk is full:"
    ACTION = "action"  # what follows an arrow
    QUOTED = "quoted"  # a line that is nothing but quoted text
    TABLE = "table"
    FENCE = "fence"
    RAW = "raw"  # a line of a fence of statements that is none: a command, an answer
    REMARK = "remark"  # a comment in such a fence
    GAP = "gap"


@dataclass(slots=True)
class Element:
    """One line or block of a section. `part` of a label, or what an admonition makes of what it holds."""

    sort: Sort
    text: str
    line: int
    last: int = 0
    indent: int = 0
    number: int = 0
    part: Part | None = None
    label: Label | None = None
    rows: tuple[tuple[int, tuple[str, ...]], ...] = ()  # line and cells; the head first
    fence: int = 0
    info: str = ""
    is_closed: bool = True
    body_line: int = 0  # where the text of a fence begins
    is_item: bool = False  # a label that stands in a list item: it ends with the item


@dataclass(slots=True)
class Section:
    """A heading, or what serves as one, with all that stands under it."""

    title: str
    raw: str
    level: int
    line: int
    last: int = 0
    is_label: bool = False  # opened by "Problem: ..." or "Q: ..." in the text
    is_fold: bool = False
    is_message: bool = False  # its title is what the system shows
    elements: list[Element] = field(default_factory=list)
    children: list[Section] = field(default_factory=list)


_LOUD = word_set("danger failure error bug warning caution question faq fail")  # admonitions that may be of problems
_BUGS = word_set("failure error bug fail")  # and such that are, whatever their titles say
_NAMES_ALERT = word_set("alert alarm alerta alerte alarme 告警 报警 アラート アラート名 оповещение алерт") | {
    "alert name"
}
MAX_FOLDS = 8  # folds in folds; deeper ones stand beside each other
BOLD_LEVEL = 7  # below every heading
LABEL_LEVEL = 8
_BOLD_LINE = re.compile(r"(\*\*|__)(?P<words>[^*\n]{2,160})\1\s*[:\uff1a]?\s*$")
_LEAD = re.compile(
    r"(?:\*\*|__)(?P<lead>[^*\n]{1,120}?)\s*[:\uff1a]?\s*(?:\*\*|__)\s*(?P<colon>[:\uff1a–—-])?\s*(?P<rest>.*)$"
)
_ITALIC_LEAD = re.compile(r"\*(?P<lead>[^*\n]{1,60}?)\s*:?\s*\*\s*(?P<colon>:)?\s*(?P<rest>.*)$")
_PLAIN_LEAD = re.compile(r"(?P<lead>[^:\uff1a\n`\"“]{1,60}?)\s*(?::(?:\s+(?P<rest>.*)|)|\uff1a\s*(?P<wide>.*))$")
_TIGHT_LEAD = re.compile(r"(?P<lead>[^\x00-\x7f]{1,12})[:\uff1a]\s*(?P<rest>.*)$")
_QUESTION = re.compile(
    r"(?:\*\*)?\s*(?:Q|Question|Frage|问|問)\s*\d{0,3}\s*[:.:)]\s*(?:\*\*)?\s*(?P<rest>.+?)(?:\*\*)?\s*$", re.IGNORECASE
)
_ANSWER = re.compile(r"(?:\*\*)?\s*(?:A|Answer|Antwort|答)\s*\d{0,3}\s*[:.:)]\s*(?:\*\*)?\s*(?P<rest>.*)$")
BRANCH = re.compile(
    r"(?P<if>(?:if|when|in case|wenn|falls|si|cuando|se|quando|если|когда)\b\s.{2,160}|(?:如果|若|当).{2,100}|.{2,100}(?:の場合|場合は))\s*[:\uff1a]\s*$",
    re.IGNORECASE,
)
# More than a condition: a sentence ends before the colon.
_SENTENCES = re.compile(r"\w{2}[.!?]\s+\S|[。！？]")


def outline(lines: Sequence[Line], tables: Tables) -> Section:
    """Return the root section of a document."""
    return _Builder(lines, tables).run()


@dataclass(slots=True)
class Lead:
    """A statement's bold or labelled beginning and the rest of it."""

    words: str
    rest: str
    label: Label | None


def lead_of(text: str, tables: Tables) -> Lead | None:
    """Return the lead of a statement: bold words, or a known label before a colon."""
    bare = unnumbered(text) if not text.startswith(("*", "_")) else text
    found = _LEAD.match(bare) or _ITALIC_LEAD.match(bare)
    if found:
        label = label_of(found["lead"], tables)
        if label is not None and label.rest:  # "**Fix: restart**"
            joint = " – " if found["colon"] in ("–", "—", "-") and found["rest"] else " "
            return Lead(label.words, f"{_marked(found['lead'], label.rest)}{joint}{found['rest']}".strip(), label)
        return Lead(plain(found["lead"]), found["rest"].strip(), label)
    found = _PLAIN_LEAD.match(bare) or _TIGHT_LEAD.match(bare)
    if found:
        label = label_of(found["lead"], tables)
        is_level = found["lead"].isupper() and found["lead"].isascii()  # "ERROR: no disk" is what a program says
        if label is not None and not label.rest and not (is_level and label.part in (Part.MESSAGE, Part.NOTE)):
            return Lead(plain(found["lead"]), (found["rest"] or found.groupdict().get("wide") or "").strip(), label)
    return None


def _marked(lead: str, rest: str) -> str:
    """Return what stands behind a label with its marks of code, which tell what a system shows; without, if in doubt."""
    _, _, marked = lead.partition(":")
    return marked.strip() if plain(marked) == rest else rest


class _Builder:
    def __init__(self, lines: Sequence[Line], tables: Tables) -> None:
        self.lines = lines
        self.tables = tables
        self.root = Section("", "", 0, 0)
        self.stack = [self.root]
        self.note: tuple[str, Part] | None = None  # the admonition that is open, by how it ends
        self.boxes: list[tuple[str, Section]] = []  # admonitions that are problems, by how they end

    def run(self) -> Section:
        at = 0
        while at < len(self.lines):
            at = self.take(at)
        self.root.last = len(self.lines)
        while len(self.stack) > 1:
            self.stack.pop().last = len(self.lines)
        return self.root

    @property
    def here(self) -> Section:
        return self.stack[-1]

    def open(self, line: Line, raw: str, level: int, *, is_label: bool = False, is_fold: bool = False) -> None:
        while len(self.stack) > 1 and self.here.level >= level:
            self.stack.pop().last = line.no - 1
        section = Section(title_of(raw), raw, level, line.no, is_label=is_label, is_fold=is_fold)
        self.here.children.append(section)
        self.stack.append(section)

    def add(self, sort: Sort, line: Line, text: str, **more: object) -> Element:
        element = Element(sort, text, line.no, line.no, indent=line.indent, number=line.number)
        for name, value in more.items():
            setattr(element, name, value)
        if element.part is None and self.note is not None:
            element.part = self.note[1]
        self.here.elements.append(element)
        return element

    def take(self, at: int) -> int:
        line = self.lines[at]
        self.end_note(line)
        match line.kind:
            case Kind.HEADING:
                self.open(line, line.text, line.level)
            case Kind.SUMMARY:
                self.fold(line)
            case Kind.CLOSE:
                self.close(line)
            case Kind.ADMONITION:
                self.admonition(line)
            case Kind.HEAD:
                return self.table(at)
            case Kind.FENCE | Kind.BODY:
                return self.fence(at)
            case Kind.ITEM:
                self.statement(line, Sort.ITEM)
            case Kind.TEXT | Kind.ROW | Kind.DELIMITER:
                self.text(at)
            case Kind.BLANK:
                self.add(Sort.GAP, line, "")
            case _:
                pass
        return at + 1

    # -- things that open and close

    def fold(self, line: Line) -> None:
        label = label_of(line.text, self.tables) if line.text else None
        base = next((s.level for s in reversed(self.stack) if not s.is_fold), 0)
        if label is not None and label.part not in (Part.PROBLEM, Part.MESSAGE, Part.PROBLEMS):
            self.add(Sort.LABEL, line, label.rest, label=label, part=label.part)
        elif line.text:
            depth = sum(1 for section in self.stack if section.is_fold)
            self.open(line, line.text, base + 1 + min(depth, MAX_FOLDS), is_fold=True)
            if line.info != "details" and self.raw_is_bang(line):
                self.boxes.append(("indent", self.here))

    def close(self, line: Line) -> None:
        self.note = None
        fold = next((no for no in range(len(self.stack) - 1, 0, -1) if self.stack[no].is_fold), 0)
        if fold and line.info in ("details", "expand", "collapse", "accordion", "note", "question", "faq"):
            while len(self.stack) > fold:
                self.stack.pop().last = line.no

    def admonition(self, line: Line) -> None:
        label = label_of(line.text, self.tables) if line.text else None
        part = label.part if label else Part.NOTE
        ends = "quote" if line.depth else ("indent" if self.raw_is_bang(line) else "close")
        title = self.boxed(line, label)
        if title:
            self.fold(replace(line, text=title, info="details"))
            self.here.is_label = line.info in _BUGS
            self.boxes.append((ends, self.here))
            return
        if label is not None and label.part is Part.PROBLEMS:
            return  # "Troubleshooting" over a box: what stands in it is no aside
        self.note = (ends, part)
        if label is not None and part is not Part.NOTE:
            self.add(Sort.LABEL, line, label.rest, label=label, part=part)
        elif line.text:
            self.add(Sort.TEXT, line, line.text, part=part)

    def boxed(self, line: Line, label: Label | None) -> str:
        """Return the title of a problem that has a box of its own (`::: danger Cannot open the file`), else ""."""
        if label is not None and label.part in (Part.PROBLEMS, Part.PROBLEM, Part.MESSAGE):
            return label.rest
        is_loud = label is None and (line.info in _BUGS or (line.info in _LOUD and is_trouble(line.text, self.tables)))
        return line.text if is_loud else ""

    def raw_is_bang(self, line: Line) -> bool:
        following = next((other for other in self.lines[line.no : line.no + 3] if other.kind is not Kind.BLANK), None)
        return following is not None and following.indent >= 2

    def end_note(self, line: Line) -> None:
        if line.kind is Kind.BLANK:
            return
        if self.boxes and self.is_over(self.boxes[-1][0], line):
            _, section = self.boxes.pop()
            if section in self.stack and line.kind is not Kind.HEADING:
                while self.here is not section:
                    self.stack.pop().last = line.no - 1
                self.stack.pop().last = line.no - 1
        if self.note is not None and self.is_over(self.note[0], line):
            self.note = None

    def is_over(self, ends: str, line: Line) -> bool:
        """Whether a line stands behind a note or box that ends so."""
        is_behind = (ends == "quote" and not line.depth) or (
            ends == "indent" and line.indent == 0 and line.kind is not Kind.BODY
        )
        return is_behind or line.kind is Kind.HEADING

    # -- statements

    def text(self, at: int) -> None:
        line = self.lines[at]
        if found := _QUESTION.match(line.text):
            self.open(line, found["rest"], LABEL_LEVEL, is_label=True)
            return
        if self.here.is_label and (found := _ANSWER.match(line.text)):
            label = Label(Part.ANSWER, "answer", found["rest"])
            self.add(Sort.LABEL, line, found["rest"], label=label, part=Part.ANSWER)
            return
        bold = _BOLD_LINE.match(line.text)
        if bold and self.stands_apart(at) and lead_is_title(bold["words"], self.tables):
            self.open(line, bold["words"], BOLD_LEVEL)
            return
        self.statement(line, Sort.TEXT)

    def stands_apart(self, at: int) -> bool:
        before = self.lines[at - 1].kind if at else Kind.BLANK
        return before in (Kind.BLANK, Kind.HEADING, Kind.MARKUP, Kind.FENCE, Kind.SUMMARY) and not self.lines[at].indent

    def statement(self, line: Line, sort: Sort) -> None:
        lead = lead_of(line.text, self.tables)
        label = lead.label if lead else None
        if lead and label and self.note is None:
            if label.words in _NAMES_ALERT and lead.rest and self.in_named(lead.rest):
                self.add(Sort.LABEL, line, lead.rest, label=label, part=Part.MESSAGE, is_item=sort is Sort.ITEM)
                return
            if label.part is Part.PROBLEM and lead.rest and line.indent == 0:
                self.open(line, lead.rest, LABEL_LEVEL, is_label=True)
                return
            self.add(Sort.LABEL, line, lead.rest, label=label, part=label.part, is_item=sort is Sort.ITEM)
            return
        words = plain(line.text)
        if BRANCH.match(words) and not (sort is Sort.ITEM and line.number) and not _SENTENCES.search(words):
            self.add(Sort.BRANCH, line, line.text)
            return
        self.add(sort, line, line.text)

    def in_named(self, name: str) -> bool:
        """Whether an alert's name stands under a heading that names the trouble already."""
        is_word = " " not in plain(name)
        return is_word and any(
            0 < open_.level < BOLD_LEVEL and is_trouble(open_.title, self.tables) for open_ in self.stack
        )

    # -- blocks

    def table(self, at: int) -> int:
        head = self.lines[at]
        rows: list[tuple[int, tuple[str, ...]]] = [(head.no, cells(head.text))]
        at += 1
        while at < len(self.lines) and self.lines[at].kind in (Kind.DELIMITER, Kind.ROW):
            if self.lines[at].kind is Kind.ROW:
                rows.append((self.lines[at].no, cells(self.lines[at].text)))
            at += 1
        self.add(Sort.TABLE, head, "", rows=tuple(rows), last=self.lines[at - 1].no)
        return at

    def fence(self, at: int) -> int:
        start = self.lines[at]
        end = at + 1
        while end < len(self.lines) and self.lines[end].fence == start.fence:
            end += 1
        block = self.lines[at:end]
        body = [line for line in block if line.kind is Kind.BODY]
        is_closed = start.kind is Kind.BODY or block[-1].text == "closed"
        fence = self.add(Sort.FENCE, start, "\n".join(line.text for line in body), fence=start.fence, info=start.info)
        fence.last, fence.is_closed = block[-1].no, is_closed
        fence.body_line = body[0].no if body else start.no
        if is_listing(body, start.info):
            for line, sort, text, part, label in listed(body, self.tables):
                self.add(Sort(sort), line, text, part=part, label=label, fence=start.fence)
            self.add(Sort.GAP, block[-1], "", fence=-1)
        return end


def lead_is_title(words: str, tables: Tables) -> bool:
    """Whether bold words that stand alone are a heading and not a label."""
    label = label_of(words, tables)
    return label is None or (label.part in (Part.PROBLEM, Part.MESSAGE) and bool(label.rest))


def span(section: Section) -> Lines:
    """Return the lines of a section."""
    return Lines(max(section.line, 1), max(section.last, section.line, 1))
