"""Front matter: a closed set of keys, each with its place."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from crashcart.guides.complaints import Complaints, Rejected
from crashcart.guides.grammar import parse_number
from crashcart.guides.names import NAME
from crashcart.guides.signs import told
from crashcart.guides.words import BUILT_IN_NAMES, FRONT_KEYS, RESERVED, hint_for
from crashcart.model.guide import Need, Number, Param, Severity, Text
from crashcart.model.spans import Span
from crashcart.model.spec import Catalogue

MAX_FRONT_CHARS = 20_000
MAX_FRONT_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Front:
    """What stands between the two `---` lines."""

    guide: str = ""
    target_kind: str = ""
    severity: Severity = Severity.MEDIUM
    owner: str = ""
    needs: tuple[Need, ...] = ()
    params: tuple[Param, ...] = ()
    depends: tuple[str, ...] = ()
    source: str = ""
    language: int = 1


def read_front(text: str | None, catalogue: Catalogue, complaints: Complaints) -> Front:
    """Return the front matter; what is wrong goes to the complaints, each with its place."""
    if text is None:
        complaints.add(
            "guide-no-front", "the guide has no front matter", Span(1, 1, 1, 1),
            hint='beginning with "---", "guide: NAME", "for: KIND", "---"; `crashcart guide new KIND` writes one',
        )  # fmt: skip
        return Front()
    return _Reader(catalogue, complaints).run(text)


class _Reader:
    def __init__(self, catalogue: Catalogue, complaints: Complaints) -> None:
        self.catalogue = catalogue
        self.complaints = complaints

    def run(self, text: str) -> Front:
        root = self.compose(text)
        if root is None:
            return Front()
        if not isinstance(root, yaml.MappingNode):
            self.wrong(root, "front matter is not a table of keys", "", hint='"guide: NAME" on a line of its own')
            return Front()
        found = self.keys(root, FRONT_KEYS)
        for key in ("guide", "for"):
            if key not in found:
                self.complaints.add(
                    "guide-front-missing",
                    f'front matter lacks "{key}"',
                    Span(1, 1, 1, 4),
                    word=key,
                    hint=f'"{key}: ..."',
                )
        needs, params = self.needs(found.get("needs")), self.params(found.get("params"))
        for role in {need.role for need in needs} & {param.name for param in params}:
            self.wrong(
                found["params"], f'"{role}" is a role and a parameter', role, hint="another name for one of them"
            )
        return Front(
            guide=self.name(found.get("guide")),
            target_kind=self.member(found.get("for"), tuple(self.catalogue.targets), "kind of target"),
            severity=Severity(
                self.member(found.get("severity"), tuple(s.value for s in Severity), "severity") or "medium"
            ),
            owner=self.scalar(found.get("owner")),
            needs=needs,
            params=params,
            depends=self.names(found.get("depends")),
            source=self.scalar(found.get("source")),
            language=self.language(found.get("language")),
        )

    def compose(self, text: str) -> yaml.Node | None:
        # Composing keeps places and constructs nothing; anchors are refused before they can multiply.
        if len(text) > MAX_FRONT_CHARS:
            self.complaints.add(
                "guide-front-long",
                "front matter is longer than 20,000 characters",
                Span(1, 1, 1, 4),
                hint="moving text below",
            )
            return None
        try:
            depth = 0
            for event in yaml.parse(text, Loader=yaml.SafeLoader):
                depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
                if depth > MAX_FRONT_DEPTH:  # thousands of brackets take the reader the square of their number
                    self.complaints.add(
                        "guide-front-deep", f"front matter is nested deeper than {MAX_FRONT_DEPTH}", _place(event.start_mark),
                        word="[", hint='"key: value" on each line',
                    )  # fmt: skip
                    return None
                tag = getattr(event, "tag", None)
                if tag is not None:
                    self.complaints.add(
                        "guide-front-tag", f"front matter has a tag ({tag})", _place(event.start_mark), word=str(tag),
                        hint="the value alone",
                    )  # fmt: skip
                    return None
                if isinstance(event, yaml.AliasEvent):
                    self.complaints.add(
                        "guide-front-alias", f"front matter has an alias (*{event.anchor})", _place(event.start_mark),
                        word=str(event.anchor), hint="writing the value out",
                    )  # fmt: skip
                    return None
            node: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            self.complaints.add(
                "guide-front-yaml",
                f"front matter is no YAML: {error.problem}",
                _place(error.problem_mark),
                hint='"key: value" on each line',
            )
            return None
        except (yaml.YAMLError, RecursionError) as error:
            self.complaints.add(
                "guide-front-yaml",
                f"front matter is no YAML: {error}",
                Span(1, 1, 1, 4),
                hint='"key: value" on each line',
            )
            return None
        return node

    def wrong(self, node: yaml.Node, what: str, word: str, *, hint: str) -> None:
        self.complaints.add("guide-front", what, _span(node), word=word, hint=hint)

    def keys(self, node: yaml.MappingNode, table: tuple[str, ...]) -> dict[str, yaml.Node]:
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            word = self.scalar(key)
            if word in found:
                self.wrong(key, f'"{word}" stands twice', word, hint="removing one")
            elif table and word not in table:
                self.wrong(key, f'front matter knows no key "{word}"', word, hint=hint_for(word, table))
            else:
                found[word] = value
        return found

    def scalar(self, node: yaml.Node | None) -> str:
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self.wrong(node, "one value is wanted here", "", hint="text on the same line")
            return ""
        return str(node.value)

    def name(self, node: yaml.Node | None) -> str:
        text = self.scalar(node)
        if node is not None and not NAME.fullmatch(text):
            strange = told(text)
            hint = "letters, digits, - and _, a letter first" + (f"; {strange}" if strange else "")
            self.wrong(node, f'"{text}" is no name', text, hint=hint)
        return text

    def names(self, node: yaml.Node | None) -> tuple[str, ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self.wrong(node, "a list of names is wanted here", "", hint='"[one, two]"')
            return ()
        return tuple(self.name(entry) for entry in node.value)

    def member(self, node: yaml.Node | None, table: tuple[str, ...], what: str) -> str:
        word = self.scalar(node)
        if node is None or word in table:
            return word
        self.wrong(node, f'"{word}" is no {what}', word, hint=hint_for(word, table))
        return ""

    def language(self, node: yaml.Node | None) -> int:
        word = self.scalar(node) or "1"
        if word != "1" and node is not None:
            self.wrong(node, f'language "{word}" is not known here', word, hint='"1", or a newer crashcart')
        return 1

    def mapping(self, node: yaml.Node | None, example: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        if node is None:
            return {}
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, "a table is wanted here", "", hint=f'"{example}"')
            return {}
        found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            word = self.name(key)
            if word in BUILT_IN_NAMES or word in RESERVED:
                self.wrong(key, f'"{word}" means something else already', word, hint="another name")
            elif word in found:
                self.wrong(key, f'"{word}" stands twice', word, hint="removing one")
            else:
                found[word] = (key, value)
        return found

    def needs(self, node: yaml.Node | None) -> tuple[Need, ...]:
        table = tuple(self.catalogue.targets)
        pairs = self.mapping(node, "{db: sqlite}")
        return tuple(Need(role, self.member(value, table, "kind of target")) for role, (_, value) in pairs.items())

    def params(self, node: yaml.Node | None) -> tuple[Param, ...]:
        return tuple(
            Param(name, self.default(value)) for name, (_, value) in self.mapping(node, "{limit: 80%}").items()
        )

    def default(self, node: yaml.Node) -> Number | Text:
        text = self.scalar(node)
        is_plain = isinstance(node, yaml.ScalarNode) and node.style is None
        if not is_plain or not text.lstrip("-+. ")[:1].isdigit():
            return Text(text)
        try:
            place = _span(node)
            return parse_number(text, line=place.line, column=place.column)
        except Rejected as rejected:
            self.complaints.take(rejected)
            return Text(text)


def _place(mark: object) -> Span:
    if not isinstance(mark, yaml.Mark):
        return Span(1, 1, 1, 4)
    return Span(mark.line + 2, mark.column + 1, mark.line + 2, mark.column + 2)  # the `---` line stands before


def _span(node: yaml.Node) -> Span:
    start, end = node.start_mark, node.end_mark
    return Span(start.line + 2, start.column + 1, end.line + 2, end.column + 1)
