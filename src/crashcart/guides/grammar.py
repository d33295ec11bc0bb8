"""Statements: tokens to checks and actions, every word looked up in the closed tables of its kind."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from crashcart.guides.complaints import Rejected
from crashcart.guides.dimensions import check_claim_types, check_range, check_together
from crashcart.guides.lexer import Kind, Token, tokens
from crashcart.guides.names import Scope, check_instant, check_targets, check_text, check_value, is_target, parse_ref
from crashcart.guides.words import (
    BUILT_IN_NAMES,
    PRESENCES,
    QUANTS,
    STATS,
    TAIL_WORDS,
    UNIT_WORDS,
    hint_for,
    listed,
    nearest,
)
from crashcart.model.guide import (
    DURATION_UNITS,
    Action,
    Arg,
    ArgValue,
    Check,
    Claim,
    FieldClaim,
    FieldOf,
    FollowClaim,
    LookExpr,
    Number,
    Path,
    PercentOf,
    Presence,
    PresenceClaim,
    Ref,
    Rel,
    Setting,
    Since,
    Stat,
    StateClaim,
    Text,
    Times,
    Value,
    Word,
)
from crashcart.model.spans import Span
from crashcart.model.spec import ActionSpec, ArgSpec, Dimension, FieldSpec, Form, KindSpec, LookSpec, VerbSpec
from crashcart.model.truth import Quant

MAX_DURATION_S = 10_000 * 86_400.0  # clocks end, and no log is older
_DURATION_HINT = 'a number above 0 with one of ms, s, min, h, d: "5 min"; at most 10000 d'
_ENDS_OF_LOOK = (*TAIL_WORDS, "within", "for", "as")


def parse_check(text: str, scope: Scope, *, line: int, column: int) -> Check:
    """Return the check that a code span holds.

    Raises:
        Rejected: with line, column, the offending word and the nearest that exists.
    """
    return _Parser(text, scope, line, column).check()


def parse_action(text: str, scope: Scope, *, line: int, column: int) -> Action:
    """Return the action that a code span holds.

    Raises:
        Rejected: with line, column, the offending word and the nearest that exists.
    """
    return _Parser(text, scope, line, column).action()


def parse_binding(text: str, scope: Scope, *, line: int, column: int) -> Value:
    """Return what a link gives to a parameter, or the targets that it gives to a role."""
    parser = _Parser(text, scope, line, column)
    value = parser.targets() if parser.is_targets() else parser.literal()
    parser.end()
    return value


def parse_duration(text: str, *, line: int, column: int) -> Number:
    """Return a duration as words give it ("60 d")."""
    found = tokens(text, line=line, column=column)
    number = _number(found[0]) if found[0].kind is Kind.NUMBER else None
    if number is None or found[1].kind is not Kind.END or not _is_duration(number):
        raise Rejected(
            "guide-bad-duration", f'"{text}" is no duration', Span(line, column, line, column + len(text)), word=text,
            hint=_DURATION_HINT,
        )  # fmt: skip
    return number


def parse_number(text: str, *, line: int, column: int) -> Number:
    """Return a number with its unit (the default of a parameter)."""
    found = tokens(text, line=line, column=column)
    if found[0].kind is not Kind.NUMBER or found[1].kind is not Kind.END:
        raise Rejected(
            "guide-bad-number", f'"{text}" is no number with a unit', Span(line, column, line, column + len(text)), word=text,
            hint="quoting it, if it is text",
        )  # fmt: skip
    return _number(found[0])


def starts_like_statement(text: str, scope: Scope) -> bool:
    """Whether a code span outside any label reads like a check or an action whose label came loose."""
    words = text.split(maxsplit=2)
    known = {**scope.catalogue.kinds, **scope.catalogue.actions}
    return len(words) > 1 and words[0] in known and "{" in text


class _Parser:
    def __init__(self, text: str, scope: Scope, line: int, column: int) -> None:
        self.text = text
        self.scope = scope
        self.span = Span(line, column, line, column + len(text))
        self.tokens = tokens(text, line=line, column=column)
        self.at = 0
        self.claimed: list[Span] = []  # where each claim stands

    # -- tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def step(self) -> Token:
        token = self.token
        self.at += 1
        return token

    def is_word(self, *words: str) -> bool:
        return self.token.kind is Kind.WORD and self.token.value in words

    def accept(self, *words: str) -> Token | None:
        return self.step() if self.is_word(*words) else None

    def want(self, kind: Kind, what: str, *, hint: str = "") -> Token:
        if self.token.kind is not kind:
            raise self.unexpected(what, hint=hint)
        return self.step()

    def unexpected(self, what: str, *, hint: str = "") -> Rejected:
        shown = self.shown()
        is_end = self.token.kind is Kind.END
        text = f"{what} is missing at the end" if is_end else f'{what} is expected here, not "{shown}"'
        return Rejected("guide-unexpected", text, self.token.span, word=shown, hint=hint)

    def shown(self) -> str:
        start = self.token.span.column - self.span.column
        return self.text[start : self.token.span.end_column - self.span.column]

    def reject(self, code: str, what: str, token: Token, *, hint: str = "") -> Rejected:
        return Rejected(code, what, token.span, word=token.value, hint=hint)

    def end(self) -> None:
        if self.token.kind is not Kind.END:
            raise Rejected(
                "guide-left-over", f'"{self.shown()}" is left over', self.token.span, word=self.shown(),
                hint=hint_for(self.token.value, (*_ENDS_OF_LOOK, "and", *UNIT_WORDS)) if self.token.kind is Kind.WORD
                else "removing it",
            )  # fmt: skip

    def narrowed(self, word: str, place: Span) -> Span:
        """Return where a word stands within a place, the place itself when it does not stand there as it is."""
        start = place.column - self.span.column
        pattern = r"\s*".join(re.escape(char) for char in word if not char.isspace())
        found = re.search(pattern, self.text[start : place.end_column - self.span.column]) if pattern else None
        if found is None:
            return place
        column = place.column + found.start()
        return Span(place.line, column, place.line, place.column + found.end())

    # -- checks

    def check(self) -> Check:
        head = self.want(Kind.WORD, "a kind of look", hint=f"one of: {listed(self.scope.catalogue.kinds)}")
        if head.value == "ask":
            return self.ask()
        spec = self.scope.catalogue.kinds.get(head.value)
        if spec is None:
            raise self.unknown_kind(head)
        look, table = self.look(spec)
        claims = self.claims(table)
        within, hold, capture = self.tail()
        self.end()
        for claim, place in zip(claims, self.claimed, strict=False):
            try:
                check_claim_types(claim, table, look, self.scope, place)
            except Rejected as rejected:
                rejected.span = self.narrowed(rejected.word, place)
                raise
        try:
            check_together(claims, look, place=self.claimed[0] if self.claimed else self.span)
        except Rejected as rejected:
            rejected.span = self.narrowed(rejected.word, self.span)
            raise
        return Check(look, claims, within, hold, capture, self.text, self.span)

    def unknown_kind(self, head: Token) -> Rejected:
        catalogue = self.scope.catalogue
        if head.value in catalogue.actions:
            return self.reject(
                "guide-touch-as-look", f'"{head.value}" touches; a look is wanted here', head,
                hint=f"one of: {listed(catalogue.kinds)}",
            )  # fmt: skip
        return self.reject(
            "guide-unknown-kind", f'"{head.value}" is no kind of look', head,
            hint=hint_for(head.value, (*catalogue.kinds, "ask")) + "; `crashcart probe list` shows every kind",
        )  # fmt: skip

    def ask(self) -> Check:
        question = self.want(Kind.STRING, "a question in quotes", hint='"ask" and the question in quotes')
        check_text(question.value, question.span, self.scope)
        claims: tuple[Claim, ...] = (StateClaim("yes"),)
        if self.token.kind is Kind.ARROW:
            self.step()
            is_negated = self.accept("not") is not None
            answer = self.want(Kind.WORD, "an answer", hint='"yes" or "no"')
            if answer.value not in ("yes", "no"):
                raise self.reject(
                    "guide-unknown-state", f'"{answer.value}" is no answer that a question has', answer,
                    hint=hint_for(answer.value, ("yes", "no")),
                )  # fmt: skip
            claims = (StateClaim(answer.value, is_negated),)
        self.end()
        look = LookExpr("ask", Ref(()), args=(Arg("question", Text(question.value)),))
        return Check(look, claims, text=self.text, span=self.span)

    def look(self, spec: KindSpec) -> tuple[LookExpr, LookSpec]:
        quant = self.quant(spec)
        ref = self.targets()
        table = self.look_word(spec)
        args = self.args(table.args, f"{spec.name} {table.name}".strip())
        vantage, vantage_quant, over, since = None, Quant.EACH, None, None
        if self.accept("from"):
            word = self.accept(*QUANTS)
            vantage_quant = Quant(word.value) if word else Quant.EACH
            if word and quant is not Quant.EACH:
                raise self.reject(
                    "guide-two-quantifiers", f'"{quant.value}" and "{word.value}" in one look', word, hint="two checks"
                )
            vantage = self.targets()
        if self.accept("over"):
            over = self.duration()
        elif self.accept("since"):
            since = self.since()
        expr = LookExpr(spec.name, ref, table.name, quant, args, vantage, vantage_quant, over, since)
        return expr, table

    def quant(self, spec: KindSpec) -> Quant:
        if self.token.kind is Kind.REF:
            return Quant.EACH
        word = self.want(Kind.WORD, "a target in braces", hint=f'"{spec.name} {{self}}"')
        if word.value not in QUANTS:
            verbs = self.scope.catalogue.actions.get(spec.name)
            is_touch = verbs is not None and verbs.verb(word.value) is not None
            raise self.reject(
                "guide-touch-as-look" if is_touch else "guide-unknown-quantifier",
                f'"{spec.name} {word.value}" touches; a look has its target right after the kind' if is_touch
                else f'"{word.value}" stands where a target or a quantifier belongs',
                word, hint=hint_for(word.value, QUANTS),
            )  # fmt: skip
        return Quant(word.value)

    def targets(self) -> Ref:
        token = self.want(Kind.REF, "a target in braces", hint='"{self}"')
        ref = parse_ref(token.value, token.span)
        check_targets(ref, self.scope)
        return ref

    def is_targets(self) -> bool:
        if self.token.kind is not Kind.REF:
            return False
        ref = parse_ref(self.token.value, self.token.span)
        return all(len(names) == 1 and is_target(names[0], self.scope) for names in ref.names)

    def look_word(self, spec: KindSpec) -> LookSpec:
        named = [table.name for table in spec.looks if table.name]
        if self.token.kind is Kind.WORD:
            table = spec.look(self.token.value)
            if table is not None and table.name:
                self.step()
                return table
        plain = spec.look("")
        if plain is not None:
            return plain
        if self.token.kind is Kind.WORD:
            raise self.reject(
                "guide-unknown-look", f'"{spec.name}" has no look "{self.token.value}"', self.token,
                hint=hint_for(self.token.value, named),
            )  # fmt: skip
        raise self.unexpected(f"what {spec.name} looks at", hint=f"one of: {listed(named)}")

    def since(self) -> Since:
        token = self.want(Kind.REF, "an instant in braces", hint='"{onset}"')
        ref = parse_ref(token.value, token.span)
        check_instant(ref, self.scope)
        if self.token.kind is Kind.NUMBER:
            if not self.token.value.startswith("-"):
                raise self.unexpected('"-"', hint=f'"- {self.shown()}"')
            number = _number(self.step())
            minus = Number(-number.value, number.unit, number.per)
            return Since(ref, self.as_duration(minus, self.tokens[self.at - 1]))
        return Since(ref)

    def duration(self) -> Number:
        token = self.want(Kind.NUMBER, "a duration", hint='a number with its unit: "5 min"')
        return self.as_duration(_number(token), token)

    def as_duration(self, number: Number, token: Token) -> Number:
        if not _is_duration(number):
            raise Rejected(
                "guide-bad-duration", f'"{token.value}{token.unit}{token.per}" is no duration', token.span,
                word=f"{token.value}{token.unit}{token.per}", hint=_DURATION_HINT,
            )  # fmt: skip
        return number

    # -- arguments

    def args(self, table: Sequence[ArgSpec], whose: str) -> tuple[Arg, ...]:
        found: dict[str, list[Arg]] = {}
        while self.token.kind not in (Kind.END, Kind.ARROW) and not self.is_word(*_ENDS_OF_LOOK):
            spec = self.arg_spec(table, found, whose)
            found.setdefault(spec.name, []).append(Arg(spec.name, self.arg_value(spec, whose)))
        missing = [spec for spec in table if spec.is_required and spec.name not in found]
        if missing:
            wanted = missing[0]
            hint = (
                f"one of: {listed(wanted.words)}" if wanted.words else " or ".join(form.value for form in wanted.forms)
            )
            raise self.unexpected(f"the {wanted.name} of {whose} ({wanted.summary})", hint=hint)
        return tuple(arg for spec in table for arg in found.get(spec.name, ()))

    def arg_spec(self, table: Sequence[ArgSpec], found: Collection[str], whose: str) -> ArgSpec:
        token = self.token
        open_specs = [spec for spec in table if spec.is_many or spec.name not in found]
        if token.kind is Kind.WORD:
            led = next((spec for spec in open_specs if spec.lead == token.value), None)
            if led:
                self.step()
                return led
            setting = next(
                (spec for spec in open_specs if Form.SETTING in spec.forms and token.value == spec.name), None
            )
            if setting:
                return setting
        placed = next((spec for spec in open_specs if not spec.lead and _fits(token, spec)), None)
        if placed:
            return placed
        if token.kind is Kind.WORD:
            words = [word for spec in open_specs for word in (spec.lead, *spec.words)]
            words += [spec.name for spec in open_specs if Form.SETTING in spec.forms]
            raise self.reject(
                "guide-unknown-word", f'{whose} knows no word "{token.value}"', token,
                hint=hint_for(token.value, (*words, *_ENDS_OF_LOOK)),
            )  # fmt: skip
        raise Rejected(
            "guide-unknown-argument", f'{whose} takes no "{self.shown()}" here', token.span, word=self.shown(),
            hint=f"one of: {listed(f'{spec.lead} {spec.name}'.strip() for spec in open_specs)}" if open_specs
            else "removing it",
        )  # fmt: skip

    def arg_value(self, spec: ArgSpec, whose: str) -> ArgValue:
        token = self.token
        if not _fits(token, spec):
            raise self.unexpected(
                f"the {spec.name} of {whose}", hint=" or ".join(form.value for form in spec.forms)
            )  # fmt: skip
        if Form.SETTING in spec.forms:
            return self.setting()
        self.step()
        match token.kind:
            case Kind.STRING:
                check_text(token.value, token.span, self.scope)
                return Text(token.value)
            case Kind.PATH:
                check_text(token.value, token.span, self.scope)
                return Path(token.value)
            case Kind.NUMBER:
                number = _number(token)
                if number.value < 0:
                    raise self.reject(
                        "guide-negative", f'"{token.value}" is below zero', token, hint="a number above it"
                    )
                return number
            case Kind.REF:
                ref = parse_ref(token.value, token.span)
                check_value(ref, self.scope)
                return ref
            case _:
                return Word(self.member(token, spec.words, f"{spec.name} of {whose}"))

    def member(self, token: Token, words: Sequence[str], what: str) -> str:
        if token.value not in words:
            raise self.reject(
                "guide-unknown-word", f'"{token.value}" is no {what}', token, hint=hint_for(token.value, words)
            )
        return token.value

    def setting(self) -> Setting:
        name = self.step() if self.token.kind is Kind.STRING else self.want(Kind.WORD, "the name of a setting")
        rel = Rel(self.want(Kind.REL, f"a relation after {name.value}", hint='"="').value)
        if self.token.kind is Kind.ASKED:
            return Setting(name.value, rel, None, is_secret=self.step().value == "?secret")
        return Setting(name.value, rel, self.literal())

    # -- claims

    def claims(self, table: LookSpec) -> tuple[Claim, ...]:
        if self.token.kind is not Kind.ARROW:
            if table.default_state:
                return (StateClaim(table.default_state),)
            if self.is_word("as"):
                return ()
            raise self.unexpected("a claim", hint='"=> " and one of: ' + listed(_claimable(table)))
        self.step()
        found = [self.placed_claim(table)]
        while self.accept("and"):
            found.append(self.placed_claim(table))
        return tuple(found)

    def placed_claim(self, table: LookSpec) -> Claim:
        first = self.token.span
        claim = self.claim(table)
        self.claimed.append(Span(first.line, first.column, first.line, self.tokens[self.at - 1].span.end_column))
        return claim

    def claim(self, table: LookSpec) -> Claim:
        if self.accept("not"):
            if self.is_word("followed"):
                return self.follow()
            return StateClaim(self.state(table), is_negated=True)
        word = self.want(Kind.WORD, "a claim", hint="one of: " + listed(_claimable(table)))
        after = self.token
        is_field = after.kind is Kind.REL and table.field(word.value) is not None  # `share > 5%` of log records
        if word.value in STATS and not is_field:
            name = self.want(Kind.WORD, "a field", hint="one of: " + listed(field.name for field in table.fields))
            return self.field_claim(self.field(name, table), table, Stat(word.value))
        if after.kind is Kind.REL or self.is_word("contains", "lacks", "matches"):
            return self.field_claim(self.field(word, table), table, None)
        if self.is_word(*PRESENCES):
            return PresenceClaim(self.field(word, table).name, Presence(self.step().value))
        if table.state(word.value) is None and table.field(word.value) is not None:
            raise self.unexpected(
                f"a relation after {word.value}",
                hint="one of: " + listed((*[rel.value for rel in Rel], *PRESENCES), limit=20),
            )
        self.at -= 1
        return StateClaim(self.state(table))

    def follow(self) -> FollowClaim:
        self.step()
        if not self.accept("by"):
            raise self.unexpected('"by"', hint='"not followed by"')
        text = self.want(Kind.STRING, "quoted text", hint='"not followed by" and text in quotes')
        check_text(text.value, text.span, self.scope)
        if not self.accept("in"):
            raise self.unexpected('"in"', hint='"in 5 min"')
        return FollowClaim(text.value, self.duration())

    def state(self, table: LookSpec) -> str:
        word = self.want(Kind.WORD, "a state", hint="one of: " + listed(spec.name for spec in table.states))
        if table.state(word.value) is None:
            raise self.reject(
                "guide-unknown-state", f'"{word.value}" is neither a state nor a field of this look', word,
                hint=hint_for(word.value, (*_claimable(table), *STATS)),
            )  # fmt: skip
        return word.value

    def field(self, word: Token, table: LookSpec) -> FieldSpec:
        spec = table.field(word.value)
        if spec is None:
            raise self.reject(
                "guide-unknown-field", f'"{word.value}" is no field of this look', word,
                hint=hint_for(word.value, [field.name for field in table.fields]),
            )  # fmt: skip
        return spec

    def field_claim(self, spec: FieldSpec, table: LookSpec, stat: Stat | None) -> FieldClaim:
        token = self.step()
        words = [rel.value for rel in Rel]
        if token.value not in words:
            raise self.reject(
                "guide-unknown-relation", f'"{token.value}" is no relation', token, hint=hint_for(token.value, words)
            )
        return FieldClaim(spec.name, Rel(token.value), self.value(spec, table), stat)

    def value(self, spec: FieldSpec, table: LookSpec) -> Value:
        if self.token.kind is Kind.NUMBER:
            return self.numeric(table)
        if self.token.kind is Kind.WORD:
            return self.word_value(spec, table)
        return self.literal()

    def numeric(self, table: LookSpec) -> Value:
        token = self.step()
        number = _number(token)
        if self.is_word("of"):
            if number.unit != "%":
                raise self.reject(
                    "guide-not-percent",
                    f'"{token.value}" of something is a percentage',
                    token,
                    hint=f'"{token.value}%"',
                )
            self.step()
            return PercentOf(number.value, self.operand(table))
        if self.is_word("x") and not number.unit:
            self.step()
            if self.accept("usual"):
                return Times(number.value, None)
            return Times(number.value, self.operand(table))
        check_range(number, token.span)
        return number

    def operand(self, table: LookSpec) -> FieldOf | Ref:
        if self.token.kind is Kind.REF:
            return self.value_ref()
        word = self.want(
            Kind.WORD,
            "a field or a value in braces",
            hint="one of: " + listed([f.name for f in table.fields] + ["usual"]),
        )
        spec = self.field(word, table)
        return self.field_of(spec.name)

    def field_of(self, name: str) -> FieldOf:
        return FieldOf(name, self.targets()) if self.accept("of") else FieldOf(name)

    def word_value(self, spec: FieldSpec, table: LookSpec) -> Value:
        token = self.step()
        if spec.dimension is Dimension.WORD and token.value in spec.words:
            return Word(token.value)
        if spec.dimension is Dimension.FLAG and token.value in ("yes", "no"):
            return Word(token.value)
        if table.field(token.value) is not None:
            return self.field_of(token.value)
        words = (
            spec.words
            if spec.dimension is Dimension.WORD
            else ("yes", "no")
            if spec.dimension is Dimension.FLAG
            else ()
        )
        raise self.reject(
            "guide-unknown-word", f'"{token.value}" is no value that {spec.name} can have', token,
            hint=hint_for(token.value, (*words, *[f.name for f in table.fields])) if words else "text in quotes, or a number",
        )  # fmt: skip

    def literal(self) -> Value:
        token = self.token
        if token.kind is Kind.STRING:
            self.step()
            check_text(token.value, token.span, self.scope)
            return Text(token.value)
        if token.kind is Kind.NUMBER:
            self.step()
            return _number(token)
        if token.kind is Kind.REF:
            return self.value_ref()
        raise self.unexpected("a value", hint="a number, text in quotes, or a name in braces")

    def value_ref(self) -> Ref:
        token = self.step()
        ref = parse_ref(token.value, token.span)
        check_value(ref, self.scope)
        return ref

    # -- tails

    def tail(self) -> tuple[Number | None, Number | None, str]:
        within: Number | None = None
        hold: Number | None = None
        capture = ""
        while word := self.accept("within", "for"):
            given = within if word.value == "within" else hold
            if given is not None:
                raise self.reject("guide-twice", f'"{word.value}" stands twice', word, hint="removing one")
            if word.value == "within":
                within = self.duration()
            else:
                hold = self.duration()
        if self.accept("as"):
            capture = self.captured()
        return within, hold, capture

    def captured(self) -> str:
        token = self.want(Kind.WORD, "a name", hint='"as x"')
        if token.value in BUILT_IN_NAMES or token.value in self.scope.names:
            raise self.reject(
                "guide-taken-name", f'"{token.value}" means something else already', token, hint="another name"
            )
        return token.value

    # -- actions

    def action(self) -> Action:
        head = self.want(Kind.WORD, "a kind of action", hint=f"one of: {listed(self.scope.catalogue.actions)}")
        if head.value == "notify":
            return self.notify()
        spec = self.scope.catalogue.actions.get(head.value)
        if spec is None:
            raise self.unknown_action(head)
        if self.token.kind is Kind.REF and head.value in self.scope.catalogue.kinds:
            raise self.reject(
                "guide-look-as-touch", f'"{head.value} {{...}}" looks; a touch has a word after the kind', self.token,
                hint=f"one of: {listed(verb.name for verb in spec.verbs)}",
            )  # fmt: skip
        verb = self.verb(spec)
        ref = self.targets()
        args = self.args(verb.args, f"{spec.name} {verb.name}")
        self.end()
        return Action(spec.name, verb.name, ref, args, text=self.text, span=self.span)

    def unknown_action(self, head: Token) -> Rejected:
        catalogue = self.scope.catalogue
        is_look = head.value in catalogue.kinds
        return self.reject(
            "guide-look-as-touch" if is_look else "guide-unknown-action",
            f'"{head.value}" only looks; an action is wanted here' if is_look else f'"{head.value}" is no kind of action',
            head, hint=hint_for("" if is_look else head.value, (*catalogue.actions, "notify")) + ', or begin with "By hand:"',
        )  # fmt: skip

    def verb(self, spec: ActionSpec) -> VerbSpec:
        word = self.want(Kind.WORD, f"what {spec.name} shall do", hint=f"one of: {listed(v.name for v in spec.verbs)}")
        verb = spec.verb(word.value)
        if verb is None:
            raise self.reject(
                "guide-unknown-verb", f'"{spec.name}" has no verb "{word.value}"', word,
                hint=hint_for(word.value, [entry.name for entry in spec.verbs]),
            )  # fmt: skip
        return verb

    def notify(self) -> Action:
        contact = self.want(Kind.STRING, "a contact in quotes", hint='"notify", the contact in quotes, "after 15 min"')
        if not self.accept("after"):
            raise self.unexpected('"after"', hint='"after 15 min"')
        after = self.duration()
        self.end()
        return Action("notify", "", Ref(()), contact=contact.value, after=after, text=self.text, span=self.span)


def _fits(token: Token, spec: ArgSpec) -> bool:
    forms: dict[Kind, Form] = {
        Kind.STRING: Form.STRING, Kind.PATH: Form.PATH, Kind.NUMBER: Form.NUMBER, Kind.REF: Form.REF,
    }  # fmt: skip
    if Form.SETTING in spec.forms and spec.is_open:
        return token.kind in (Kind.WORD, Kind.STRING)
    if token.kind is Kind.WORD:
        if Form.SETTING in spec.forms:
            return token.value == spec.name
        # A near miss is taken as this argument, so that the error names its table.
        return Form.WORD in spec.forms and (token.value in spec.words or bool(nearest(token.value, spec.words)))
    return token.kind in forms and forms[token.kind] in spec.forms


def _number(token: Token) -> Number:
    return Number(float(token.value), token.unit, token.per)


def _is_duration(number: Number) -> bool:
    return number.unit in DURATION_UNITS and not number.per and 0 < number.base <= MAX_DURATION_S


def _claimable(table: LookSpec) -> list[str]:
    return [spec.name for spec in table.states] + [spec.name for spec in table.fields]
