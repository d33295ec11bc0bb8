"""Remarks on the text as a text: links, characters, headings, secrets."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote

from crashcart.guides.foreign.nouns import Role
from crashcart.guides.foreign.text import code_spans
from crashcart.guides.shell import Remark

from .nouns import Text, flat

_LINK = re.compile(r"\]\(#([^()\s]{1,300})\)")
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_OWN_ID = re.compile(r"\{#([\w-]+)[^{}]*\}\s*(?:\([^()]{0,80}\)\s*)?$")  # behind the id of a cause stands how often
_ANCHOR = re.compile(r"<[a-zA-Z][^<>]{0,200}?\b(?:id|name)\s*=\s*[\"']([^\"'<>]{1,200})[\"']")
_STRANGE = re.compile(r"[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]{2,}")
_CUT_EMOJI = "\u00ef\u00b8"  # how U+FE0F begins, which stands behind emoji; its last byte is often lost
_SECRET = re.compile(
    r"\b(?:sk-(?:proj-|ant-)?[A-Za-z0-9_-]{24,}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}|xox[abpr]-[0-9A-Za-z-]{20,}|"
    r"AIza[0-9A-Za-z_-]{35}|glpat-[0-9A-Za-z_-]{20,})\b|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
_DUMMY = re.compile(r"x{4,}|\*{3,}|\.{3,}|example|your|dummy|sample|test|1234567890|abcdef|0{6,}", re.IGNORECASE)


def dead_links(text: Text) -> Iterator[Remark]:
    """A link within the document that leads to no heading."""
    known: set[str] | None = None
    for number, line in enumerate(text.lines, start=1):
        if "](#" not in line or _in_fence(text, number):
            continue
        bare = _without_code(line)
        for found in _LINK.finditer(bare):
            known = _anchors(text) if known is None else known
            wanted = unquote(found.group(1)).casefold()
            if wanted not in known and wanted.strip("-") not in known and wanted != "top":
                yield Remark(
                    "dead-link", number, f"#{flat(found.group(1), 80)}", "no heading has this anchor, so the link leads nowhere",
                    "correct it, or remove it",
                )  # fmt: skip


def _anchors(text: Text) -> set[str]:
    """Return the anchors as the usual hosts make them, ours with and without leading dashes: hosts differ in emoji."""
    found: set[str] = set()
    count: Counter[str] = Counter()
    last = ""
    for number, line in enumerate(text.lines, start=1):
        found |= {name.casefold() for name in _ANCHOR.findall(line)}
        heading = _HEADING.match(line) if not _in_fence(text, number) else None
        words = heading.group(2) if heading else last if re.fullmatch(r"\s{0,3}(?:=+|-+)\s*", line) and last else ""
        last = line.strip()
        if not words:
            continue
        own = _OWN_ID.search(words)
        if own:
            found.add(own.group(1).casefold())
        for slug in {_slug(words), _slug(re.sub(r":[a-z0-9_+-]+:", "", words)), _slug(_OWN_ID.sub("", words))}:
            found |= {slug, slug.strip("-"), re.sub("-{2,}", "-", slug).strip("-")}
            if count[slug]:
                found |= {f"{slug}-{count[slug]}", f"{slug.strip('-')}-{count[slug]}"}
            count[slug] += 1
    return found


def _slug(words: str) -> str:
    text = re.sub(r"\[([^\[\]]*)\]\([^()]*\)", r"\1", words)
    text = re.sub(r"(?<!\\)<[^<>]{0,200}>", "", text).replace("`", "").strip().casefold()
    kept = "".join(char for char in text if char in " -_" or unicodedata.category(char)[0] in "LNM")
    return kept.replace(" ", "-")


def broken_characters(text: Text) -> Iterator[Remark]:
    """Text in UTF-8 that was read as another code page: told once, with the lines."""
    lines = [number for number, line in enumerate(text.lines, start=1) if is_broken(line)]
    if lines:
        more = f", and on {len(lines) - 1} other lines ({', '.join(map(str, lines[1:13]))})" if lines[1:] else ""
        yield Remark(
            "broken-characters", lines[0], flat(text.line(lines[0])),
            f"characters were read in the wrong encoding and saved so, here{more}", "restore them, and save the file as UTF-8",
        )  # fmt: skip


def is_broken(line: str) -> bool:
    """Whether a line holds characters in UTF-8 that were read as another code page."""
    if line.isascii():
        return False
    if ("\ufffd" in line and "FFFD" not in line.upper()) or _CUT_EMOJI in line:
        return True
    for found in _STRANGE.finditer(line):
        # Two characters of the range that make one of UTF-8 are hardly ever meant; accents alone never do.
        raw = bytes(byte for char in found.group() for byte in _byte(char))
        try:
            if len(raw.decode("utf-8")) < len(raw):
                return True
        except UnicodeDecodeError:
            continue
    return False


def _byte(char: str) -> bytes:
    try:
        return char.encode("cp1252")
    except UnicodeEncodeError:
        return char.encode("latin-1") if ord(char) < 0x100 else b"\xff"


def empty_sections(text: Text) -> Iterator[Remark]:
    """A heading with nothing below it before the next of its level or above."""
    headings = [
        (number, len(found.group(1)), found.group(2))
        for number, line in enumerate(text.lines, start=1)
        if line.lstrip().startswith("#") and not _in_fence(text, number) and (found := _HEADING.match(line))
    ]
    for (number, level, words), after in zip(headings, [*headings[1:], (len(text.lines) + 1, 1, "")], strict=False):
        body = [
            line for line in text.lines[number : after[0] - 1] if line.strip() and not re.fullmatch(r"[-*_\s]+", line)
        ]
        is_title = number <= len(text.guide.roles) and text.guide.roles[number - 1] is Role.TITLE
        if (
            not body and after[1] <= level and words and not is_title and not words.startswith("`")
        ):  # the parts of a problem may stand beside it
            yield Remark(
                "empty-section", number, flat(words), "nothing stands below this heading", "fill it, or remove it"
            )


def secrets(text: Text) -> Iterator[Remark]:
    """Keys by the shape that their makers give them, wherever they stand."""
    for number, line in enumerate(text.lines, start=1):
        found = _SECRET.search(line)
        if found and not _DUMMY.search(found.group()):
            shown = found.group()[:4] + "..."
            yield Remark(
                "pasted-secret", number, shown, f"a secret stands in the text ({shown}); whoever reads the guide has it",
                "revoke it, and name a variable or a secret store instead",
            )  # fmt: skip


def _in_fence(text: Text, number: int) -> bool:
    if number > len(text.guide.roles) or text.guide.roles[number - 1] is Role.FRONT:
        return True
    return number in text.bodies


def _without_code(line: str) -> str:
    for span in reversed(code_spans(line)):
        line = line[: span.start] + line[span.end :]
    return line
