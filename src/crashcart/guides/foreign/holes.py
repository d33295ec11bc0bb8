"""Where quoted text varies: numbers, ids, paths, hosts and placeholders become `<name>`."""

from __future__ import annotations

import re
from collections.abc import Callable

from crashcart.guides.foreign.text import word_set

_NAME = r"[A-Za-z_][\w .-]{0,40}"
# In this order: what is longer and surer first. Codes that mean something (HTTP status, errno, exit code) stay as they are.
_KEPT = re.compile(
    r"\b(?:HTTP(?:/\d(?:\.\d)?)?|status(?: code)?|errno|error|code|exit(?:ed)?(?: with)?(?: code)?|signal|SQLSTATE|ORA)\W{0,3}\d+\b"
    r"|(?<![\w.])[1-5]\d\d(?= (?:[A-Z]|error|response))|\b[A-Za-z]+\d+\w*|\b\d+(?:st|nd|rd|th)\b|(?<=failed: )[45]\d\d\b|(?<=error: )[45]\d\d\b"
)
_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (
        re.compile(r"\$\{([A-Za-z_]\w*)[^{}]{0,40}\}|\{\{\s*\.?([\w.]+)[^{}]{0,40}\}\}"),
        lambda m: _named(m.group(1) or m.group(2)),
    ),
    (re.compile(r"\{([A-Za-z_][^{}\"']{0,60})\}"), lambda m: _named(m.group(1))),
    (re.compile(r"(?<![\w\\])\$([A-Za-z_]\w+)\b"), lambda m: _named(m.group(1))),
    (re.compile(rf"\[({_NAME})\](?!\()"), lambda m: _bracketed(m)),
    (re.compile(rf"<({_NAME})>"), lambda m: _named(m.group(1))),
    (re.compile(r"%(?:\((\w+)\))?[sdrif](?!\w)|%v\b|\{\}|%\.\df"), lambda m: _named(m.group(1) or "text")),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.I), "<id>"),
    (re.compile(r"\bhttps?://[^\s\"'`)>\]]+"), "<url>"),
    (
        re.compile(
            r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b|\b(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+):\d{2,5}\b", re.I
        ),
        "<host>",
    ),
    (re.compile(r"(?<![\w<])(?:/[\w.@-]*[\w@-]){2,}/?"), "<path>"),
    (re.compile(r"\b(?:X{2,}|x{3,}|Y{3,}|N{2,}|xyz|foo(?:bar)?|abc123?)\b"), "<value>"),
    (re.compile(r"(?<==)[XYN]\b"), "<value>"),
    (re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}\b"), "<id>"),
    (re.compile(r"\b0x[0-9A-Fa-f]+\b"), "<id>"),
)
_NUMBER = re.compile(r"(?<![\w<#-])\d+(?:[.,]\d+)*(?:(?=\s?(%))|(?=\s?(?:(ms|s|sec|seconds?|minutes?)\b)|\b))")
# A signature has at most 300 characters, so that what is kept fits into the private characters of Unicode.
_PRIVATE = 0xE000
_PRIVATE_CHARS = re.compile("[\ue000-\uf8ff]")
_DOTS = re.compile(r"\s*(?:\.{3}|…)\s*")
_CODES = re.compile(r"\[(?:Errno|WinError|error|code)[\s_-]?-?\d+\]|\[\w*\d+\w*\]", re.IGNORECASE)


def with_holes(raw: str) -> str:
    """Return a signature's text with `<name>` where it varies; the same name twice gets a number."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found.group())
        return chr(_PRIVATE + len(kept) - 1)

    text = _KEPT.sub(keep, _CODES.sub(keep, _PRIVATE_CHARS.sub("", raw)))
    for pattern, name in _RULES:
        text = pattern.sub(name, text)
    text = _NUMBER.sub(_number, text)
    for place in reversed(range(len(kept))):  # a later one may hold an earlier one
        text = text.replace(chr(_PRIVATE + place), kept[place])
    return _numbered(_dots(text))


def _number(found: re.Match[str]) -> str:
    if found.group(1):
        return "<percent>"
    return "<duration>" if found.group(2) else "<number>"


def _named(words: str) -> str:
    name = re.split(r"[.:!(\[]", words.strip())[0] if not words.strip().startswith(("str(", "repr(")) else "text"
    name = re.sub(r"\W+", "_", name.strip()).strip("_").casefold()
    return f"<{name or 'text'}>" if not name[:1].isdigit() else "<value>"


def _bracketed(found: re.Match[str]) -> str:
    words = found.group(1)
    # [ERROR], [main]: part of the line; [specific error], [status code], [name]: a placeholder of the writer.
    is_placeholder = " " in words or words.casefold() in _PLACEHOLDERS
    return _named(words) if is_placeholder and words.upper() != words else found.group()


_PLACEHOLDERS = word_set(
    "name id number value path file filename host hostname port url user username error message reason code status service pod node "
    "container table database namespace topic queue key token version date time timestamp details text count"
)


def _dots(text: str) -> str:
    core = text.strip()
    for mark in ("...", "…"):
        core = core.removesuffix(mark).removeprefix(mark).strip() if core != mark else core
    return _DOTS.sub(" <text> ", core).strip()


def _numbered(text: str) -> str:
    seen: dict[str, int] = {}

    def once(found: re.Match[str]) -> str:
        name = found.group(1)
        seen[name] = seen.get(name, 0) + 1
        return found.group() if seen[name] == 1 else f"<{name}{seen[name]}>"

    return re.sub(r"<([a-z_][a-z0-9_]*)>", once, text)
