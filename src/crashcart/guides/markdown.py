"""Blocks of a Markdown document with exact spans: headings, paragraphs, lists, and all the rest as it stands."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import tree_sitter
import tree_sitter_markdown

from crashcart.model.spans import Span


@dataclass(frozen=True, slots=True)
class Code:
    """A code span: its text and where that text stands."""

    text: str
    start: int  # offsets in the inline text, delimiters included
    end: int
    span: Span
    inner: int = 0  # where the text begins in the inline text


@dataclass(frozen=True, slots=True)
class Link:
    """`[text](destination)`."""

    text: str
    destination: str
    start: int
    end: int
    span: Span


@dataclass(frozen=True, slots=True)
class Inline:
    """The text of a heading, a paragraph or a list item. `lines` has (offset, line, column) of each source line."""

    text: str
    span: Span
    lines: tuple[tuple[int, int, int], ...]
    codes: tuple[Code, ...]
    links: tuple[Link, ...]

    def place(self, start: int, end: int) -> Span:
        """Return the span of a piece of the text."""
        line, column = self._at(start)
        end_line, end_column = self._at(end)
        return Span(line, column, end_line, end_column)

    def _at(self, offset: int) -> tuple[int, int]:
        start, line, column = self.lines[max(0, bisect_right(self.lines, offset, key=lambda entry: entry[0]) - 1)]
        return line, column + offset - start


@dataclass(frozen=True, slots=True)
class Heading:
    """`# text`; `level` from 1."""

    level: int
    inline: Inline
    span: Span


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text."""

    inline: Inline
    raw: str
    span: Span


@dataclass(frozen=True, slots=True)
class ListItem:
    """One item: its first paragraph, what is nested in it, and whether more than that stands there."""

    inline: Inline | None
    nested: tuple[MarkdownList, ...]
    others: tuple[Paragraph | Rest, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class MarkdownList:
    """A list with one kind of marker."""

    is_ordered: bool
    items: tuple[ListItem, ...]
    raw: str
    span: Span


@dataclass(frozen=True, slots=True)
class Rest:
    """Tables, fences, quotes, HTML: kept as they stand."""

    kind: str
    raw: str
    span: Span


Block = Heading | Paragraph | MarkdownList | Rest


@dataclass(frozen=True, slots=True)
class Document:
    """`front` is the text between the two `---` lines (None when there are none), which begins on line 2.

    `too_deep` is where lists are nested deeper than MAX_DEPTH, and were not read further.
    """

    front: str | None
    blocks: tuple[Block, ...]
    too_deep: Span | None = None


MAX_DEPTH = 12  # lists in lists; a hostile guide nests thousands, and reading them recurses


def read(text: str) -> Document:
    """Return the blocks of a document. Never raises: any text is Markdown."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    # The grammar takes an underlined heading in a last line that does not end for a paragraph.
    return _Reader(plain if plain.endswith("\n") else plain + "\n").run()


@lru_cache(maxsize=1)
def _parser() -> tree_sitter.Parser:
    # Only the grammar of blocks: the one of lines takes a minute for ten thousand `*a _b` (tried), and a guide needs
    # no more of a line than its code spans and links (`_codes_in`, `_links_in`, both linear).
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_markdown.language()))


_HEADINGS = {f"atx_h{level}_marker": level for level in range(1, 7)}


class _Reader:
    def __init__(self, text: str) -> None:
        self.source = text.encode()
        self.starts = [0]
        self.starts += [found.end() for found in re.finditer(rb"\n", self.source)]
        self.depth = 0
        self.too_deep: Span | None = None

    def run(self) -> Document:
        tree = _parser().parse(self.source)
        front: str | None = None
        blocks: list[Block] = []
        for node in _flat(tree.root_node):
            if node.type == "minus_metadata":
                front = "\n".join(self.raw(node).strip("\n").split("\n")[1:-1])
                continue
            block = self.block(node)
            if block is not None:
                blocks.append(block)
        return Document(front, tuple(blocks), self.too_deep)

    def block(self, node: tree_sitter.Node) -> Block | None:
        match node.type:
            case "atx_heading":
                return self.heading(node)
            case "paragraph":
                inline = self.inline(node)
                return None if inline is None else Paragraph(inline, self.raw(node).strip(), self.span(node))
            case "list":
                return self.list(node) if self.depth < MAX_DEPTH else self.unread(node)
            case "block_continuation":
                return None
            case _:
                return Rest(node.type, self.raw(node).strip("\n"), self.span(node))

    def heading(self, node: tree_sitter.Node) -> Heading:
        level = next((_HEADINGS[child.type] for child in node.children if child.type in _HEADINGS), 1)
        inline = self.inline(node) or Inline("", self.span(node), ((0, node.start_point[0] + 1, 1),), (), ())
        return Heading(level, inline, self.span(node))

    def list(self, node: tree_sitter.Node) -> MarkdownList:
        items = [child for child in node.children if child.type == "list_item"]
        marker = items[0].children[0].type if items else ""
        is_ordered = marker in ("list_marker_dot", "list_marker_parenthesis")
        self.depth += 1
        read_items = tuple(self.item(item) for item in items)
        self.depth -= 1
        return MarkdownList(is_ordered, read_items, self.raw(node).strip("\n"), self.span(node))

    def unread(self, node: tree_sitter.Node) -> Rest:
        self.too_deep = self.too_deep or self.span(node)
        return Rest(node.type, "", self.span(node))

    def item(self, node: tree_sitter.Node) -> ListItem:
        inline: Inline | None = None
        nested: list[MarkdownList] = []
        others: list[Paragraph | Rest] = []
        for child in node.children:
            if child.type.startswith(("list_marker", "block_continuation", "task_list_marker")):
                continue
            block = self.block(child)
            if isinstance(block, Paragraph) and inline is None and not nested and not others:
                inline = block.inline
            elif isinstance(block, MarkdownList):
                nested.append(block)
            elif isinstance(block, Paragraph | Rest):
                others.append(block)
        return ListItem(inline, tuple(nested), tuple(others), self.span(node))

    # -- texts and places

    def raw(self, node: tree_sitter.Node) -> str:
        return self.source[node.start_byte : node.end_byte].decode(errors="replace")

    def place(self, byte: int, row: int) -> tuple[int, int]:
        return row + 1, len(self.source[self.starts[row] : byte].decode(errors="replace")) + 1

    def span(self, node: tree_sitter.Node) -> Span:
        line, column = self.place(node.start_byte, node.start_point[0])
        end_line, end_column = self.place(node.end_byte, min(node.end_point[0], len(self.starts) - 1))
        return Span(line, column, end_line, end_column)

    def inline(self, node: tree_sitter.Node) -> Inline | None:
        found = next((child for child in node.children if child.type == "inline"), None)
        if found is None:
            return None
        text, lines = self.joined(found)
        bare = Inline(text, self.span(found), lines, (), ())
        codes = _codes_in(text, bare)
        links = _links_in(text, codes, bare)
        # A code span in the words of a link belongs to the link.
        starts = [link.start for link in links]
        outside = tuple(code for code in codes if not _is_inside(code, links, starts))
        return Inline(text, bare.span, lines, outside, links)

    def joined(self, node: tree_sitter.Node) -> tuple[str, tuple[tuple[int, int, int], ...]]:
        """Return the text with the indent of continued lines left out, and where each line begins."""
        gaps = {child.start_byte: child.end_byte for child in node.children if child.type == "block_continuation"}
        pieces: list[str] = []
        lines: list[tuple[int, int, int]] = []
        offset, row, at = 0, node.start_point[0], node.start_byte
        while at < node.end_byte:
            end = self.starts[row + 1] if row + 1 < len(self.starts) else node.end_byte
            start = gaps.get(at, at)
            piece = self.source[start : min(end, node.end_byte)].decode(errors="replace")
            line, column = self.place(start, row)
            lines.append((offset, line, column))
            pieces.append(piece)
            offset += len(piece)
            at, row = end, row + 1
        text = "".join(pieces)
        return text.rstrip(), tuple(lines) or ((0, node.start_point[0] + 1, 1),)


def _flat(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    # An explicit stack: sections nest as deep as headings do, and a hostile guide chooses the depth.
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type in ("document", "section"):
            stack.extend(reversed(current.children))
        else:
            yield current


_TICKS = re.compile(r"`+")
_OPENING = re.compile(r"\\.|`+", re.S)  # a backslash takes the meaning from what follows, outside code only
_LINK = re.compile(r"(?<![!\\])\[(?P<text>[^\[\]]*)\]\((?P<to>[^()\s]*)(?:\s+\"[^\"\n]*\")?\)")


def _is_inside(code: Code, links: tuple[Link, ...], starts: list[int]) -> bool:
    before = bisect_right(starts, code.start) - 1
    return before >= 0 and code.start < links[before].end


def _codes_in(text: str, bare: Inline) -> tuple[Code, ...]:
    """Return the code spans: a run of backticks opens one, the next run of the same length closes it."""
    runs: dict[int, list[int]] = {}
    for run in _TICKS.finditer(text):
        runs.setdefault(run.end() - run.start(), []).append(run.start())
    codes: list[Code] = []
    at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        at = opening.end()
        if opening.group()[0] == "\\":
            continue
        ticks = opening.end() - opening.start()
        closing = runs.get(ticks, [])
        found = bisect_left(closing, at)
        if found < len(closing):
            at = closing[found] + ticks
            codes.append(_code(text, opening.start(), at, ticks, bare))
    return tuple(codes)


def _code(text: str, start: int, end: int, ticks: int, bare: Inline) -> Code:
    inner = text[start + ticks : end - ticks]
    lead = 1 if inner[0] in " \n" and inner[-1] in " \n" and inner.strip() else 0  # CommonMark strips one space
    begin, stop = start + ticks + lead, end - ticks - lead
    return Code(text[begin:stop].replace("\n", " "), start, end, bare.place(begin, stop), begin)


def _links_in(text: str, codes: tuple[Code, ...], bare: Inline) -> tuple[Link, ...]:
    if "](" not in text:
        return ()
    pieces: list[str] = []
    at = 0
    for code in codes:  # brackets in code are text
        pieces += [text[at : code.start], "`" * (code.end - code.start)]
        at = code.end
    masked = "".join([*pieces, text[at:]])
    return tuple(
        Link(text[slice(*found.span("text"))], found["to"], *found.span(), bare.place(*found.span()))
        for found in _LINK.finditer(masked)
    )
