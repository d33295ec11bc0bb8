"""The causal story as a drawing: what is wrong, what it breaks, what that is seen by. Inline SVG, styled by the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import Final

from crashcart.model.diagnosis import Verdict
from crashcart.report.page.boxes import BOX, FACT_CHARS, TIP, Box, Placed, drawn, titled, wrapped
from crashcart.report.page.story import Candidate, Sign, Story
from crashcart.report.plain import line

_WIDTH: Final = 920
_GAP: Final = (_WIDTH - 3 * BOX) // 2
_BETWEEN: Final = 12
_SIGNS: Final = 4
_INDENT: Final = 24  # of what was seen, below what it is a sign of
_AGAINST_DB: Final = 3.5  # weaker objections are in the list of reasons


def drawing(story: Story) -> str:
    """Return the drawing as SVG; "" when there is nothing to draw."""
    causes = _causes(story)
    problems = [titled("problem", "problem", title, ", ".join(targets)) for title, targets in story.broken]
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
    parts += [part for placed in (*heads, *below) for entry in placed for part in drawn(entry)]
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
    return titled(kind, label, candidate.title, candidate.target or "anywhere")


def _seen(story: Story) -> list[Box]:
    found = [titled("seen", "should hold, and does not", text, target) for text, target in story.given[:3]]
    if story.complaint:
        found.append(titled("said", "people say", f"“{story.complaint}”"))
    return found


def _sign(sign: Sign) -> Box:
    against = sign.decibans < 0
    return Box(
        "sign against" if against else "sign",
        "",
        (),
        wrapped(f"{'✗' if against else '✓'} {line(sign.fact, 150)}", FACT_CHARS, 4),
    )


# -- where they stand


def _stack(boxes: Sequence[Box], column: int, top: int, *, indent: int = 0) -> list[Placed]:
    placed, y = [], top
    for box in boxes:
        placed.append(Placed(box, column * (BOX + _GAP) + indent, y, BOX - indent))
        y += box.height + _BETWEEN
    return placed


def _end(placed: Sequence[Placed]) -> int:
    return placed[-1].end if placed else 0


# -- lines


def _arrows(heads: Sequence[Sequence[Placed]]) -> Iterator[str]:
    """Draw who brings about whom, from each column to the next."""
    for left, right in pairwise(heads):
        for other in right:
            for one in _origins(left, other):
                x1, x2, half = one.x + BOX, other.x - 7, _GAP // 2
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


def _svg(parts: Sequence[str], columns: int, height: int, story: Story) -> str:
    width = columns * BOX + (columns - 1) * _GAP
    told = escape(line(f"{story.headline} {'; '.join(title for title, _ in story.broken)}", 300))
    return (
        f'<svg class="story" viewBox="-2 -2 {width + 4} {height + 4}" width="{width + 4}" role="img" aria-label="{told}">'
        + TIP
        + "".join(parts)
        + "</svg>"
    )
