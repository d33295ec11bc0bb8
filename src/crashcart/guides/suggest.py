"""What a log says and no guide knows yet, as the draft of a guide: a person fills in the causes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SLUG = re.compile(r"[a-z][a-z0-9]*")
_MARKUP = re.compile(r"[`*_{}<>#|\[\]()\\]+")
_HOLE = re.compile(r"<(?:\*|[A-Za-z_][A-Za-z0-9_]*)>")
_TITLE_CHARS = 80
_SLUG_WORDS = 5


@dataclass(frozen=True, slots=True)
class Quote:
    """One line as it stands in a log, redacted, on one line and with nothing in it that acts; and where it stands."""

    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A statement that no guide knows. `signature` and `around` are log text with holes, fit for a check."""

    signature: str
    count: int
    when: str
    where: str  # the deepest frame of the user's own code, ""  when none is known
    samples: tuple[Quote, ...]
    around: tuple[str, ...] = ()  # what it said around the same time, and hardly ever else


def suggested_guide(found: Sequence[Suggestion], *, name: str, kind: str, source: str) -> str:
    """Return a guide that compiles, with one problem a suggestion, in their order; there is at least one."""
    ids: set[str] = set()
    problems = "\n".join("\n".join(_problem(each, ids)) for each in found)
    return f"""---
guide: {name}
for: {kind}
severity: high
---
# {name}
A draft, made from `{source.replace("`", " ")}`: what it says around errors, and no guide knew. The causes are for a person to fill in.

**Healthy**
- it logs nothing critical `log {{self}} level critical => unseen`

{problems}"""


def is_writable(text: str) -> bool:
    """Whether log text can stand in quotes in a check."""
    return text.isprintable() and "`" not in text and not ('"' in text and "'" in text)


def _problem(each: Suggestion, ids: set[str]) -> Iterator[str]:
    title = _title(each.signature)
    slug = _slug(title, ids)
    yield f"## The log says: {title} {{#{slug}}}"
    place = f" Raised in `{each.where.replace('`', ' ')}`." if each.where else ""
    yield f"Seen {_times(each.count)}, {each.when}.{place}"
    yield ""
    for sample in each.samples:
        yield f"> `{sample.where.replace('`', ' ')}`:"
        # Indented within the quote: whatever a log line holds is then text and no markup.
        yield ">"
        yield f">     {sample.text}"
        yield ""
    yield "**Symptoms**"
    yield f"- always: `log {{self}} {_quoted(each.signature)}`"
    yield ""
    yield f"### Cause: what is really wrong, to be filled in {{#{slug}-cause}} (common)"
    yield "By hand: say here what it is, and how one can tell."
    yield ""
    yield "**Evidence**"
    yield from (f"- often: it said so around the same time `log {{self}} {_quoted(text)}`" for text in each.around)
    yield "- By hand: what only this cause leaves behind, in a log or to be looked at."
    yield ""
    yield "**Fix**"
    yield "1. By hand: what ends it."
    yield ""


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'


def _title(signature: str) -> str:
    text = " ".join(_MARKUP.sub(" ", _HOLE.sub("…", signature)).split())
    return text if len(text) <= _TITLE_CHARS else text[: _TITLE_CHARS - 1].rstrip() + "…"


def _slug(title: str, ids: set[str]) -> str:
    base = "-".join(_SLUG.findall(title.lower())[:_SLUG_WORDS]) or "logged"
    slug = next(name for name in (base, *(f"{base}-{number}" for number in range(2, len(ids) + 3))) if name not in ids)
    ids.add(slug)
    return slug


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
