"""The causal story as a drawing: what is wrong, what it breaks, what that is seen by. Inline SVG, styled by the page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Final

from crashcart.model.diagnosis import Verdict
from crashcart.report.page.story import Candidate, Sign, Story
from crashcart.report.plain import line

WIDTH: Final = 920
_BOX: Final = 270
_GAP: Final = (WIDTH - 3 * _BOX) // 2
_PAD: Final = 14
_TITLE_CHARS, _FACT_CHARS = 28, 35  # what fits into a box, at the widths of common fonts
_TITLE_PX, _FACT_PX, _LABEL_PX = 20, 17, 18
_BETWEEN: Final = 12
_SIGNS: Final = 4
_INDENT: Final = 24  # of what was seen, below what it is a sign of
_AGAINST_DB: Final = 3.5  # weaker objections are in the list of reasons


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the drawing; `kind` is its class in the page's style."""

    kind: str
    label: str
    title: tuple[str, ...]
    facts: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        """Its height in pixels."""
        return 2 * _PAD + _LABEL_PX * bool(self.label) + _TITLE_PX * len(self.title) + _FACT_PX * len(self.facts) - 4


@dataclass(frozen=True, slots=True)
class Placed:
    """A box with its place."""

    box: Box
    x: int
    y: int
    width: int = _BOX

    @property
    def middle(self) -> int:
        """The height at which arrows come and go."""
        return self.y + self.box.height // 2


def drawing(story: Story) -> str:
    """Return the drawing as SVG; "" when there is nothing to draw."""
    causes = _causes(story)
    problems = [_box("problem", "problem", title, ", ".join(targets)) for title, targets in story.broken]
    seen = _seen(story)
    if not causes or not (problems or seen):
        return ""
    signs = _signs(story.first, story.complaint)
    columns = [column for column in ((causes, signs[0]), (problems, signs[1]), (seen, ())) if column[0]]
    heads = [_stack(heads, number, 0) for number, (heads, _) in enumerate(columns)]
    below = [
        _stack(signs, number, _end(heads[number]) + 16, indent=_INDENT) for number, (_, signs) in enumerate(columns)
    ]
    parts = [*_arrows(heads), *_threads(heads, below)]
    parts += [part for placed in (*heads, *below) for entry in placed for part in _drawn(entry)]
    return _svg(parts, len(columns), max(_end(placed) for placed in (*heads, *below)), story)


def _signs(first: Candidate | None, complaint: str) -> tuple[Sequence[Box], Sequence[Box]]:
    """Return what was seen of the cause itself, and of the problem."""
    told = [sign for sign in first.signs if sign.decibans > 0 or sign.decibans <= -_AGAINST_DB] if first else []
    told = [sign for sign in told if not complaint or complaint not in sign.fact]  # that has a box of its own
    own, shared = ([_sign(sign) for sign in told if sign.is_symptom is side][:_SIGNS] for side in (False, True))
    return own, shared


# -- what stands in the boxes


def _causes(story: Story) -> list[Box]:
    first = story.first
    if first is not None:
        return [_cause(first, "cause named", "likely cause")]
    if story.verdict is Verdict.UNDECIDED:
        return [_cause(candidate, "cause open", candidate.words) for candidate in story.candidates[:3]]
    if story.verdict is Verdict.NONE_KNOWN and not story.is_blind:
        return [Box("cause unknown", "cause", ("something no guide covers",))]
    return []


def _cause(candidate: Candidate, kind: str, label: str) -> Box:
    return _box(kind, label, candidate.title, candidate.target or "anywhere")


def _seen(story: Story) -> list[Box]:
    found = [_box("seen", "should hold, and does not", text, target) for text, target in story.given[:3]]
    if story.complaint:
        found.append(_box("said", "people say", f"“{story.complaint}”", ""))
    return found


def _sign(sign: Sign) -> Box:
    against = sign.decibans < 0
    return Box(
        "sign against" if against else "sign",
        "",
        (),
        _wrapped(f"{'✗' if against else '✓'} {line(sign.fact, 150)}", _FACT_CHARS, 4),
    )


def _box(kind: str, label: str, title: str, where: str) -> Box:
    return Box(kind, label, _wrapped(line(title, 120), _TITLE_CHARS, 4), (line(where, 38),) if where else ())


def _wrapped(text: str, width: int, most: int) -> tuple[str, ...]:
    return tuple(textwrap.wrap(text, width, max_lines=most, placeholder=" …")) or ("",)


# -- where they stand


def _stack(boxes: Sequence[Box], column: int, top: int, *, indent: int = 0) -> list[Placed]:
    placed, y = [], top
    for box in boxes:
        placed.append(Placed(box, column * (_BOX + _GAP) + indent, y, _BOX - indent))
        y += box.height + _BETWEEN
    return placed


def _end(placed: Sequence[Placed]) -> int:
    return placed[-1].y + placed[-1].box.height if placed else 0


# -- lines


def _arrows(heads: Sequence[Sequence[Placed]]) -> Iterator[str]:
    """Draw who brings about whom, from each column to the next."""
    for left, right in pairwise(heads):
        for other in right:
            for one in _origins(left, other):
                x1, x2, half = one.x + _BOX, other.x - 7, _GAP // 2
                yield (
                    f'<path class="arrow" d="M{x1} {one.middle} C{x1 + half} {one.middle} {x2 - half} {other.middle} '
                    f'{x2} {other.middle}" marker-end="url(#tip)"/>'
                )


def _origins(left: Sequence[Placed], other: Placed) -> Sequence[Placed]:
    """Return where the arrows to a box come from: of several problems, those at the same target."""
    same = [one for one in left if one.box.kind == "problem" and one.box.facts == other.box.facts]
    return same or left


def _threads(heads: Sequence[Sequence[Placed]], below: Sequence[Sequence[Placed]]) -> Iterator[str]:
    """Draw threads from each head down to what was seen of it."""
    for head, signs in zip(heads, below, strict=True):
        for sign in signs:
            yield f'<path class="thread" d="M{head[-1].x + 10} {_end(head)} V{sign.middle} H{sign.x}"/>'


def _drawn(placed: Placed) -> Iterator[str]:
    box, x = placed.box, placed.x
    yield f'<g class="{box.kind}"><rect x="{x}" y="{placed.y}" width="{placed.width}" height="{box.height}" rx="8"/>'
    y = placed.y + _PAD
    if box.label:
        y += _LABEL_PX
        yield f'<text class="label" x="{x + _PAD}" y="{y - 7}">{escape(box.label)}</text>'
    for row in box.title:
        y += _TITLE_PX
        yield f'<text class="title" x="{x + _PAD}" y="{y - 6}">{escape(row)}</text>'
    for row in box.facts:
        y += _FACT_PX
        yield f'<text class="fact" x="{x + _PAD}" y="{y - 6}">{escape(row)}</text>'
    yield "</g>"


def _svg(parts: Sequence[str], columns: int, height: int, story: Story) -> str:
    width = columns * _BOX + (columns - 1) * _GAP
    told = escape(line(f"{story.headline} {'; '.join(title for title, _ in story.broken)}", 300))
    return (
        f'<svg class="story" viewBox="-2 -2 {width + 4} {height + 4}" width="{width + 4}" role="img" aria-label="{told}">'
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="3" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="tip" d="M0 0 L10 5 L0 10 z"/></marker></defs>' + "".join(parts) + "</svg>"
    )
