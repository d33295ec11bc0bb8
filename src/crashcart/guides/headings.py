"""What stands in a heading: title or link, id, marks, frequency."""

from __future__ import annotations

import re

from crashcart.guides.complaints import Complaints, Rejected
from crashcart.guides.grammar import parse_binding
from crashcart.guides.markdown import Heading, Inline
from crashcart.guides.names import NAME, Scope
from crashcart.guides.words import FREQUENCIES, hint_for
from crashcart.model.guide import CauseLink, Frequency, Ref, Value
from crashcart.model.spans import Span

_ID_FORM = re.compile(r"[a-z][a-z0-9-]*")
_MARK = re.compile(r"([a-z][a-z0-9-]*)=([A-Za-z0-9_.-]+)")
_PER_MONTH = re.compile(r"(?P<n>[0-9]+(?:\.[0-9]+)?) a month")
NO_FREQUENCY = Frequency(1.0, "common")  # stands in where an error was told
_BETWEEN_COMMAS = re.compile(r"""(?:"[^"]*"|'[^']*'|\{[^}]*\}|[^,])+""")
_WITH = re.compile(r"\s*with\s*$")


class Headings:
    """Reads the headings of one document; remembers the ids, which must differ."""

    def __init__(self, complaints: Complaints) -> None:
        self.complaints = complaints
        self.ids: set[str] = set()

    def title(self, text: str, block: Heading) -> str:
        """Return the words of the title."""
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
        """Return the id, and note it: a second one of the same name is an error."""
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
        """Return the `key=word` marks behind an id."""
        found = []
        for part in text.split():
            mark = _MARK.fullmatch(part)
            if mark:
                found.append((mark.group(1), mark.group(2)))
            else:
                self.complaints.add("guide-bad-mark", f'"{part}" is no mark', span, word=part, hint='"key=word"')
        return tuple(found)

    def after_id(self, text: str, found: re.Match[str], inline: Inline) -> None:
        """Refuse words behind the id of a problem."""
        rest = text[found.end() :].strip()
        if rest:
            self.complaints.add(
                "guide-after-id", f'"{rest}" stands behind the id', inline.place(found.end(), len(text)), word=rest,
                hint="the title before the id; only causes have a frequency",
            )  # fmt: skip

    def frequency(self, text: str, inline: Inline, offset: int) -> Frequency:
        """Return how often a cause happens."""
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
            return NO_FREQUENCY
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

    def cause_title(self, text: str, block: Heading, offset: int, scope: Scope) -> tuple[str, CauseLink | None]:
        """Return the title, and the link when the title is one."""
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
            return self.title(text, block), None
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
        behind = block.inline.text[link.end :][: len(rest)][codes[-1].end - link.end :] if codes else ""
        if behind.strip():
            self.complaints.add(
                "guide-bad-link",
                f'"{behind.strip()}" stands behind what the link is given',
                block.span,
                word=behind.strip(),
                hint='"with `name=value, name=value`" and then the id',
            )
        if between.strip() and not (codes and _WITH.match(between)):
            self.complaints.add(
                "guide-bad-link",
                f'"{between.strip()}" stands behind the link',
                block.span,
                word=between.strip(),
                hint='"with `name=value`"',
            )
        for code in codes:
            bindings += self.bindings(code.text, code.span, scope)
        return link.text, CauseLink(link.text, guide, cause, tuple(bindings), link.span)

    def bindings(self, text: str, span: Span, scope: Scope) -> list[tuple[str, Value]]:
        """Return what a link gives to the cause it takes over."""
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
                given = parse_binding(value, scope, line=span.line, column=start + len(name) + 1)
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
