"""From shell text to the simple commands in it, by the grammar of tree-sitter-bash. Nothing is expanded or run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import tree_sitter
import tree_sitter_bash

MAX_CHARS = 20_000  # of one statement; the longest honest one seen had 2,000
MAX_DEPTH = 40  # of brackets and substitutions
MAX_PARTS = 2_000  # simple commands of one statement
MAX_WORDS = 1_000  # of one simple command
MAX_PIPES = 200  # the grammar takes 4 s for ten thousand (tried)

# `<name>` would be read as two redirections, so it is masked while the grammar reads it. A blank, a quote or a piece
# of a path or address must follow: `sort <in>out` stays a redirection.
_ANGLE = re.compile(r"<(?![<(&])(?P<name>[A-Za-z_][^<>\n|&;`$]{0,60})>(?=$|[\s\"'/:.,@\-_)\]}=?&;|\\])")
_CURLY = re.compile(
    r"\{\{(?!\s*(?:[.$]|range|json|end|if|else|with|printf|println|len|index|define|template)\b)"
    r"(?P<name>\s*[A-Za-z_][\w .\-]{0,60})\}\}"
)
_OPEN, _CLOSE, _BLANK = "\ue000", "\ue001", "\ue002"
_OPEN2, _CLOSE2 = "\ue003", "\ue004"
_RESTORE = str.maketrans({_OPEN: "<", _CLOSE: ">", _BLANK: " ", _OPEN2: "{", _CLOSE2: "}"})


@dataclass(frozen=True, slots=True)
class Arg:
    """A word: `text` with quotes taken off, variables and substitutions standing as they are written."""

    text: str
    is_dynamic: bool = False
    is_quoted: bool = False
    variables: tuple[str, ...] = ()  # whose value gets into the word
    inner: tuple[Simple, ...] = ()  # commands in substitutions


@dataclass(frozen=True, slots=True)
class Redirect:
    """`operator` is `>`, `>>`, `<` and the like."""

    operator: str
    to: Arg


@dataclass(frozen=True, slots=True)
class Simple:
    """One simple command. `stdin` is the text it reads; `is_fed`: it reads something that the text does not show."""

    args: tuple[Arg, ...]
    assignments: tuple[tuple[str, Arg], ...] = ()
    redirects: tuple[Redirect, ...] = ()
    stdin: str | None = None
    is_fed: bool = False
    is_background: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """All simple commands of a statement in order. `is_broken`: it is no shell, or too much of it."""

    parts: tuple[Simple, ...]
    functions: tuple[str, ...] = ()
    is_broken: bool = False
    why: str = ""


def restore(text: str) -> str:
    """Return a text as it stood before it was masked."""
    return text.translate(_RESTORE)


def mask(text: str) -> str:
    """Return a text of the same length in which placeholders are words."""

    def angle(match: re.Match[str]) -> str:
        return _OPEN + match["name"].replace(" ", _BLANK) + _CLOSE

    def curly(match: re.Match[str]) -> str:
        return _OPEN2 * 2 + match["name"].replace(" ", _BLANK) + _CLOSE2 * 2

    return _CURLY.sub(curly, _ANGLE.sub(angle, text))


def joined(text: str) -> str:
    """Return a text with backslash and newline taken out, as a shell does outside single quotes."""
    if "\\\n" not in text:
        return text
    pieces = re.split(r"('[^']*'|\\[^\n])", text) if "'" in text else re.split(r"(\\[^\n])", text)
    # Odd pieces are quoted or escaped. A quote inside double quotes only keeps a pair of characters, which hurts nobody.
    return "".join(piece if place % 2 else piece.replace("\\\n", "") for place, piece in enumerate(pieces))


def read(text: str) -> Script:
    """Return the simple commands of a statement. Never raises."""
    if len(text) > MAX_CHARS:
        return Script((), is_broken=True, why=f"more than {MAX_CHARS} characters")
    if nesting(text) > MAX_DEPTH:
        return Script((), is_broken=True, why=f"nested deeper than {MAX_DEPTH}")
    if text.count("|") > MAX_PIPES:
        return Script((), is_broken=True, why=f"more than {MAX_PIPES} pipes")
    source = mask(joined(text)).encode("utf-8", "replace")
    tree = parser().parse(source)
    reader = _Reader(source)
    try:
        parts = tuple(reader.walk(tree.root_node))
    except _TooMuch as reason:
        return Script((), is_broken=True, why=str(reason))
    is_broken = tree.root_node.has_error
    return Script(parts, tuple(reader.functions), is_broken, "no complete shell" if is_broken else "")


@lru_cache(maxsize=1)
def parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def nesting(text: str) -> int:
    """Return how deep brackets nest, quotes left out of account: never too low."""
    depth = deepest = 0
    for letter in re.findall(r"[()\[\]{}]", text):
        depth = depth + 1 if letter in "([{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


class _TooMuch(Exception):
    """The statement is larger than we read."""


_WRITES = {">", ">>", ">|", "&>", "&>>", "<", "<>", ">&", "<&"}
_PRINTED = {"echo", "printf"}


class _Reader:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.functions: list[str] = []
        self.count = 0
        self.level = 0

    def text(self, node: tree_sitter.Node) -> str:
        return restore(self.source[node.start_byte : node.end_byte].decode("utf-8", "replace"))

    def walk(self, node: tree_sitter.Node, stdin: str | None = None, is_fed: bool = False) -> list[Simple]:
        """Return the simple commands below a node, in order."""
        self.level += 1
        if self.level > 3 * MAX_DEPTH:
            raise _TooMuch(f"nested deeper than {MAX_DEPTH}")
        parts = self.parts(node, stdin, is_fed)
        self.level -= 1
        return parts

    def parts(self, node: tree_sitter.Node, stdin: str | None, is_fed: bool) -> list[Simple]:
        match node.type:
            case "command" | "declaration_command" | "unset_command" | "test_command":
                return self.command(node, stdin, is_fed)
            case "variable_assignment":
                return self.kept([Simple((), (self.assignment(node),))])
            case "redirected_statement":
                return self.redirected(node, stdin, is_fed)
            case "pipeline":
                return self.pipeline(node, stdin, is_fed)
            case "function_definition":
                name = node.child_by_field_name("name")
                self.functions.append(self.text(name) if name is not None else "")
        return self.children(node, stdin, is_fed)

    def kept(self, parts: list[Simple]) -> list[Simple]:
        self.count += len(parts)
        if any(len(part.args) > MAX_WORDS for part in parts):
            raise _TooMuch(f"more than {MAX_WORDS} words")
        if self.count > MAX_PARTS:
            raise _TooMuch(f"more than {MAX_PARTS} commands")
        return parts

    def children(self, node: tree_sitter.Node, stdin: str | None, is_fed: bool) -> list[Simple]:
        parts: list[Simple] = []
        last = 0
        for child in node.children:
            if child.type == "&":
                parts[last:] = [replace(part, is_background=True) for part in parts[last:]]
            elif child.is_named and child.type not in ("comment", "heredoc_body", "heredoc_start", "heredoc_end"):
                last = len(parts)
                parts += self.walk(child, stdin, is_fed)
        return parts

    def pipeline(self, node: tree_sitter.Node, stdin: str | None, is_fed: bool) -> list[Simple]:
        parts: list[Simple] = []
        for child in node.children:
            if not child.is_named or child.type == "comment":
                continue
            stage = self.walk(child, stdin, is_fed)
            parts += stage
            stdin, is_fed = printed(stage), True
        return parts

    def redirected(self, node: tree_sitter.Node, stdin: str | None, is_fed: bool) -> list[Simple]:
        body = node.child_by_field_name("body")
        redirects: list[Redirect] = []
        loose: list[Arg] = []
        following: list[tree_sitter.Node] = []
        first: list[Simple] = []  # what a substitution in the fed text runs
        for child in node.children:
            if child.type == "file_redirect":
                self.redirect(child, redirects, loose)
            elif child.type == "herestring_redirect":
                stdin, is_fed = self.fed(child)
                first += self.below(child)
            elif child.type == "heredoc_redirect":
                stdin, is_fed = self.heredoc(child), True
                first += [
                    part for below in child.children if below.type == "heredoc_body" for part in self.below(below)
                ]
                for below in child.children:
                    if below.type == "file_redirect":
                        self.redirect(below, redirects, loose)
                    elif below.type in ("pipeline", "command", "list", "redirected_statement"):
                        following.append(below)
        if any(entry.operator == "<" for entry in redirects):
            stdin, is_fed = None, True
        parts = [] if body is None else self.walk(body, stdin, is_fed)
        if not parts:
            parts = self.kept([Simple(())])
        final = parts[-1]
        parts[-1] = replace(final, args=(*final.args, *loose), redirects=(*final.redirects, *redirects))
        for below in following:
            parts += self.walk(below, printed(parts[-1:]), True)
        return [*first, *parts]

    def redirect(self, node: tree_sitter.Node, redirects: list[Redirect], loose: list[Arg]) -> None:
        operator = next((child.type for child in node.children if child.type in _WRITES or child.type[:2] == "&>"), ">")
        wanted = node.children_by_field_name("destination")
        # The grammar takes words behind a redirection for more destinations; a shell takes them for arguments.
        for place, child in enumerate(wanted):
            if place == 0:
                redirects.append(Redirect(operator, self.arg(child)))
            else:
                loose.append(self.arg(child))

    def heredoc(self, node: tree_sitter.Node) -> str | None:
        body = next((child for child in node.children if child.type == "heredoc_body"), None)
        return "" if body is None else self.text(body)

    def fed(self, node: tree_sitter.Node) -> tuple[str | None, bool]:
        arg = next((self.arg(child) for child in node.children if child.is_named), Arg(""))
        return (None if arg.is_dynamic else arg.text), True

    def command(self, node: tree_sitter.Node, stdin: str | None, is_fed: bool) -> list[Simple]:
        args: list[Arg] = []
        assignments: list[tuple[str, Arg]] = []
        redirects: list[Redirect] = []
        first: list[Simple] = []
        if node.type == "declaration_command":
            args.append(Arg(node.children[0].type))
        elif node.type == "unset_command":
            args.append(Arg("unset"))
        elif node.type == "test_command":
            inner = tuple(self.below(node))
            return self.kept([Simple((Arg("["), Arg(self.text(node), bool(inner), False, (), inner)))])
        for child in node.children:
            if child.type == "variable_assignment":
                assignments.append(self.assignment(child))
            elif child.type == "file_redirect":
                self.redirect(child, redirects, args)
            elif child.type == "herestring_redirect":
                stdin, is_fed = self.fed(child)
                first += self.below(child)
            elif child.is_named and child.type != "comment":
                args.append(self.arg(child))
        return self.kept([*first, Simple(tuple(args), tuple(assignments), tuple(redirects), stdin, is_fed)])

    def assignment(self, node: tree_sitter.Node) -> tuple[str, Arg]:
        name = node.child_by_field_name("name")
        value = node.child_by_field_name("value")
        return ("" if name is None else self.text(name)), (Arg("") if value is None else self.arg(value))

    # -- words

    def arg(self, node: tree_sitter.Node) -> Arg:
        variables: list[str] = []
        text = self.plain(node, variables)
        inner = tuple(self.below(node))
        is_dynamic = bool(inner) or _has(node, _DYNAMIC)
        is_quoted = node.type in ("string", "raw_string", "ansi_c_string")
        return Arg(text, is_dynamic, is_quoted, tuple(variables), inner)

    def below(self, node: tree_sitter.Node) -> Iterator[Simple]:
        """Yield the commands in the substitutions of a word."""
        stack = [node]
        while stack:
            current = stack.pop()
            if current.type in ("command_substitution", "process_substitution"):
                yield from self.walk(current)
            else:
                stack.extend(reversed(current.children))

    def plain(self, node: tree_sitter.Node, variables: list[str]) -> str:
        match node.type:
            case "command_name" | "concatenation" | "translated_string":
                return "".join(self.plain(child, variables) for child in node.children if child.type != "$")
            case "word" | "number" | "extglob_pattern" | "variable_name":
                return re.sub(r"\\(.)", r"\1", self.text(node), flags=re.S)
            case "raw_string":
                return self.text(node)[1:-1]
            case "ansi_c_string":
                return _ansi(self.text(node)[2:-1])
            case "string":
                return self.string(node, variables)
            case "simple_expansion" | "expansion":
                variables += self.used(node)
        return self.text(node)

    def string(self, node: tree_sitter.Node, variables: list[str]) -> str:
        # Blanks between two parts of a string belong to no node.
        pieces: list[str] = []
        at = node.start_byte + 1
        for child in node.children[1:]:
            pieces.append(restore(self.source[at : child.start_byte].decode("utf-8", "replace")))
            if child.type == '"':
                break
            text = self.plain(child, variables)
            pieces.append(re.sub(r"\\([\"\\$`])", r"\1", text) if child.type == "string_content" else text)
            at = child.end_byte
        return "".join(pieces)

    def used(self, node: tree_sitter.Node) -> list[str]:
        """Return the variable whose value an expansion gives; `${#X}` and `${X:+set}` do not give it."""
        text = self.text(node)
        if text.startswith("${#") or re.match(r"\$\{\w+:?\+", text):
            return []
        found = re.match(r"\$\{?!?(\w+)", text)
        return [found[1]] if found else []


_DYNAMIC = frozenset({"simple_expansion", "expansion", "command_substitution", "process_substitution",
                      "arithmetic_expansion", "brace_expression"})  # fmt: skip


def _has(node: tree_sitter.Node, types: frozenset[str]) -> bool:
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type in types:
            return True
        stack.extend(current.children)
    return False


def _ansi(text: str) -> str:
    try:
        return text.encode("latin-1", "backslashreplace").decode("unicode_escape")
    except UnicodeDecodeError:
        return text


def printed(stage: list[Simple]) -> str | None:
    """Return the text that a stage of a pipe prints, when it stands there."""
    if len(stage) != 1 or not stage[0].args:
        return None
    name, *rest = stage[0].args
    if name.text == "cat" and not rest:
        return stage[0].stdin
    if name.text not in _PRINTED or any(arg.is_dynamic for arg in rest):
        return None
    return " ".join(arg.text for arg in rest if arg.text not in ("-e", "-n", "-en"))
