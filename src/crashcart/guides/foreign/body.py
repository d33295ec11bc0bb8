"""What stands directly in a section: statements under labels, and the small problems among them."""

from __future__ import annotations

from crashcart.guides.foreign.collect import Collector, FenceDraft
from crashcart.guides.foreign.drafts import Draft, OptionDraft
from crashcart.guides.foreign.lexicon import Tables
from crashcart.guides.foreign.nouns import Item, Lines, Part, Role
from crashcart.guides.foreign.outline import BRANCH, Element, Section, Sort, lead_of
from crashcart.guides.foreign.rows import Rows
from crashcart.guides.foreign.sayings import (
    ANNOUNCES,
    ARROW,
    ASKED,
    BAD,
    CHECKS_AGAIN,
    CONDITION,
    DASH,
    GOOD,
    LINK_ITEM,
    NEIGHBOURS,
    PERSISTS,
    QUOTED_HEAD,
    REFERS_BACK,
    TELLS_CAUSES,
    TITLE_CHARS,
    condition_of,
    is_bold,
    raises_alarm,
    split_head,
    telling_words,
    told_part,
    without_quotes,
)
from crashcart.guides.foreign.text import plain, title_of, unnumbered
from crashcart.guides.foreign.verdict import LISTED, Around, is_imperative
from crashcart.guides.foreign.wording import asks_how, is_question, is_trouble


class Body:
    """Reads the elements of one section into a problem (or into none)."""

    def __init__(self, out: Collector, tables: Tables, section: Section, owner: Draft | None, around: Around) -> None:
        self.out = out
        self.tables = tables
        self.section = section
        self.owner = owner
        self.around = around
        self.part = around.part
        self.child: Draft | None = None  # the small problem that is open
        self.child_indent = 0
        self.child_part: Part | None = None
        self.in_paragraph = False  # the small problem is a paragraph, and ends with it
        self.item_label: tuple[int, Part] | None = None  # a label in a list item: how deep, and what it announces
        self.in_fence = 0
        self.part_before = around.part
        self.quoted: Element | None = None

    def run(self) -> None:
        elements = self.section.elements
        for at, element in enumerate(elements):
            following = elements[at + 1] if at + 1 < len(elements) else None
            self.take(element, following)

    @property
    def target(self) -> Draft | None:
        return self.child or self.owner

    def take(self, element: Element, following: Element | None) -> None:
        self.enter(element)
        match element.sort:
            case Sort.GAP:
                self.gap()
            case Sort.LABEL:
                self.label(element)
            case Sort.BRANCH:
                self.branch(element)
            case Sort.ACTION:
                self.action(element)
            case Sort.RAW:
                self.raw(element)
            case Sort.REMARK:
                self.out.mark_part(element.line, element.line, Part.NOTE, self.owner)
                self.say(element.text, element.line, None, self.owner, "remark")
            case Sort.QUOTED:
                self.close_child()
                self.quoted = element
                self.out.mark_part(element.line, element.line, Part.SYMPTOM, self.owner)
                self.say(element.text, element.line, Part.MESSAGE, self.owner, "listed")
            case Sort.TABLE:
                self.close_child()
                Rows(self.out, self.tables, self.section, self.owner, self.part).take(element)
            case Sort.FENCE:
                self.fence(element, following)
            case Sort.ITEM | Sort.TEXT:
                self.statement(element, following)

    def enter(self, element: Element) -> None:
        """Note whether the element stands in a fence; labels inside one end with it."""
        inside = element.fence if element.sort is not Sort.FENCE else 0
        if inside != self.in_fence:
            if element.sort is not Sort.GAP or inside < 0:
                self.close_child()
                self.quoted = None
            if self.in_fence > 0 and inside <= 0:
                self.part = self.part_before
            if inside > 0:
                self.part_before = self.part
            self.in_fence = max(inside, 0)
        if (
            self.item_label
            and element.sort is not Sort.GAP
            and element.indent <= self.item_label[0]
            and not self.in_fence
        ):
            self.item_label = None

    def gap(self) -> None:
        if self.in_paragraph and self.child is not None and not self.in_fence:
            self.close_child()
        if self.in_fence:
            self.close_child()
            self.quoted = None

    def close_child(self) -> None:
        self.child = None
        self.child_part = None
        self.in_paragraph = False

    # -- labels

    def label(self, element: Element) -> None:
        if self.names_problem(element):
            self.close_child()
            head, _, rest = DASH.sub("\n", element.text, count=1).partition("\n")
            self.open_child(element, head, rest, "stands in a list of problems")
            return
        part = self.meant(element)
        is_inner = self.child is not None and element.indent > self.child_indent and not self.in_fence
        if not is_inner:
            self.close_child()
        target = self.target
        self.out.mark(element.line, Role.LABEL)
        if is_inner:
            self.child_part = part
        elif element.is_item:
            self.item_label = (element.indent, part)
        elif part not in (Part.SEVERITY, Part.CATEGORY):
            self.part = part
        if (
            part in (Part.FIX, Part.ANSWER)
            and target is not None
            and not (self.around.part is Part.FIX and self.in_fence)
        ):
            self.open_option(target, element)
        if part in (Part.SEVERITY, Part.CATEGORY) and target is not None and element.text:
            self.describe(target, part, plain(element.text))
        elif element.text and not (part is Part.FIX and element.label is not None and element.label.number):
            self.put(element, element.text, part, target)

    def names_problem(self, element: Element) -> bool:
        """Whether "Error: ..." begins an item of a list of problems, rather than saying what one of them shows."""
        is_listed = self.part is Part.PROBLEMS and self.owner is None and element.is_item and not self.in_fence
        return is_listed and element.part in (Part.MESSAGE, Part.PROBLEM) and element.text != "" and element.indent == 0

    def meant(self, element: Element) -> Part:
        """Return what a label announces here: a check behind the fix is its verification."""
        part = element.part or Part.NOTE
        is_check = part is Part.CHECK and element.label is not None and element.label.words in CHECKS_AGAIN
        return (
            Part.VERIFY if is_check and self.target is not None and self.target.options and not self.in_fence else part
        )

    def open_option(self, target: Draft, element: Element) -> None:
        label = element.label
        number = label.number if label else ""
        words = label.words if label else ""
        title = plain(element.text) if number and element.text else (f"{words} {number}" if number else "")
        if target.options and not target.options[-1].items and not target.options[-1].title:
            target.options.pop()
        target.options.append(OptionDraft(title, element.line, element.line))

    def describe(self, target: Draft, part: Part, text: str) -> None:
        if part is Part.SEVERITY:
            target.severity = target.severity or text[:60]
        else:
            target.category = target.category or text[:60]

    # -- statements

    def statement(self, element: Element, following: Element | None) -> None:
        part = element.part or (self.item_label[1] if self.item_label else self.part)
        if self.child is not None and self.belongs_to_child(element):
            self.put(
                element, element.text, self.child_part or (Part.FIX if element.sort is Sort.ITEM else None), self.child
            )
            return
        self.close_child()
        is_listed = self.part is Part.PROBLEMS and self.around.part is Part.PROBLEMS and self.owner is None
        is_told = element.sort is Sort.ITEM or (is_listed and is_bold(element.text))
        if is_told and element.part is None and not self.item_label:
            title = self.problem_title(element, following)
            if title:
                self.open_child(element, *title)
                return
        if part is None and self.owner is not None:
            part = told_part(plain(element.text))
        if part is Part.PROBLEMS:
            part = Part.CAUSE if self.owner is not None and element.sort is Sort.ITEM else Part.CHECK
        self.put(element, element.text, part, self.owner)

    def belongs_to_child(self, element: Element) -> bool:
        if element.indent > self.child_indent or (self.in_paragraph and not is_bold(element.text)):
            return True
        is_branch = self.child_indent < 0
        return (is_branch and element.sort is Sort.ITEM) or (is_branch and bool(self.in_fence))

    def problem_title(self, element: Element, following: Element | None) -> tuple[str, str, str] | None:
        """Return title, the rest of the statement, and the evidence, when an item is a problem of its own."""
        text = element.text
        if LINK_ITEM.match(text) or title_of(text).casefold() in self.out.headings:
            return None  # a table of contents, or an index of other pages
        asked = ASKED.sub("", plain(text))
        if is_question(asked) and asks_how(asked) and not is_trouble(asked, self.tables):
            return None
        if self.part in (
            Part.FIX,
            Part.SYMPTOM,
            Part.VERIFY,
            Part.PREVENTION,
            Part.NOTE,
            Part.EXPECTED,
            Part.ANSWER,
            Part.MESSAGE,
        ):
            return None
        if self.part is Part.CAUSE and not self.in_fence:
            return self.cause_title(element, following)
        if (self.owner is None or self.owner.evidence == [LISTED]) and (told := condition_of(text)):
            return (*told, "condition") if is_trouble(told[0], self.tables) else None
        head, rest = split_head(text, self.tables)
        if not head or is_imperative(head) or len(head) > TITLE_CHARS:
            return None
        has_answer = bool(rest) or (
            following is not None
            and (
                following.sort is Sort.ACTION or (following.indent > element.indent and following.sort is not Sort.GAP)
            )
        )
        is_bare = (
            self.owner is not None and not has_answer and not self.in_fence
        )  # under a problem, a kind of failure is a cause of it
        if self.part is Part.PROBLEMS and not is_bare and (self.in_fence or self.around.part is not Part.PROBLEMS):
            return head, rest, "stands in a list of problems"
        is_wrong = is_trouble(head, self.tables) or bool(QUOTED_HEAD.match(head))
        is_named = is_bold(text) and " " in head.strip()  # "**Version**: 2" names no problem
        if self.part is Part.PROBLEMS and has_answer and self.owner is None and is_named:
            return head, rest, "stands in a list of problems"
        if self.part is Part.PROBLEMS and is_wrong and (has_answer or not self.around.in_problem):
            return head, rest, "stands in a list of problems"
        if self.in_fence and following is not None and following.sort is Sort.ACTION and is_wrong:
            return head, rest, "error text with what to do"
        if rest and is_wrong and ARROW.search(text) and self.part is not Part.CAUSE:
            return head, rest, "trouble and what follows from it"
        return None

    def cause_title(self, element: Element, following: Element | None) -> tuple[str, str, str] | None:
        """Return the title of a cause that brings its own remedy: it can go wrong by itself, and is put right by itself."""
        lead = lead_of(element.text, self.tables)
        if lead is None or lead.label is not None or lead.rest.strip(" :") or following is None:
            return None
        has_remedy = following.sort is Sort.FENCE and following.indent > element.indent
        return (lead.words, "", "a cause with its own remedy") if has_remedy else None

    def open_child(self, element: Element, head: str, rest: str, evidence: str) -> None:
        title = without_quotes(unnumbered(plain(head)).strip(":\uff1a ")) or plain(head)
        draft = Draft(title, element.line, element.line, self.owner, [evidence])
        self.out.drafts.append(draft)
        self.child, self.child_indent, self.child_part = draft, element.indent, None
        self.in_paragraph = element.sort is Sort.TEXT
        self.out.mark(element.line, Role.TITLE)
        label = element.label.words if element.label else ""
        self.say(element.text, element.line, Part.PROBLEM, draft, "listed" if self.in_fence else "text", column=label)
        if rest:
            draft.add(Part.FIX if is_imperative(rest) else None, Item(plain(rest), Lines(element.line, element.line)))

    def put(self, element: Element, text: str, part: Part | None, target: Draft | None) -> None:
        """Add a statement to a problem and note what its line became."""
        words = plain(text)
        if target is not None and words:
            target.add(part, Item(words, Lines(element.line, element.line)))
            if target is self.child:
                target.last = max(target.last, element.line)
        if target is None and LINK_ITEM.match(text):
            self.out.mark(element.line, Role.CONTENTS)
        elif self.out.roles[element.line - 1] is not Role.LABEL:
            self.out.mark_part(element.line, element.line, part, target)
        self.say(
            text,
            element.line,
            part,
            target,
            "listed" if self.in_fence else "text",
            column=element.label.words if element.label else "",
        )

    def say(self, text: str, line: int, part: Part | None, owner: Draft | None, sort: str, *, column: str = "") -> None:
        self.out.say(text, line, part, owner, sort, column=column, section=self.section.title)

    # -- decisions and arrows

    def branch(self, element: Element) -> None:
        self.close_child()
        text = plain(element.text)
        found = BRANCH.match(text)
        title = CONDITION.sub("", (found["if"] if found else text).strip()).rstrip(":\uff1a ")
        if ANNOUNCES.search(title):  # "If you see errors like these:" says nothing of its own
            self.part = self.part if self.part in (Part.FIX, Part.CAUSE) else Part.SYMPTOM
            self.put(element, element.text, Part.SYMPTOM, self.owner)
            return
        if PERSISTS.search(title) or not is_trouble(title, self.tables):
            self.part = self.part if self.part else Part.CHECK
            if self.owner is not None and self.part is Part.FIX:
                self.owner.options.append(OptionDraft(text.rstrip(":"), element.line, element.line))
            self.put(element, element.text, self.part, self.owner)
            return
        if self.owner is None and self.section.line and REFERS_BACK.match(title):
            self.owner = self.section_problem("says what to do when it fails")
            self.part = Part.CAUSE if TELLS_CAUSES.search(text) else Part.FIX
            self.put(element, element.text, Part.SYMPTOM, self.owner)
            return
        known = self.sibling(title)
        self.child = known or Draft(
            title[:1].upper() + title[1:], element.line, element.line, self.owner, ["condition"]
        )
        if known is None:
            self.out.drafts.append(self.child)
        else:
            known.options.append(OptionDraft(text.rstrip(":"), element.line, element.line))
        self.child_indent, self.child_part = -1, Part.FIX
        self.out.mark(element.line, Role.TITLE)
        self.say(element.text, element.line, Part.PROBLEM, self.child, "listed" if self.in_fence else "text")

    def sibling(self, title: str) -> Draft | None:
        """Return the problem beside this one that says the same: at least half of the fewer words are shared."""
        words = telling_words(title)
        for other in self.out.drafts[-NEIGHBOURS:]:
            if self.owner is not None and other.parent is self.owner and other.evidence != ["condition"]:
                theirs = telling_words(other.title)
                if words and theirs and 2 * len(words & theirs) >= min(len(words), len(theirs)):
                    return other
        return None

    def action(self, element: Element) -> None:
        if self.quoted is not None and self.child is None:
            self.judge_quoted(self.quoted, element)
        part = Part.FIX if is_imperative(plain(element.text)) else Part.CAUSE
        if self.child is None:  # what a healthy log line means, or a step behind a command
            part = Part.CHECK if self.part in (None, Part.PROBLEMS) else self.part
        self.put(element, element.text, part, self.target)

    def raw(self, element: Element) -> None:
        """Give a line of no known form to the small problem that is open; it is that branch's remedy."""
        if self.child is not None:
            self.put(element, element.text, self.child_part, self.child)
        else:
            self.out.mark_part(element.line, element.line, self.part, self.owner)
            self.say(element.text, element.line, self.part, self.owner, "raw")

    def judge_quoted(self, quoted: Element, action: Element) -> None:
        """Take a quoted log line with its meaning for a problem when the meaning or the line is bad."""
        self.quoted = None
        meaning = plain(action.text)
        found = QUOTED_HEAD.search(quoted.text)
        text = found["text"] if found else plain(quoted.text)
        is_bad = is_trouble(f"{text} {meaning}", self.tables) or bool(BAD.search(meaning))
        if not is_bad or (GOOD.search(meaning) and not BAD.search(meaning)):
            return
        self.child = Draft(unnumbered(text), quoted.line, action.line, self.owner, ["log text with a bad meaning"])
        self.child_indent = -1
        self.out.drafts.append(self.child)
        self.out.mark(quoted.line, Role.TITLE)

    # -- fences

    def fence(self, element: Element, following: Element | None) -> None:
        is_listing = following is not None and following.fence == element.fence
        inside_child = self.child is not None and (element.indent > self.child_indent >= 0 or self.child_indent < 0)
        if not inside_child:
            self.close_child()
        part = element.part or (self.item_label[1] if self.item_label else self.part)
        if self.target is None and raises_alarm(element.text) and self.alarm():
            part = Part.CHECK  # code that watches a number looks, and helps nobody
        target = self.target
        if self.child is not None:
            part = self.child_part
        self.out.fences.append(FenceDraft(element, part, target, self.section.title, is_listing))
        self.out.mark_part(element.line, element.last, part, target)
        if target is None:
            return
        if self.child is not None:
            target.last = max(target.last, element.last)
        if part in (Part.FIX, Part.ANSWER):
            target.option(element.line).last = element.last
        elif part is None:
            target.loose_fences.append(Lines(element.line, element.last))

    def alarm(self) -> bool:
        """Take a section for a problem whose code watches a number and raises an alarm; say whether it is one now."""
        if not self.section.line:
            return False
        self.owner = self.section_problem("code raises an alarm")
        return True

    def section_problem(self, evidence: str) -> Draft:
        """Take the whole section for a problem after all."""
        draft = Draft(self.section.title, self.section.line, self.out.solid(self.section.last), None, [evidence])
        self.out.drafts.append(draft)
        self.out.mark(self.section.line, Role.TITLE)
        return draft
