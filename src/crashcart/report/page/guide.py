"""A guide as one web page that stands alone, with a decision drawing for each problem."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from crashcart.model.guide_page import CauseTold, GuidePage, Listed, ProblemTold, RemedyTold, Sentence, StepTold
from crashcart.model.spec import Risk
from crashcart.report.page.decisions import decision_drawing
from crashcart.report.page.frame import card, document, safe, safe_block
from crashcart.report.plain import plain

_CODE = re.compile(r"(`+)([^`]+)\1(?!`)")
_BLANK = re.compile(r"\n[ \t]*\n")
_STYLE: Final = """
h3{font-size:13.5px;margin:14px 0 4px;font-weight:650}.problem h1{margin-top:0}.inner{margin:4px 0 8px 16px}
svg .remedy rect{fill:var(--good-soft);stroke:var(--good)}svg .remedy .fact{fill:var(--ink)}li .badge{font-size:12px;padding:0 8px}
.scroll{margin:14px 0}
""".strip()


def guide_page(guide: GuidePage, *, engine: str) -> str:
    """Return the page."""
    body = [
        *_top(guide),
        *_contents(guide),
        *card("When all is well", [*_lists(guide.lists), *_remedies(guide.remedies)]),
    ]
    for problem in guide.problems:
        body += _problem(problem)
    for task in guide.tasks:
        parts = [*_prose(task.prose), *_lists(task.lists), *_remedies(task.remedies)]
        body += card(f"Every {safe(task.every)}: {safe(task.title)}", parts)
    if guide.sections:
        body += card("Further sections", [f"<pre>{safe_block(guide.sections)}</pre>"])
    body.append(
        f"<footer><p>Made by crashcart {safe(engine)} from <code>{safe(guide.path)}</code>. The guide is the program: "
        "<code>crashcart diagnose</code> asks these questions of the running system.</p></footer>"
    )
    return document(guide.title, body, engine=engine, tone="calm", style=_STYLE)


def _top(guide: GuidePage) -> Iterator[str]:
    owner = f'<span class="right">{safe(guide.owner)}</span>' if guide.owner else ""
    yield f'<div class="top"><b>{safe(guide.name)}</b><span class="env">{safe(guide.target_kind)}</span>{owner}</div>'
    yield f'<section class="card verdict"><span class="badge first">severity: {safe(guide.severity)}</span>'
    yield f"<h1>{safe(guide.title)}</h1>"
    yield from _prose(guide.prose)
    yield "</section>"


def _contents(guide: GuidePage) -> Iterator[str]:
    rows = [
        f'<li><b>{safe(problem.title)}</b> <span class="dim">{safe("; ".join(cause.title for cause in problem.causes))}</span></li>'
        for problem in guide.problems
    ]
    yield from card("What one may suffer, and why", [f"<ul>{''.join(rows)}</ul>"] if rows else [])


def _problem(problem: ProblemTold) -> Iterator[str]:
    yield f'<section class="card problem"><h2>Problem</h2><h1>{safe(problem.title)}</h1>'
    yield from _prose(problem.prose)
    yield from _lists(problem.lists)
    yield from _remedies(problem.remedies)
    made = decision_drawing(problem)
    if made:
        yield f'<div class="scroll" tabindex="0">{made}</div>'
    for cause in problem.causes:
        yield from _cause(cause)
    yield "</section>"


def _cause(cause: CauseTold) -> Iterator[str]:
    often = f'<span class="saw">{safe(cause.often)}</span>'
    yield f'<details><summary><b>{safe(cause.title)}</b> {often}</summary><div class="inner">'
    if cause.link:
        yield f"<p>From <code>{safe(cause.link)}</code>.</p>"
    yield from _prose(cause.prose)
    yield from _lists(cause.lists)
    yield from _remedies(cause.remedies)
    yield "</div></details>"


def _lists(lists: Sequence[Listed]) -> Iterator[str]:
    for listed in lists:
        yield f"<h3>{safe(listed.label)}</h3><ul>"
        yield from (f"<li>{_sentence(sentence)}</li>" for sentence in listed.sentences)
        yield "</ul>"


def _sentence(sentence: Sentence) -> str:
    parts = [
        f'<span class="dim">{safe(sentence.likelihood)}:</span>' if sentence.likelihood else "",
        _inline(sentence.text),
        f"<code>{safe(sentence.code)}</code>" if sentence.code else "",
    ]
    return " ".join(filter(None, parts))


def _remedies(remedies: Sequence[RemedyTold]) -> Iterator[str]:
    for remedy in remedies:
        note = f' <span class="dim">{_inline(remedy.note)}</span>' if remedy.note else ""
        yield f"<h3>{safe(remedy.label)}{note}</h3><ol>"
        yield from (_step(step) for step in remedy.steps)
        yield "</ol>"


def _step(step: StepTold) -> str:
    risk = (
        f' <span class="badge">{safe(step.risk.value)}</span>'
        if step.risk is not None and step.risk is not Risk.SAFE
        else ""
    )
    code = f" <code>{safe(step.code)}</code>" if step.code else ""
    guards = [
        f'<li><span class="dim">{word}</span> {_sentence(sentence)}</li>'
        for word, sentences in (("only if", step.only_if), ("verify", step.verify), ("undo", step.undo))
        for sentence in sentences
    ]
    nested = f"<ul>{''.join(guards)}</ul>" if guards else ""
    return f"<li>{_inline(step.text)}{code}{risk}{nested}</li>"


def _prose(text: str) -> Iterator[str]:
    for block in _BLANK.split(text.strip()):
        if block:
            yield f"<p>{_inline(block)}</p>"


def _inline(text: str) -> str:
    """Return prose with its code spans; all other Markdown stays as it was written."""
    parts, end = [], 0
    harmless = plain(text)
    for span in _CODE.finditer(harmless):
        parts += [escape(harmless[end : span.start()]), f"<code>{escape(span[2].strip())}</code>"]
        end = span.end()
    return "".join([*parts, escape(harmless[end:])])
