"""Blocks of shell over several lines taken apart: each step of a loop, a branch or a function on its own line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import tree_sitter

from .tree import MAX_CHARS, MAX_DEPTH, MAX_PIPES, mask, nesting, parser, restore

MAX_LEVELS = 40  # of blocks in blocks; deeper ones stay whole
_BLOCKS = frozenset(
    {"if_statement", "while_statement", "for_statement", "c_style_for_statement", "case_statement",
     "function_definition", "compound_statement", "subshell"}
)  # fmt: skip
_INSIDE = _BLOCKS | {"do_group", "elif_clause", "else_clause", "case_item", "program", "ERROR"}
_STEPS = frozenset(
    {"command", "pipeline", "list", "redirected_statement", "variable_assignment", "variable_assignments",
     "declaration_command", "unset_command", "negated_command", "test_command"}
)  # fmt: skip
# Stamps that a heredoc takes from the machine: they say when and where, and nobody types them.
_STAMPS = frozenset({"date", "hostname", "whoami", "uname", "id", "pwd"})


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a block, and the lines it stands on, from 0."""

    text: str
    row: int
    end_row: int


@dataclass(frozen=True, slots=True)
class Block:
    """A statement taken apart. `function`: the name that it defines, "" when it defines none."""

    steps: tuple[Step, ...]
    function: str = ""


def unfold(text: str) -> Block | None:
    """Return the steps of a block over several lines; None when it is none, or not complete shell.

    A block whose output goes to a file or to another program stays whole: its steps alone would look more harmless.
    """
    if "\n" not in text or len(text) > MAX_CHARS or nesting(text) > MAX_DEPTH or text.count("|") > MAX_PIPES:
        return None
    source = mask(text).encode("utf-8", "replace")
    root = parser().parse(source).root_node
    if root.has_error:
        return None
    taker = _Taker(source)
    steps = tuple(taker.inside(root))
    if taker.is_too_deep or (not taker.has_opened and len(steps) < 2):
        return None
    return Block(steps, _defined(root, source))


def _defined(root: tree_sitter.Node, source: bytes) -> str:
    named = [child for child in root.children if child.is_named and child.type != "comment"]
    if len(named) != 1 or named[0].type != "function_definition":
        return ""
    name = named[0].child_by_field_name("name")
    return "" if name is None else source[name.start_byte : name.end_byte].decode("utf-8", "replace")


class _Taker:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.has_opened = False
        self.is_too_deep = False
        self.level = 0

    def inside(self, node: tree_sitter.Node) -> Iterator[Step]:
        self.level += 1
        self.is_too_deep = self.is_too_deep or self.level > MAX_LEVELS
        for child in () if self.is_too_deep else node.children:
            yield from self.take(child)
        self.level -= 1

    def take(self, node: tree_sitter.Node) -> Iterator[Step]:
        if node.type in _BLOCKS:
            if self.source.startswith(b"((", node.start_byte):
                yield from self.substituted(node)
            elif _is_long(node):
                self.has_opened = True
                yield from self.inside(node)
            else:
                yield self.step(node)
        elif node.type in _INSIDE:
            yield from self.inside(node)
        elif node.type == "test_command" or _only_tests(node):
            yield from self.substituted(node)
        elif node.type == "command" and self.source.startswith(b"read ", node.start_byte) and _is_condition(node):
            pass  # the head of `while read line` takes what is fed, and is no step
        elif node.type == "negated_command":
            yield from self.inside(node)
        elif node.type in ("pipeline", "list") and (parts := self.opened(node)):
            yield from parts
        elif node.type == "redirected_statement" and self.is_tested(node):
            yield from self.substituted(node)
        elif node.type in _STEPS:
            yield self.step(node)
            yield from self.in_heredocs(node)
        elif node.is_named and node.type != "comment":  # what a loop runs over, what a case looks at
            yield from self.substituted(node)

    def opened(self, node: tree_sitter.Node) -> list[Step]:
        """Return the steps of a chain whose last link is a block; [] when it stays whole."""
        links = [child for child in node.children if child.is_named and child.type != "comment"]
        if not links or links[-1].type not in _BLOCKS or not _is_long(links[-1]) or len(links) < 2:
            return []
        if any(link.type in _BLOCKS and _is_long(link) for link in links[:-1]):
            return []
        self.has_opened = True
        before = () if links[0].type == "test_command" and len(links) == 2 else (self.between(links[0], links[-2]),)
        return [*before, *self.inside(links[-1])]

    def is_tested(self, node: tree_sitter.Node) -> bool:
        body = node.child_by_field_name("body")
        return body is not None and body.type == "test_command"

    def substituted(self, node: tree_sitter.Node) -> Iterator[Step]:
        """Yield what the substitutions of a condition run; the comparison itself is no step."""
        stack = [node]
        while stack:
            current = stack.pop()
            if current.type == "command_substitution":
                yield from self.inside(current)
            else:
                stack.extend(reversed(current.children))

    def in_heredocs(self, node: tree_sitter.Node) -> Iterator[Step]:
        stack = [node]
        while stack:
            current = stack.pop()
            if current.type != "heredoc_body":
                stack.extend(reversed(current.children))
                continue
            for child in current.children:
                if child.type == "command_substitution":
                    yield from (step for step in self.inside(child) if not _is_stamp(step.text))

    def step(self, node: tree_sitter.Node) -> Step:
        return self.between(node, node)

    def between(self, first: tree_sitter.Node, last: tree_sitter.Node) -> Step:
        text = restore(self.source[first.start_byte : last.end_byte].decode("utf-8", "replace")).rstrip()
        text = text.removeprefix("! ")  # of a condition
        row = first.start_point[0]
        return Step(text, row, row + text.count("\n"))


def _only_tests(node: tree_sitter.Node) -> bool:
    """Whether a chain holds nothing but comparisons."""
    while node.type == "list":
        first, *rest = [child for child in node.children if child.is_named]
        if any(link.type != "test_command" for link in rest):
            return False
        node = first
        if node.type == "test_command":
            return True
    return False


def _is_condition(node: tree_sitter.Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type == "while_statement"


def _is_long(node: tree_sitter.Node) -> bool:
    return node.start_point[0] != node.end_point[0]


def _is_stamp(text: str) -> bool:
    words = text.split(None, 1)
    return not words or words[0] in _STAMPS or words[0] in ("if", "for", "while", "case")
