"""Plain words out of marked-up ones; every expression here is linear in the length of a line."""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

MAX_CHARS = 2000  # of one line are looked at: guides are written by people, and a hostile line may have 50 MB

_TAGS = (
    "details|summary|div|span|p|br|hr|b|i|u|em|strong|a|img|table|thead|tbody|tfoot|tr|td|th|ul|ol|li|dl|dt|dd|code|pre|kbd|h[1-6]|"
    "sup|sub|center|font|section|article|aside|blockquote|figure|figcaption|small|mark|del|ins|script|style|iframe|video|picture|source|svg|"
    "path|button|input|label|form|nav|header|footer|main|tabs?|tabitem|note|warning|tip|callout|accordion|steps?"
)
TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]{{0,500}})?/?>", re.IGNORECASE)
_CODE_TAG = re.compile(r"</?(?:code|kbd|samp|tt)>", re.IGNORECASE)
_SHORTCODE = re.compile(r"\{\{[%<][^{}]{0,500}[%>]\}\}|\{%[^{}]{0,500}%\}")
_IMAGE = re.compile(r"!\[([^\[\]]{0,300})\]\([^()]{0,500}\)")
_LINK = re.compile(r"\[([^\[\]]{0,300})\](?:\([^()\s]{0,500}(?:\s\"[^\"]{0,200}\")?\)|\[[^\[\]]{0,100}\])")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.{1,1000}?)(?<=\S)\1")
_EMPHASIS = re.compile(
    r"(?<![\w*])\*(?=\S)([^*\n]{1,500})(?<=\S)\*(?![\w*])|(?<!\w)_(?=\S)([^_\n]{1,500})(?<=\S)_(?!\w)"
)
_ATTRIBUTES = re.compile(r"\s*\{[#.:][^{}]{0,200}\}\s*$")
_SPACES = re.compile(r"\s+")
_TICKS = re.compile(r"`+")
# Signs before the first word: emoji, arrows, bullets; quotes, brackets and code ticks belong to the word.
_ORNAMENT = re.compile(r"^[^\w\s\"'“‘«„「『(\[<{`$/\\.%~@#&+¿¡-]+\s*")
# "1.", "2.3", "IV.", "A)", "Step 3:", "#4": what counts, not what names.
_NUMBERING = re.compile(
    r"^(?:(?:step|schritt|paso|étape|passo|шаг|ステップ)\s*\d{1,3}(?:\.\d+)*\s*[:.)–—-]?\s+|#\d{1,3}[:.)]?\s+|\d{1,3}(?:\.\d{1,3}){0,4}[.):]?\s+(?!\w*%)"
    r"|\d{1,3}[.、)](?=\S)(?!\d)|[IVX]{1,5}[.)]\s+|[A-Za-z][.)]\s+|[一二三四五六七八九十]{1,3}[、.]\s*|第\s*\d+\s*步[:\uff1a]?\s*|\(\d{1,3}\)\s+)",
    re.IGNORECASE,
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "’": None})


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """A code span in a line and the offsets of it, delimiters included."""

    text: str
    start: int
    end: int


def word_set(words: str) -> frozenset[str]:
    """Return words that stand between spaces as a set."""
    return frozenset(words.split())


def code_spans(text: str) -> tuple[CodeSpan, ...]:
    """Return the code spans of a line: a run of backticks opens one, the next run of its length closes it."""
    runs: dict[int, list[int]] = {}
    for run in _TICKS.finditer(text):
        runs.setdefault(run.end() - run.start(), []).append(run.start())
    spans: list[CodeSpan] = []
    at = 0
    while (opening := _TICKS.search(text, at)) is not None:
        at = opening.end()
        ticks = opening.end() - opening.start()
        closing = runs[ticks]
        found = bisect_left(closing, at)
        if found < len(closing):
            spans.append(CodeSpan(text[at : closing[found]].strip(), opening.start(), closing[found] + ticks))
            at = closing[found] + ticks
    return tuple(spans)


def without_tags(text: str) -> str:
    """Return a line without HTML tags, shortcodes and comments on it; `<placeholders>` stay."""
    if "{" in text:
        text = _SHORTCODE.sub(" ", text)
    if "<" in text:
        text = _CODE_TAG.sub("`", text)
    return TAG.sub(" ", text) if "<" in text else text


@lru_cache(maxsize=1024)
def plain(text: str) -> str:
    """Return the words of a line without Markdown marks, tags and entities."""
    if "](" in text or "][" in text:
        text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    text = without_tags(text)
    if "*" in text or "_" in text:
        text = _EMPHASIS.sub(lambda found: found.group(1) or found.group(2), _STRONG.sub(r"\2", text))
    if "&" in text:
        text = html.unescape(text)
    return _SPACES.sub(" ", text.replace("`", "")).strip()


def title_of(text: str) -> str:
    """Return a heading's words: no ornaments, no numbering, no attributes, no trailing colon."""
    words = unnumbered(plain(_ATTRIBUTES.sub("", text.rstrip("# \t"))))
    return words.rstrip(":\uff1a ").strip() or plain(text)


def unnumbered(text: str) -> str:
    """Return words without emoji and numbers before them."""
    bare = _ORNAMENT.sub("", text)
    bare = _NUMBERING.sub("", bare, count=1)
    return _ORNAMENT.sub("", bare).strip()


def slug(title: str) -> str:
    """Return an id for a title: small letters, digits and -; "" when no letter of it is left."""
    plain_letters = unicodedata.normalize("NFKD", title[:200].casefold().translate(_UMLAUTS))
    words = re.findall(
        r"[a-z0-9]+", "".join(char for char in plain_letters if not unicodedata.combining(char)).replace("'", "")
    )
    return "-".join(words)[:60].strip("-").lstrip("0123456789-")
