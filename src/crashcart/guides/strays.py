"""What reads as if it had lost its label, its level or its end: it would never run, so it is an error."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crashcart.guides.complaints import Complaints
from crashcart.guides.grammar import starts_like_statement
from crashcart.guides.markdown import Block, Inline, MarkdownList, Paragraph, Rest
from crashcart.guides.names import Scope
from crashcart.guides.words import LABELS, is_near, listed

_BOLD = re.compile(r"\*\*(?P<text>[^*\n]+)\*\*")
_ANY_BOLD = re.compile(r"\*{1,3} ?(?P<text>[^\W\d_](?:[^\W\d_]| (?! ))*) ?(?::[^*\n]*)?\*{0,3}(?=\s|$|:)")
_STEP = re.compile(r"(?m)^ *(?:[-+]|\d{1,3}[.)]*|[.)]+) *\*?By hand:")
_CLOSED_BY = {
    r"\s*<!--": ("-->",),
    r"\s*<\?": ("?>",),
    r"\s*<!\[CDATA\[": ("]]>",),
    r"\s*<![a-z]": (">",),
    r"\s*<(?:pre|script|style|textarea)\b": ("</pre>", "</script>", "</style>", "</textarea>"),
}


class Strays:
    """Looks through the prose of one document."""

    def __init__(self, complaints: Complaints) -> None:
        self.complaints = complaints

    def check_steps(self, block: Paragraph) -> None:
        """Refuse a step whose mark of a list is not one: it would be prose, and the others go on without it."""
        for found in _STEP.finditer(block.inline.text):
            self.complaints.add(
                "guide-loose-check",
                "this step is no item of a list",
                block.inline.place(*found.span()),
                word=found.group().strip(),
                hint='"1. By hand: ..." after a line of its own for the label',
            )

    def check_prose(self, scope: Scope, block: Paragraph, following: Block | None) -> None:
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
            if starts_like_statement(code.text, scope):
                self.complaints.add(
                    "guide-loose-check",
                    "a check in prose is never run",
                    code.span,
                    word=code.text,
                    hint="an item under a label, or other words",
                )

    def check_swallowed(self, scope: Scope, block: Rest) -> None:
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
            lost = next(
                (word for line in block.raw.split("\n") if (word := self.statement_in(scope, line.strip()))), ""
            )
            if lost:
                self.complaints.add(
                    "guide-indented", f'"{lost}" is indented, which makes it code and not a part of the guide', block.span,
                    word=lost, hint="no indent before labels, headings and lists",
                )  # fmt: skip

    def statement_in(self, scope: Scope, line: str) -> str:
        label = _BOLD.match(line)
        if label and label["text"].partition(":")[0] in LABELS:
            return label["text"]
        code = re.search(r"`([^`]+)`", line)
        return code.group(1) if code and starts_like_statement(code.group(1), scope) else ""

    def check_loose(self, scope: Scope, labels: Sequence[str], found: MarkdownList) -> None:
        for inline in _inlines(found):
            is_step = re.match(r"\*?By hand:", inline.text)
            codes = [code for code in inline.codes if starts_like_statement(code.text, scope)]
            if is_step or codes:
                word = codes[0].text if codes else "By hand:"
                self.complaints.add(
                    "guide-loose-check", "this item stands under no label", codes[0].span if codes else inline.span, word=word,
                    hint=f"a label before the list: {listed(labels)}",
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
