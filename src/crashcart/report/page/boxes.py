"""Boxes with text for drawings in SVG; the page's style colours them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from crashcart.report.plain import line

BOX: Final = 270
_PAD: Final = 14
TITLE_CHARS, FACT_CHARS = 28, 35  # what fits into a box, at the widths of common fonts
_TITLE_PX, _FACT_PX, _LABEL_PX = 20, 17, 18

TIP: Final = (
    '<defs><marker id="tip" viewBox="0 0 10 10" refX="3" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
    '<path class="tip" d="M0 0 L10 5 L0 10 z"/></marker></defs>'
)


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
    width: int = BOX

    @property
    def middle(self) -> int:
        """The height at which arrows come and go."""
        return self.y + self.box.height // 2

    @property
    def end(self) -> int:
        """Where it ends, below."""
        return self.y + self.box.height


def titled(kind: str, label: str, title: str, where: str = "") -> Box:
    """Return a box with a title, and where that is."""
    return Box(kind, line(label, 40), wrapped(line(title, 120), TITLE_CHARS, 4), (line(where, 38),) if where else ())


def wrapped(text: str, width: int, most: int) -> tuple[str, ...]:
    """Return a text as rows, cut after the last that has room."""
    return tuple(textwrap.wrap(text, width, max_lines=most, placeholder=" …")) or ("",)


def drawn(placed: Placed) -> Iterator[str]:
    """Yield the SVG of a box."""
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
