"""A diagnosis as Markdown, for an issue or a page of a wiki."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from crashcart.report.page.story import Candidate, Event, Sign, Story
from crashcart.report.plain import line
from crashcart.report.words import ago

# Every sign that may begin something in CommonMark or in the dialects of code hosts: also @, which calls people there,
# and #, which links issues.
_ACTING: Final = re.compile(r"([\\`*_{}\[\]<>#|~@&])")
_AT_START: Final = re.compile(r"^([-+=:]|\d+[.)](?=\s|$))")


def markdown_page(story: Story) -> str:
    """Return the page as Markdown that any reader shows alike."""
    rows = [*_answer(story), *_why(story), *_others(story), *_timeline(story), *_rest(story)]
    return "\n".join(rows).rstrip("\n") + "\n"


def text(value: str, limit: int = 0) -> str:
    """Return text that Markdown shows as it stands."""
    return _AT_START.sub(lambda found: f"{found[1][:-1]}\\{found[1][-1]}", _ACTING.sub(r"\\\1", line(value, limit)))


def code(value: str, limit: int = 0) -> str:
    """Return a code span; its fence is longer than any run of backticks inside."""
    flat = line(value, limit)
    fence = "`" * (max((len(run) for run in re.findall("`+", flat)), default=0) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") or not flat else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def _answer(story: Story) -> Iterator[str]:
    yield f"# {text(story.headline)}"
    yield ""
    environment = f" · {text(story.environment)}" if story.environment else ""
    yield f"**{text(story.system)}**{environment} · {story.now:%Y-%m-%d %H:%M:%S} UTC · {len(story.taken)} looks"
    yield ""
    for title, targets in story.broken:
        yield f"- Broken: **{text(title)}** ({text(', '.join(targets))}){_since(story)}"
    yield from (f"- Should hold and does not: {text(what)} ({text(target)})" for what, target in story.given[:3])
    if story.complaint:
        yield f"- People say: “{text(story.complaint, 300)}”"
    yield from (f"- {text(also)}" for also in story.also)
    if story.first is not None and story.first.fixes:
        yield from ("", "## To fix", "")
        yield from (f"{number}. {text(step, 400)}" for number, step in enumerate(story.first.fixes, start=1))


def _since(story: Story) -> str:
    if story.onset is None:
        return ""
    told = "" if story.onset_is_told else "at least "
    return f", {told}since {story.onset:%H:%M:%S} UTC ({ago(story.onset, story.now)})"


def _why(story: Story) -> Iterator[str]:
    if story.first is None or not story.first.signs:
        return
    yield from ("", "## Why", "", "| | seen | the guide says | where | weight |", "|---|---|---|---|---:|")
    yield from (_row(sign) for sign in story.first.signs)


def _row(sign: Sign) -> str:
    mark = "against" if sign.decibans < 0 else "for"
    return f"| {mark} | {text(sign.fact, 160)} | {text(sign.sentence, 160)} | {text(sign.place)} | {sign.decibans:+.1f} dB |"


def _others(story: Story) -> Iterator[str]:
    others = story.candidates[1:] if story.first is not None else story.candidates
    if others:
        yield from ("", "## What else it could be" if story.first is not None else "## What it could be", "")
        yield from (_candidate(entry) for entry in others)
    if story.would_decide:
        yield from ("", "## What would decide", "")
        for look, why in story.would_decide:
            yield f"- {code(look, 160)}" + (f": {text(why, 200)}" if why else "")


def _candidate(entry: Candidate) -> str:
    where = f" ({text(entry.target)})" if entry.target else ""
    return f"- {entry.words}: {text(entry.title, 140)}{where}, p = {entry.p:.3f}"


def _timeline(story: Story) -> Iterator[str]:
    if len(story.events) > 1:
        yield from ("", "## Timeline (UTC)", "")
        yield from (_event(event) for event in story.events)


def _event(event: Event) -> str:
    where = f" {code(event.where)}" if event.where else ""
    what = f"**{text(event.what)}**" if event.is_main else text(event.what, 150)
    return f"- {event.at:%m-%d %H:%M:%S} {what}{where}"


def _rest(story: Story) -> Iterator[str]:
    if story.unseen:
        yield from ("", "## What could not be seen", "")
        for reason, checks in story.unseen[:8]:
            yield f"- {text(reason, 200)} ({len(checks)} check{'' if len(checks) == 1 else 's'})"
    yield from ("", "---", "")
    yield f"Made by crashcart {text(story.engine)}; every look is read-only. dB are decibans: +10 makes a cause ten times as likely."
