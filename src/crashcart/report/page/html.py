"""A diagnosis as one web page that stands alone: no script, nothing fetched, every word from outside made harmless."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from crashcart.model.diagnosis import Verdict
from crashcart.report.page.drawing import drawing
from crashcart.report.page.frame import card, document, safe, safe_block
from crashcart.report.page.story import Candidate, Event, Sign, Story, Taken, shown_value
from crashcart.report.words import ago

_FULL_DB: Final = 30.0  # a meter is full at a thousand to one
_TONES = {
    Verdict.DECIDED: "bad", Verdict.UNDECIDED: "open", Verdict.NONE_KNOWN: "open", Verdict.NOTHING_WRONG: "good",
}  # fmt: skip


def html_page(story: Story) -> str:
    """Return the page."""
    tone = "calm" if story.is_blind else _TONES[story.verdict]
    body = [*_top(story), *_verdict(story), *_fixes(story), *_picture(story), *_reasons(story), *_others(story)]
    body += [*_timeline(story), *_blind(story), *_looked(story), *_footer(story)]
    return document(f"{story.headline} · {story.system}", body, engine=story.engine, tone=tone)


# -- the answer


def _top(story: Story) -> Iterator[str]:
    environment = f'<span class="env">{safe(story.environment, 40)}</span>' if story.environment else ""
    yield (
        f'<div class="top"><b>{safe(story.system, 60)}</b>{environment}'
        f'<span class="right">{_time(story.now, "%Y-%m-%d %H:%M:%S")} UTC</span></div>'
    )


def _verdict(story: Story) -> Iterator[str]:
    yield '<section class="card verdict">'
    first = story.first
    if first is None:
        yield f"<h1>{safe(story.headline)}</h1>"
    else:
        yield f'<span class="badge first">{safe(first.words)}</span>'
        yield f'<h1>{safe(first.title)} <span class="where">({safe(first.target or "anywhere")})</span></h1>'
    for title, targets in story.broken:
        yield f"<p>Broken: <b>{safe(title)}</b> ({safe(', '.join(targets))})</p>"
    if story.complaint:
        yield f'<p class="dim">People say: “{safe(story.complaint, 300)}”</p>'
    yield from (f'<p class="dim">{safe(also)}</p>' for also in story.also)
    yield f'<div class="facts">{"".join(_facts(story))}</div></section>'


def _facts(story: Story) -> Iterator[str]:
    if story.onset is not None and story.broken:
        told = "" if story.onset_is_told else "at least "
        yield f"<span>{told}since <b>{_time(story.onset, '%H:%M:%S')}</b> ({safe(ago(story.onset, story.now))})</span>"
    looks = len(story.taken)
    yield f"<span><b>{looks}</b> look{'' if looks == 1 else 's'} in <b>{story.rounds}</b> round{'' if story.rounds == 1 else 's'}</span>"
    if story.unseen:
        unseen = sum(len(checks) for _, checks in story.unseen)
        yield f"<span><b>{unseen}</b> check{'' if unseen == 1 else 's'} could not be judged</span>"
    if story.first is not None and story.first.place:
        yield f"<span>known from <code>{safe(story.first.place)}</code></span>"


def _fixes(story: Story) -> Iterator[str]:
    if story.first is not None and story.first.fixes:
        rows = "".join(f"<li>{safe(step, 400)}</li>" for step in story.first.fixes)
        yield from card("To fix", [f"<ol>{rows}</ol>"])


def _reasons(story: Story) -> Iterator[str]:
    if story.first is not None and story.first.signs:
        rows = "".join(_reason(sign) for sign in story.first.signs)
        yield from card("Why", [f'<ul class="reasons">{rows}</ul>'])


def _reason(sign: Sign) -> str:
    against = sign.decibans < 0
    mark = '<span class="cross">✗</span>' if against else '<span class="tick">✓</span>'
    width = round(min(1.0, abs(sign.decibans) / _FULL_DB) * 100)
    meter = f'<span class="meter{" against" if against else ""}"><span style="width:{width}%"></span></span>'
    says = f"“{safe(sign.sentence, 240)}” " if sign.sentence else ""
    rows = [
        f"<li>{mark}<span>{safe(sign.fact, 240)}</span>",
        f'<span class="weight">{sign.decibans:+.1f} dB{meter}</span>',
        f'<span class="says">{says}<code>{safe(sign.place)}</code></span>',
    ]
    rows += [
        f'<code class="record"><i>{safe(record.where)}</i> {safe(record.text, 400)}</code>' for record in sign.records
    ]
    return "".join(rows) + "</li>"


def _picture(story: Story) -> Iterator[str]:
    made = drawing(story)
    if made:
        yield from card("The story", [f'<div class="scroll">{made}</div>'])


# -- what else it could be


def _others(story: Story) -> Iterator[str]:
    others = story.candidates[1:] if story.first is not None else story.candidates
    rows = "".join(_other(candidate) for candidate in others)
    title = "What else it could be" if story.first is not None else "What it could be"
    yield from card(title, [f"<table>{rows}</table>"] if rows else [])
    decide = [
        f"<li><code>{safe(look, 160)}</code>{f': {safe(why, 200)}' if why else ''}</li>"
        for look, why in story.would_decide
    ]
    yield from card("What would decide", [f"<ul>{''.join(decide)}</ul>"] if decide else [])
    out = "".join(f"<tr><td>{safe(name, 120)}</td><td>{safe(why, 200)}</td></tr>" for name, why in story.ruled_out)
    yield from card("Ruled out", [f"<table>{out}</table>"] if out else [])


def _other(candidate: Candidate) -> str:
    width = max(1, round(candidate.p * 100))
    where = f' <span class="dim">({safe(candidate.target)})</span>' if candidate.target else ""
    return (
        f'<tr><td>{safe(candidate.title, 140)}{where}</td><td class="dim">{safe(candidate.words)}</td>'
        f'<td class="num">{candidate.p:.3f}<span class="meter p"><span style="width:{width}%"></span></span></td></tr>'
    )


# -- when


def _timeline(story: Story) -> Iterator[str]:
    if len(story.events) > 1:
        rows = "".join(_event(event, story.now) for event in story.events)
        yield from card("Timeline (UTC)", [f'<ol class="line">{rows}</ol>'])


def _event(event: Event, now: datetime) -> str:
    day = "%H:%M:%S" if event.at.date() == now.date() else "%m-%d %H:%M"
    where = f' <code class="dim">{safe(event.where)}</code>' if event.where else ""
    kind = ' class="main"' if event.is_main else ""
    what = f'<span class="what">{safe(event.what, 150)}</span>'
    return f'<li{kind}>{_time(event.at, day)}<span class="dot"></span><span>{what}{where}</span></li>'


def _time(moment: datetime, form: str) -> str:
    return f'<time datetime="{moment.isoformat(timespec="seconds")}">{moment.strftime(form)}</time>'


# -- what it rests on


def _blind(story: Story) -> Iterator[str]:
    rows = [
        f'<details><summary>{safe(reason, 200)} <span class="saw">({len(checks)} check{"" if len(checks) == 1 else "s"})'
        f"</span></summary><pre>{safe_block(chr(10).join(checks))}</pre></details>"
        for reason, checks in story.unseen
    ]
    yield from card("What could not be seen", rows)


def _looked(story: Story) -> Iterator[str]:
    seen = [entry for entry in story.taken if not entry.unseen]
    rows = [_raw(entry) for entry in sorted(seen, key=lambda entry: (entry.seen_at, entry.words))]
    yield from card(
        f"What was looked at: {len(seen)} look{'' if len(seen) == 1 else 's'}, with the raw evidence", rows, "raw"
    )


def _raw(entry: Taken) -> str:
    body = [f"{name} = {shown_value(value)}" for name, value in entry.fields]
    body += [f"{record.where}: {record.text}" for record in entry.records]
    brief = ", ".join(f"{name} {shown_value(value)}" for name, value in entry.fields[:3])
    took = f"{entry.took_s * 1000:.0f} ms" if entry.took_s < 1 else f"{entry.took_s:.1f} s"
    return (
        f'<details><summary><code>{safe(entry.words, 120)}</code> <span class="saw">{safe(brief, 90)} · {took}</span></summary>'
        f"<pre>{safe_block(chr(10).join(body) or '(nothing)')}</pre></details>"
    )


def _footer(story: Story) -> Iterator[str]:
    yield (
        f"<footer><p>Made by crashcart {safe(story.engine)} from {_count(len(story.guides), 'guide')}; every look is read-only, and secrets "
        "were taken out before anything was kept. Same guides and same evidence give the same answer: "
        "<code>crashcart replay CASE</code>. Likelihoods are in decibans (dB): +10 makes a cause ten times as likely.</p></footer>"
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
