"""A diagnosis as a Slack message: a JSON document for an incoming webhook, within Slack's limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from crashcart.report.document import Json
from crashcart.report.page.story import Story
from crashcart.report.plain import line
from crashcart.report.words import ago

# api.slack.com/reference/block-kit: a header holds 150 characters, a section 3000, a message 50 blocks.
_HEADER: Final = 150
_SECTION: Final = 2900
_SIGNS: Final = 5
_MARKS: Final = re.compile(r"(?<!\w)[*_~`@]|[*_~`](?!\w)")  # inside a word they mark nothing


def slack_message(story: Story) -> bytes:
    """Return the message: `text` for notifications, `blocks` for the channel."""
    sections = ["\n".join(rows) for rows in (_broken(story), _why(story), _fixes(story), _others(story)) if rows]
    blocks: list[Json] = [
        {"type": "header", "text": {"type": "plain_text", "text": line(story.headline, _HEADER), "emoji": False}},
        *(_section(text) for text in sections),
        {"type": "context", "elements": [{"type": "mrkdwn", "text": _foot(story)}]},
    ]
    document: dict[str, Json] = {
        "text": text_of(f"{story.system}: {story.headline}", 300),
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": blocks,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": _cut(text)}}


def text_of(value: str, limit: int = 0) -> str:
    """Return text that Slack shows as it stands: no mention, link or style comes out of it."""
    flat = line(value, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # Slack has no escape for its marks. A word joiner, which nobody sees, keeps them from pairing.
    return _MARKS.sub("\\g<0>\u2060", flat)


def _cut(text: str) -> str:
    if len(text) <= _SECTION:
        return text
    whole = text[:_SECTION].rpartition("\n")[0]
    return f"{whole or text[:_SECTION]}\n…"


def _broken(story: Story) -> Sequence[str]:
    since = ""
    if story.onset is not None:
        told = "" if story.onset_is_told else "at least "
        since = f", {told}since {story.onset:%H:%M:%S} UTC ({ago(story.onset, story.now)})"
    rows = [f"*Broken:* {text_of(title)} ({text_of(', '.join(targets))}){since}" for title, targets in story.broken]
    rows += [f"*Should hold and does not:* {text_of(what)} ({text_of(target)})" for what, target in story.given[:3]]
    return rows


def _why(story: Story) -> Sequence[str]:
    if story.first is None:
        return ()
    told = [sign for sign in story.first.signs if sign.decibans > 0][:_SIGNS]
    return ["*Why*", *(f"• {text_of(sign.fact, 160)}  _{text_of(sign.place)}_" for sign in told)] if told else ()


def _fixes(story: Story) -> Sequence[str]:
    if story.first is None or not story.first.fixes:
        return ()
    steps = (f"{number}. {text_of(step, 300)}" for number, step in enumerate(story.first.fixes, start=1))
    return ["*To fix*", *steps]


def _others(story: Story) -> Sequence[str]:
    others = story.candidates[1:3] if story.first is not None else story.candidates[:3]
    rows = [f"• {entry.words}: {text_of(entry.title, 140)} ({text_of(entry.target or 'anywhere')})" for entry in others]
    decide = [
        f"• {text_of(look, 140)}{f': {text_of(why, 140)}' if why else ''}" for look, why in story.would_decide[:3]
    ]
    return [*(["*It could be*", *rows] if rows else []), *(["*What would decide*", *decide] if decide else [])]


def _foot(story: Story) -> str:
    environment = f" · {text_of(story.environment, 40)}" if story.environment else ""
    unseen = sum(len(checks) for _, checks in story.unseen)
    blind = f" · {unseen} checks could not be judged" if unseen else ""
    return f"{text_of(story.system, 60)}{environment} · {story.now:%Y-%m-%d %H:%M:%S} UTC · {len(story.taken)} looks{blind} · crashcart {text_of(story.engine)}"
