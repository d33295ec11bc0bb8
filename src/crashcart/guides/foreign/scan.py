"""Physical lines of a foreign document, each with what it is: one pass, linear, total."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from crashcart.guides.foreign.pieces import LONGEST, closers, opening, unquoted
from crashcart.guides.foreign.text import MAX_CHARS, TAG, without_tags, word_set

MAX_LINES = 100_000  # what lies behind is told, not read


class Kind(Enum):
    """What a physical line is."""

    BLANK = "blank"
    FRONT = "front"
    HEADING = "heading"
    FENCE = "fence"  # the opening or closing mark
    BODY = "body"  # inside a fence
    HEAD = "table head"
    DELIMITER = "table delimiter"
    ROW = "row"
    ITEM = "item"
    TEXT = "text"
    SUMMARY = "summary"  # the title of something that opens
    ADMONITION = "admonition"
    CLOSE = "close"  # the end of something that opened
    MARKUP = "markup"


@dataclass(frozen=True, slots=True)
class Line:
    """`level` of a heading; `indent` of the content; `fence` numbers the fence; `info` of a fence or an admonition.

    `depth`: how deep the line is quoted.
    """

    no: int
    kind: Kind
    text: str
    indent: int = 0
    level: int = 0
    number: int = 0  # of an ordered item; 0: a bullet
    fence: int = 0
    info: str = ""
    depth: int = 0


_HEADING = re.compile(r"(#{1,6})(?:\s+(.*?))?\s*#*\s*$")
_TIGHT_HEADING = re.compile(r"(#{2,6})([^\s#!].*)$")  # "##Title": no heading in CommonMark, and yet written
_UNDERLINE = re.compile(r"(=+|-+)\s*$")
_ITEM = re.compile(r"(?:([-*+•▪◦●‣–])|(\d{1,4})[.)、]|([a-zA-Z])\))(?:\s+(.*))?$")
_TASK = re.compile(r"\[[ xX]\]\s+")
_BOX = re.compile(r"[□☐☑✅✔]\s+")
_RULE = re.compile(r"([-*_])(?:\s*\1){2,}\s*$")
_DELIMITER = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_GITHUB_NOTE = re.compile(r"\[!(\w+)\]\s*(.*)$")
_COLON_NOTE = re.compile(r":{3,}\s*\{?(\w*)\}?\s*(.*)$")
_BANG_NOTE = re.compile(r"(?:!!!|\?\?\?\+?)\s+(\w+)[^\"]*(?:\"([^\"]*)\")?")
_TAB = re.compile(r"===[!+]?\s+\"")
_CODE_NOTE = re.compile(r"\{\{[%<]\s*(/?)\s*(\w[\w/-]*)([^{}]{0,500})[%>]\}\}|\{%\s*(/|end)?(\w+)([^{}]{0,500})%\}")
_NAMED = re.compile(r"(?:title|summary|header)\s*=\s*[\"“]([^\"”]{1,300})|[\"“]([^\"”]{1,300})[\"”]")
_SUMMARY = re.compile(r"<summary[^<>]{0,200}>(.*?)(?:</summary>|$)", re.IGNORECASE)
_HTML_HEADING = re.compile(r"<h([1-6])[^<>]{0,200}>(.*?)</h\1>", re.IGNORECASE)
_CELL = re.compile(r"<t[hd](?:\s[^<>]{0,200})?>(.*?)</t[hd]>", re.IGNORECASE)
_FRONT_KEY = re.compile(r"[\w.-]+\s*[:=]|\s*[-#]|\s+\S|$")
_NOTES = word_set(
    "note notice tip info hint warning caution important danger attention alert callout admonition example success failure bug error "
    "abstract question quote seealso see-also expand details collapse accordion tab tabs"
)
_FOLDS = word_set("expand details collapse accordion question faq")


def scan(text: str) -> tuple[Line, ...]:
    """Return the lines of a document, at most MAX_LINES."""
    raws = text.split("\n", MAX_LINES)
    if len(raws) > MAX_LINES or (raws[-1] == "" and len(raws) > 1):
        raws.pop()  # what is not read, or nothing: the newline that ends the last line begins no other
    return _Scanner([raw[:MAX_CHARS].rstrip("\r").expandtabs(4) for raw in raws]).run()


class _Scanner:
    def __init__(self, raws: Sequence[str]) -> None:
        self.raws = raws
        self.bare = [unquoted(raw) for raw in raws]
        self.lines: list[Line] = []
        self.fences = 0
        self.in_comment = False
        self.in_table = False
        self.list_indent = -1
        self.margin = -1  # of what stands in an admonition or tab that goes by indentation
        self.closers = closers(self.bare)
        self.breaks = [no for no, raw in enumerate(raws) if raw.startswith("##") and _HEADING.match(raw)]

    def run(self) -> tuple[Line, ...]:
        at = self.front()
        while at < len(self.raws):
            at = self.step(at)
        return tuple(self.lines)

    def add(self, at: int, kind: Kind, text: str, **more: int | str) -> None:
        depth = self.bare[at][0]
        self.lines.append(Line(at + 1, kind, text, depth=depth, **more))  # type: ignore[arg-type]

    def front(self) -> int:
        """Take the front matter; return where the document begins."""
        mark = self.raws[0].lstrip("\ufeff").strip() if self.raws else ""
        if mark not in ("---", "+++"):
            return 0
        for at in range(1, min(len(self.raws), 300)):
            if self.raws[at].strip() in (mark, "..."):
                for no in range(at + 1):
                    self.add(no, Kind.FRONT, self.raws[no])
                return at + 1
            if not _FRONT_KEY.match(self.raws[at]):
                return 0
        return 0

    def step(self, at: int) -> int:
        depth, text = self.bare[at]
        content = text.strip()
        indent = len(text) - len(text.lstrip())
        if self.in_comment or content.startswith("<!--"):
            self.in_comment = "-->" not in content
            self.add(at, Kind.MARKUP, content)
            return at + 1
        if not content:
            self.in_table = False
            self.add(at, Kind.BLANK, "", indent=indent)
            return at + 1
        if indent < self.margin:
            self.margin = -1
        fence = opening(text)
        if fence is not None:
            return self.fence(at, *fence)
        if indent >= 4 and self.is_code(at, indent):
            return self.indented(at, indent)
        self.plain_line(at, depth, content, indent)
        return at + 1

    # -- fences

    def fence(self, at: int, mark: str, info: str, lead: str, indent: int) -> int:
        if lead.strip():
            self.list_indent = indent
        end = self.closing(at, mark)
        is_closed = end < len(self.raws) and self.closes(end, mark)
        self.fences += 1
        self.add(at, Kind.FENCE, "", fence=self.fences, info=info, indent=indent)
        margin = indent
        for no in range(at + 1, end):
            body = self.bare[no][1]
            cut = min(margin, len(body) - len(body.lstrip()))
            self.add(no, Kind.BODY, body[cut:], fence=self.fences, info=info)
        if is_closed:
            self.add(end, Kind.FENCE, "closed", fence=self.fences, info=info)
            return end + 1
        return end

    def closing(self, at: int, mark: str) -> int:
        """Return the line that closes a fence; when none does, the next heading or the end of the document."""
        places = self.closers[mark[0], min(len(mark), LONGEST)]
        found = bisect_left(places, at + 1)
        if found < len(places):
            return places[found]
        stop = bisect_left(self.breaks, at + 1)
        return self.breaks[stop] if stop < len(self.breaks) else len(self.raws)

    def closes(self, at: int, mark: str) -> bool:
        content = self.bare[at][1].strip()
        return len(content) >= len(mark) and set(content) == {mark[0]}

    def is_code(self, at: int, indent: int) -> bool:
        """Whether an indented line is code: behind a blank line or the start, and in no list."""
        before = self.lines[-1] if self.lines else None
        is_apart = before is None or before.kind in (Kind.BLANK, Kind.HEADING)
        if not is_apart or (self.list_indent >= 0 and indent < self.list_indent + 6):
            return False
        if self.margin >= 0 and indent < self.margin + 4:
            return False
        return not _ITEM.match(self.bare[at][1].strip())

    def indented(self, at: int, indent: int) -> int:
        self.fences += 1
        while at < len(self.raws):
            body = self.bare[at][1]
            if not body.strip():
                following = self.bare[at + 1][1] if at + 1 < len(self.raws) else ""
                if not following.startswith("    "):
                    break
            elif len(body) - len(body.lstrip()) < 4:
                break
            self.add(at, Kind.BODY, body[min(indent, len(body) - len(body.lstrip())) :], fence=self.fences)
            at += 1
        return at

    # -- other lines

    def plain_line(self, at: int, depth: int, content: str, indent: int) -> None:
        kind = self.marked(at, depth, content, indent)
        if kind is not None:
            return
        if self.table(at, content):
            return
        item = _ITEM.match(content)
        if item and (item.group(4) is not None or not item.group(1) or item.group(1) in "-*+"):
            words = _BOX.sub("", _TASK.sub("", item.group(4) or ""))
            self.list_indent = indent
            number = int(item.group(2)) if item.group(2) else (ord(item.group(3).lower()) - 96 if item.group(3) else 0)
            self.add(at, Kind.ITEM, words, indent=indent, number=number)
            return
        if indent == 0 and self.lines and self.lines[-1].kind is Kind.BLANK:
            self.list_indent = -1
        self.add(at, Kind.TEXT, content, indent=indent)

    def marked(self, at: int, depth: int, content: str, indent: int) -> Kind | None:
        """Add a heading, an admonition, an opening, a closing or plain markup; None when the line is none of them."""
        count = len(self.lines)
        heading = _HEADING.match(content) or _TIGHT_HEADING.match(content)
        if heading and indent < 4:
            self.list_indent = -1
            self.add(at, Kind.HEADING, heading.group(2) or "", level=len(heading.group(1)))
        elif self.underline(at, content):
            pass
        elif _RULE.match(content):
            self.add(at, Kind.MARKUP, content)
        elif depth and (note := _GITHUB_NOTE.match(content)):
            self.add(at, Kind.ADMONITION, note.group(2), info=note.group(1).lower())
        elif content.startswith(":::"):
            self.colon_note(at, content)
        elif _TAB.match(content):
            self.margin = indent + 4
            self.add(at, Kind.MARKUP, content)
        elif note := _BANG_NOTE.match(content):
            self.margin = indent + 4
            is_fold = content.startswith("???")
            self.add(
                at,
                Kind.SUMMARY if is_fold else Kind.ADMONITION,
                note.group(2) or "",
                info=note.group(1).lower(),
                indent=indent,
            )
        elif content.startswith(("{{", "{%")) and (note := _CODE_NOTE.match(content)):
            self.shortcode(at, note, content)
        elif content.startswith("<"):
            self.html(at, content, indent)
        return self.lines[-1].kind if len(self.lines) > count else None

    def underline(self, at: int, content: str) -> bool:
        """Turn the line above into a heading when this one underlines it."""
        mark = _UNDERLINE.match(content)
        before = self.lines[-1] if self.lines else None
        if not mark or before is None or before.kind is not Kind.TEXT or before.indent or len(before.text) > 200:
            return False
        if content[0] == "-" and (len(content) < 3 or (len(self.lines) > 1 and self.lines[-2].kind is Kind.TEXT)):
            return False
        self.lines[-1] = Line(before.no, Kind.HEADING, before.text, level=1 if content[0] == "=" else 2)
        self.add(at, Kind.MARKUP, content)
        return True

    def colon_note(self, at: int, content: str) -> None:
        note = _COLON_NOTE.match(content)
        word = note.group(1).lower() if note else ""
        if not note or not word:
            self.add(at, Kind.CLOSE, content, info="note")
        else:
            title = note.group(2).strip().strip("[]")
            self.add(at, Kind.SUMMARY if word in _FOLDS else Kind.ADMONITION, title, info=word)

    def shortcode(self, at: int, note: re.Match[str], content: str) -> None:
        word = (note.group(2) or note.group(5) or "").lower().split("/")[-1]
        is_end = bool(note.group(1) or note.group(4))
        rest = without_tags(content).strip()
        named = _NAMED.search(note.group(3) or note.group(6) or "")
        title = (named.group(1) or named.group(2)) if named else ""
        if is_end:
            self.add(at, Kind.CLOSE, content, info=word)
        elif word in _NOTES:
            self.add(at, Kind.SUMMARY if word in _FOLDS else Kind.ADMONITION, title or rest, info=word)
        elif rest:
            self.add(at, Kind.TEXT, rest)
        else:
            self.add(at, Kind.MARKUP, content)

    def html(self, at: int, content: str, indent: int) -> None:
        if found_cells := _CELL.findall(content):
            text = "| " + " | ".join(without_tags(cell).replace("|", "\\|").strip() for cell in found_cells) + " |"
            self.add(at, Kind.HEAD if "<th" in content.lower() else Kind.ROW, text)
            return
        if summary := _SUMMARY.search(content):
            self.add(at, Kind.SUMMARY, without_tags(summary.group(1)).strip(), info="details")
        elif found := _HTML_HEADING.search(content):
            self.add(at, Kind.HEADING, without_tags(found.group(2)).strip(), level=int(found.group(1)))
        elif content.lower().startswith("</details"):
            self.add(at, Kind.CLOSE, content, info="details")
        elif TAG.match(content) and not (rest := without_tags(content).strip()):
            self.add(at, Kind.MARKUP, content)
        elif TAG.match(content) and content.lower().startswith("<li"):
            self.add(at, Kind.ITEM, rest, indent=indent)

    def table(self, at: int, content: str) -> bool:
        if "|" not in content:
            self.in_table = False
            return False
        if self.in_table:
            self.add(at, Kind.DELIMITER if _DELIMITER.match(content) else Kind.ROW, content)
            return True
        following = self.bare[at + 1][1].strip() if at + 1 < len(self.raws) else ""
        if "-" in following and _DELIMITER.match(following) and ("|" in following or content.count("|") <= 2):
            self.in_table = True
            self.add(at, Kind.HEAD, content)
            return True
        return False
