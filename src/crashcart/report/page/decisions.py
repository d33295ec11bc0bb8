"""The decision drawing of a problem: which question first, what it means when it is so, and what to do then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from crashcart.model.guide_page import CauseTold, ProblemTold, RemedyTold, StepTold
from crashcart.report.page.boxes import BOX, FACT_CHARS, TIP, TITLE_CHARS, Box, Placed, drawn, titled, wrapped
from crashcart.report.plain import line

_GAP: Final = 55
_BETWEEN: Final = 34
_WIDTH: Final = 3 * BOX + 2 * _GAP
_STEPS: Final = 3


@dataclass(frozen=True, slots=True)
class _Row:
    """A question, what a yes to it means, and what to do then."""

    question: Placed
    cause: Placed
    remedy: Placed | None

    @property
    def boxes(self) -> tuple[Placed, ...]:
        return (self.question, self.cause) if self.remedy is None else (self.question, self.cause, self.remedy)


def decision_drawing(problem: ProblemTold) -> str:
    """Return the drawing as SVG; "" for a problem without causes."""
    if not problem.causes:
        return ""
    rows: list[_Row] = []
    y = 0
    for cause in problem.causes:
        rows.append(_row(cause, y))
        y = max(placed.end for placed in rows[-1].boxes) + _BETWEEN
    last = Placed(titled("cause unknown", "none of these", _otherwise(problem)), 0, y)
    follows = [*(row.question for row in rows[1:]), last]
    parts = [part for row, after in zip(rows, follows, strict=True) for part in _arrows(row, after)]
    parts += [part for placed in (*(box for row in rows for box in row.boxes), last) for part in drawn(placed)]
    told = escape(line(f"Decisions for: {problem.title}", 300))
    return (
        f'<svg class="story" viewBox="-2 -2 {_WIDTH + 4} {last.end + 4}" width="{_WIDTH + 4}" role="img" aria-label="{told}">'
        + TIP
        + "".join(parts)
        + "</svg>"
    )


def _row(cause: CauseTold, y: int) -> _Row:
    remedy = next((found for found in cause.remedies if found.label.startswith("Fix")), None)
    return _Row(
        Placed(_question(cause), 0, y),
        Placed(titled("cause named", cause.often, cause.title), BOX + _GAP, y),
        Placed(_remedy(remedy), 2 * (BOX + _GAP), y) if remedy is not None else None,
    )


def _question(cause: CauseTold) -> Box:
    if cause.question is None:
        return titled("sign", "", cause.link or "nothing tells it from the others yet")
    title = wrapped(f"{line(cause.question.text, 110).rstrip('?:.')}?", TITLE_CHARS, 4) if cause.question.text else ()
    return Box("sign", "", title, wrapped(line(cause.question.code, 150), FACT_CHARS, 4))


def _remedy(remedy: RemedyTold) -> Box:
    told = [
        f"{at}. {line(_short(step), 120)}" if len(remedy.steps) > 1 else line(_short(step), 120)
        for at, step in enumerate(remedy.steps, 1)
    ]
    rows = [row for text in told[:_STEPS] for row in wrapped(text, FACT_CHARS, 3)]
    if len(remedy.steps) > _STEPS:
        rows.append(f"and {len(remedy.steps) - _STEPS} more")
    return Box("remedy", line(remedy.label.lower(), 40), (), tuple(rows))


def _short(step: StepTold) -> str:
    return step.text or step.code


def _otherwise(problem: ProblemTold) -> str:
    escalate = next((found for found in problem.remedies if found.label.startswith("Escalate")), None)
    return _short(escalate.steps[0]) if escalate is not None and escalate.steps else "no cause that this guide knows"


def _arrows(row: _Row, after: Placed) -> Iterator[str]:
    """Draw *yes* to the right, on to the remedy, and *no* down to the next question."""
    y = min(row.question.middle, row.cause.middle)
    yield _arrow(f"M{BOX} {y} H{BOX + _GAP - 7}")
    yield f'<text class="label" x="{BOX + 12}" y="{y - 7}">yes</text>'
    if row.remedy is not None:
        y = min(row.cause.middle, row.remedy.middle)
        yield _arrow(f"M{2 * BOX + _GAP} {y} H{2 * (BOX + _GAP) - 7}")
    yield _arrow(f"M{BOX // 2} {row.question.end} V{after.y - 7}")
    yield f'<text class="label" x="{BOX // 2 + 10}" y="{(row.question.end + after.y) // 2 + 3}">no</text>'


def _arrow(path: str) -> str:
    return f'<path class="arrow" d="{path}" marker-end="url(#tip)"/>'
