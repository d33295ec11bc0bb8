"""The items of one labelled list: checks with their likelihoods, steps with their guards."""

from __future__ import annotations

import re
from dataclasses import replace

from crashcart.guides.complaints import Complaints, Rejected
from crashcart.guides.grammar import parse_action, parse_check, parse_duration, starts_like_statement
from crashcart.guides.markdown import Code, Inline, ListItem, MarkdownList
from crashcart.guides.names import Meaning, Name, Scope, captures_in
from crashcart.guides.words import GUARDS, LABELS, LIKELIHOODS, SHIFT_ELSE, hint_for, is_near, nearest
from crashcart.model.guide import Action, ByHand, Check, FieldClaim, Item, Likelihood, Number, Step, TaskLink, Text
from crashcart.model.spans import Span

_BY_HAND = re.compile(r"\*?By hand:\*?(?P<more>:)?\s*")
_LEAD = re.compile(r"(?P<lead>[^`:\n]{1,60}?)\s*:(?=\s|$)\s*")
_WORD_AND_NUMBER = re.compile(r"(?P<word>[A-Za-z]+(?: [A-Za-z]+)?)?\s*(?P<n>[0-9]*\.?[0-9]+)?")
_GLUED_LABEL = re.compile(r"(?m)^[ \t]*\*\*(?P<label>[A-Za-z ]+)(?::[^*\n]*)?\*\*")
_WEIGHED = ("Symptoms", "Evidence")  # the lists whose items have a likelihood


class ItemReader:
    """Reads the lists under one label; `scope` grows by what their items capture."""

    def __init__(self, scope: Scope, complaints: Complaints, label: str, *, is_draft: bool = False) -> None:
        self.scope = scope
        self.complaints = complaints
        self.label = label
        self.is_draft = is_draft

    # -- lists of checks

    def checks(self, found: MarkdownList) -> tuple[Item | ByHand | TaskLink, ...]:
        """Return the items of a list of checks; what is wrong goes to the complaints."""
        items: list[Item | ByHand | TaskLink] = []
        for entry in found.items:
            try:
                items.append(self.entry(entry))
            except Rejected as rejected:
                self.complaints.take(rejected)
        return tuple(items)

    def entry(self, entry: ListItem) -> Item | ByHand | TaskLink:
        inline = self.inline_of(entry)
        if entry.nested or entry.others:
            place = entry.nested[0].span if entry.nested else entry.others[0].span
            raise Rejected(
                "guide-nested", f"something is nested in an item of {self.label}", place, hint="an item of its own"
            )
        plain = self.plain(inline)
        return plain if plain is not None else self.item(inline)

    def inline_of(self, entry: ListItem) -> Inline:
        if entry.inline is None:
            raise Rejected("guide-empty-item", "an empty item", entry.span, hint="removing it")
        glued = _GLUED_LABEL.search(entry.inline.text)
        label = glued.group("label") if glued else ""
        if glued and any(label == known or is_near(label, known) for known in LABELS):
            raise Rejected(
                "guide-glued-label", f'"{label}" follows an item without a blank line',
                entry.inline.place(*glued.span()), word=label, hint="a blank line before it",
            )  # fmt: skip
        return entry.inline

    def plain(self, inline: Inline) -> ByHand | TaskLink | None:
        """Return what a person does, or a link to a task; None when the item is neither."""
        hand = _BY_HAND.match(inline.text)
        if hand:
            if hand["more"]:
                raise Rejected(
                    "guide-glued",
                    'a second colon behind "By hand"',
                    inline.place(0, hand.end()),
                    word=":",
                    hint='"By hand:"',
                )
            if not self.is_draft:  # a stranger's words may look like a statement of ours, and are words all the same
                self.check_hand(inline)
            return ByHand(inline.text[hand.end() :].strip(), inline.span)
        if inline.links and not inline.codes and inline.links[0].start == 0:
            link = inline.links[0]
            guide, hash_, task = link.destination.partition("#")
            if not task or not hash_:
                raise Rejected(
                    "guide-bad-link",
                    f'"{link.destination}" names no task',
                    link.span,
                    word=link.destination,
                    hint='"guide#task" or "#task"',
                )
            after = inline.text[link.end :].strip()
            return TaskLink(link.text, guide.removesuffix(".md").rsplit("/", 1)[-1], task, inline.span, after)
        return None

    def check_hand(self, inline: Inline) -> None:
        """Refuse a statement in words for a person: the next item lost its number, and was taken into this one."""
        for code in inline.codes:
            if starts_like_statement(code.text, self.scope):
                raise Rejected(
                    "guide-loose-check", "a check or an action in words for a person is never run", code.span,
                    word=code.text, hint="an item of its own",
                )  # fmt: skip

    def item(self, inline: Inline, *, prefix: str = "") -> Item:
        code = self.one_code(inline, "check")
        before = inline.text[: code.start]
        rest, start = before.removeprefix(prefix), len(prefix)
        every, rest, start = self.every(rest, start, inline)
        severity, likelihood, otherwise = "", None, None
        lead = _LEAD.match(rest)
        if lead and self.label == "Healthy":
            severity, rest = self.severity(rest, lead, start, inline)
        elif lead:
            likelihood, otherwise, rest = self.likelihood(rest, lead, start, inline)
        self.check_colon(before.removeprefix(prefix), rest, inline, len(prefix))
        check = self.check(code, inline)
        self.check_fits(check, every, likelihood, code, inline.place(len(prefix), code.start))
        self.bind_captures(check)
        return Item(
            check, rest.strip(), inline.text[code.end :].strip(), likelihood, otherwise, every, severity, inline.span
        )

    def check_colon(self, whole: str, rest: str, inline: Inline, start: int) -> None:
        """Refuse a leading word that lost its colon, or has two: as prose it would change the meaning silently."""
        if rest.startswith(":"):
            place = inline.place(start, start + len(whole))
            raise Rejected("guide-glued", "a second colon", place, word=":", hint="one colon")
        if rest != whole:
            return
        words = rest.replace(",", " ,").split()
        weighed = tuple(LIKELIHOODS) if self.label in _WEIGHED else ()
        leading = {"Healthy": ("warn", "fail"), "Watch": ("every",)}.get(self.label, weighed)
        if words and words[0].rstrip(":").lower() in leading:
            raise Rejected(
                "guide-likelihood", f'"{words[0]}" is not followed by one colon', inline.place(start, start + len(words[0])),
                word=words[0], hint=f'"{words[0].rstrip(":")}:", or another first word',
            )  # fmt: skip

    def one_code(self, inline: Inline, what: str) -> Code:
        if not inline.codes:
            raise Rejected(
                "guide-no-code", f"no {what} in this item of {self.label}", inline.span, word=inline.text[:40],
                hint=f'one {what} in backticks, or "By hand: ..."',
            )  # fmt: skip
        if len(inline.codes) > 1:
            raise Rejected(
                "guide-two-codes", f"{len(inline.codes)} code spans in one item", inline.codes[1].span, word=inline.codes[1].text,
                hint="an item for each",
            )  # fmt: skip
        return inline.codes[0]

    def check(self, code: Code, inline: Inline) -> Check:
        try:
            check = parse_check(code.text, self.scope, line=code.span.line, column=code.span.column)
        except Rejected as rejected:
            raise placed(rejected, code, inline) from rejected
        return replace(check, span=code.span)

    def action(self, code: Code, inline: Inline, *, is_undo: bool = False) -> Action:
        scope = self.scope.plus({"old": Name(Meaning.CAPTURE)}) if is_undo or self.label == "Undo" else self.scope
        try:
            action = parse_action(code.text, scope, line=code.span.line, column=code.span.column)
        except Rejected as rejected:
            raise placed(rejected, code, inline) from rejected
        return replace(action, span=code.span)

    def every(self, rest: str, start: int, inline: Inline) -> tuple[Number | None, str, int]:
        lead = _LEAD.match(rest)
        words = lead.group("lead").split(maxsplit=1) if lead else []
        if (
            not lead
            or len(words) != 2
            or not (words[0] == "every" or is_near(words[0], "every"))
            or not words[1][0].isdigit()
        ):
            return None, rest, start
        place = inline.place(start, start + lead.end("lead"))
        if words[0] != "every":
            raise Rejected("guide-likelihood", f'"{words[0]}" is not known here', place, word=words[0], hint='"every"')
        every = parse_duration(words[1], line=place.line, column=place.column + lead.group("lead").index(words[1], 5))
        return every, rest[lead.end() :], start + lead.end()

    def severity(self, rest: str, lead: re.Match[str], start: int, inline: Inline) -> tuple[str, str]:
        word = lead.group("lead").strip()
        if word in ("warn", "fail"):
            return word, rest[lead.end() :]
        if len(word.split()) == 1:
            raise Rejected(
                "guide-severity", f'"{word}" does not say how bad it is', inline.place(start, start + len(word)), word=word,
                hint=hint_for(word, ("warn", "fail")),
            )  # fmt: skip
        return "", rest

    def likelihood(
        self, rest: str, lead: re.Match[str], start: int, inline: Inline
    ) -> tuple[Likelihood | None, Likelihood | None, str]:
        text = lead.group("lead").strip()
        place = inline.place(start, start + len(text))
        parts = [part.strip() for part in text.split(",")]
        if not self.reads_as_likelihood(parts):
            return None, None, rest
        first = self.one_likelihood(parts[0], part(place, text, parts[0]))
        otherwise = self.otherwise(parts, part(place, text, ",".join(text.split(",")[1:]).strip()))
        if self.label not in _WEIGHED:
            raise Rejected(
                "guide-likelihood", f'"{text}" weighs nothing under {self.label}', place, word=text, hint="removing it"
            )
        self.check_order(first, otherwise, place)
        return first, otherwise, rest[lead.end() :]

    def reads_as_likelihood(self, parts: list[str]) -> bool:
        head = parts[0]
        return (
            len(head.split()) <= 1
            or head.split()[0].lower() in LIKELIHOODS
            or bool(nearest(head.replace(" ", ""), LIKELIHOODS))
            or (len(parts) > 1 and parts[1].split()[:1] == ["else"])
        )

    def otherwise(self, parts: list[str], place: Span) -> Likelihood | None:
        if len(parts) == 1:
            return None
        words = parts[1].split(maxsplit=1)
        if len(parts) > 2 or len(words) != 2 or words[0] != "else":
            raise Rejected(
                "guide-likelihood", f'"{", ".join(parts[1:])}" does not say how likely it is otherwise', place,
                word=parts[1] or ",",
                hint='"always, else sometimes:"',
            )  # fmt: skip
        return self.one_likelihood(words[1], part(place, parts[1], words[1]))

    def one_likelihood(self, text: str, place: Span) -> Likelihood:
        found = _WORD_AND_NUMBER.fullmatch(text)
        word = (found.group("word") or "") if found else text
        number = found.group("n") if found else None
        if not found or (word and word not in LIKELIHOODS) or not (word or number):
            raise Rejected(
                "guide-likelihood", f'"{text}" is no likelihood', place, word=text, hint=hint_for(word, LIKELIHOODS)
            )
        p = float(number) if number else LIKELIHOODS[word]
        if not 0 < p < 1:
            raise Rejected(
                "guide-likelihood", f"{p:g} is no likelihood", place, word=text, hint="a number above 0 and below 1"
            )
        return Likelihood(p, word)

    def check_order(self, first: Likelihood, otherwise: Likelihood | None, place: Span) -> None:
        is_shift = first.word in ("rarely", "never")
        other = otherwise.p if otherwise else LIKELIHOODS[SHIFT_ELSE]
        if is_shift and first.p >= other:
            raise Rejected(
                "guide-likelihood-order",
                f'"{first.word}" is not below what it is otherwise',
                place,
                word=first.word,
                hint="a smaller first word",
            )
        if not is_shift and otherwise is not None and first.p <= otherwise.p:
            raise Rejected(
                "guide-likelihood-order", "as likely without the cause as with it: this says nothing for the cause", place,
                word=f"{first.word or first.p}", hint="a larger first word, or a list under Only if",
            )  # fmt: skip

    def check_fits(
        self, check: Check, every: Number | None, likelihood: Likelihood | None, code: Code, before: Span
    ) -> None:
        if self.label == "Watch" and every is None:
            raise Rejected(
                "guide-watch",
                "a watch does not say how often it looks",
                code.span,
                word=code.text,
                hint='"every 1 d: ..."',
            )
        if self.label != "Watch" and every is not None:
            raise Rejected(
                "guide-watch",
                f'"every" belongs to a Watch, not to {self.label}',
                before,
                word="every",
                hint="removing it",
            )
        if check.within is not None and self.label not in ("Verify", "Healthy", "Watch"):
            raise Rejected(
                "guide-within",
                f'"within" waits, and {self.label} does not',
                part(code.span, code.text, "within"),
                word="within",
                hint='"over" looks back',
            )
        if not check.claims and self.label != "Read":
            raise Rejected(
                "guide-no-claim",
                f"nothing is claimed under {self.label}",
                code.span,
                word=code.text,
                hint='"=> ..." and a claim',
            )
        if self.label == "Read" and not check.capture:
            raise Rejected(
                "guide-read", "what is read has no name", code.span, word=code.text, hint='"as x" at the end'
            )

    def bind_captures(self, check: Check) -> None:
        names: dict[str, Name] = {}
        texts = [arg.value.value for arg in check.look.args if isinstance(arg.value, Text)]
        texts += [
            claim.value.value
            for claim in check.claims
            if isinstance(claim, FieldClaim) and isinstance(claim.value, Text)
        ]
        for text in texts:
            for name in captures_in(text):
                names[name] = Name(Meaning.CAPTURE)
        if check.capture:
            names[check.capture] = Name(Meaning.CAPTURE, has_fields=True)
        # A capture never hides a target or a parameter: the same braces would mean two things.
        self.scope = self.scope.plus({name: known for name, known in names.items() if name not in self.scope.names})

    # -- steps

    def steps(self, found: MarkdownList) -> tuple[Step, ...]:
        """Return the steps of a remedy; what is wrong goes to the complaints."""
        if not found.is_ordered and self.label != "Escalate":
            self.complaints.add(
                "guide-loose-guard",
                f"a bullet stands where a step of {self.label} belongs",
                found.span,
                hint='"1. ..."; guards are nested in their step',
            )
        steps: list[Step] = []
        for entry in found.items:
            try:
                steps.append(self.step(entry))
            except Rejected as rejected:
                self.complaints.take(rejected)
        return tuple(steps)

    def step(self, entry: ListItem) -> Step:
        inline = self.inline_of(entry)
        only_if, verify, undo = self.guards(entry)
        plain = self.plain(inline)
        if plain is not None:
            return Step(plain, only_if=only_if, verify=verify, undo=undo, span=inline.span)
        action = self.action(code := self.one_code(inline, "action"), inline)
        return Step(
            action,
            inline.text[: code.start].strip(),
            inline.text[code.end :].strip(),
            only_if,
            verify,
            undo,
            inline.span,
        )

    def guards(self, entry: ListItem) -> tuple[tuple[Item, ...], tuple[Item, ...], tuple[Action | ByHand, ...]]:
        if entry.others:
            raise Rejected(
                "guide-nested", "text is nested in a step", entry.others[0].span, hint='"only if", "verify" or "undo"'
            )
        only_if: list[Item] = []
        verify: list[Item] = []
        undo: list[Action | ByHand] = []
        for nested in entry.nested:
            for guard in nested.items:
                inline = self.inline_of(guard)
                word = self.guard_word(inline)
                if guard.nested or guard.others:
                    raise Rejected(
                        "guide-nested", "something is nested in a guard", guard.span, hint="a guard of its own"
                    )
                if word == "undo":
                    undo.append(self.undo(inline))
                else:
                    # "verify:" reads as well as "verify"; a second colon is refused with the item.
                    prefix = word + ":" * inline.text.startswith(f"{word}:")
                    (only_if if word == "only if" else verify).append(self.item(inline, prefix=prefix))
        return tuple(only_if), tuple(verify), tuple(undo)

    def guard_word(self, inline: Inline) -> str:
        word = next((known for known in GUARDS if re.match(rf"{known}\b", inline.text)), "")
        if not word:
            head = " ".join(inline.text.split()[:2])
            raise Rejected(
                "guide-guard", f'"{head}" begins no guard', inline.place(0, len(head)), word=head,
                hint=hint_for(nearest(head, GUARDS) or nearest(head.split()[0] if head else "", GUARDS), GUARDS),
            )  # fmt: skip
        return word

    def undo(self, inline: Inline) -> Action | ByHand:
        rest = inline.text.removeprefix("undo").removeprefix(":").lstrip()
        if rest.startswith(":"):
            raise Rejected(
                "guide-glued", "a second colon", inline.place(0, len("undo::")), word=":", hint='"undo", or "undo:"'
            )
        if _BY_HAND.match(rest):
            return ByHand(_BY_HAND.sub("", rest, count=1).strip(), inline.span)
        return self.action(self.one_code(inline, "action"), inline, is_undo=True)


def part(place: Span, text: str, word: str) -> Span:
    """Return where a word stands in a piece of one line; the piece when it goes on over several lines."""
    at = text.find(word)
    if at < 0 or not word or place.line != place.end_line:
        return place
    return Span(place.line, place.column + at, place.line, place.column + at + len(word))


def placed(rejected: Rejected, code: Code, inline: Inline) -> Rejected:
    """Return the complaint at its true place, also when the code span goes on over several lines."""
    start, end = rejected.span.column - code.span.column, rejected.span.end_column - code.span.column
    if code.span.line != code.span.end_line:
        rejected.span = inline.place(code.inner + start, code.inner + end)
    return rejected
