"""Counts over time and durations as inline SVG that stretches: words stand beside it, where they keep their size."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from crashcart.report.page.frame import safe

_STEP: Final = 10
_HEIGHT: Final = 100.0
_LEAST: Final = 2.0  # what happened once in a busy log is still seen
_RANGE: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Band:
    """A span of columns to mark, from `begin` to before `end`; `kind` is its class in the page's style."""

    kind: str
    begin: float
    end: float
    told: str


def columns(
    counts: Sequence[int], *, kind: str, label: str, told: Sequence[str] = (), bands: Sequence[Band] = ()
) -> str:
    """Return one column a count; `told` is what each says when it is pointed at, `label` what the whole shows."""
    width = _STEP * len(counts)
    parts = [*_bands(bands, len(counts)), *_columns(counts, kind, told)]
    return (
        f'<svg viewBox="0 0 {width} {_HEIGHT:g}" preserveAspectRatio="none" role="img" aria-label="{safe(label)}">'
        + "".join(parts)
        + "</svg>"
    )


def _bands(bands: Sequence[Band], size: int) -> Iterator[str]:
    for band in bands:
        begin, end = max(0.0, band.begin), min(float(size), max(band.end, band.begin + 1))
        if begin < end:
            yield (
                f'<rect class="{band.kind}" x="{begin * _STEP:.5g}" y="0" width="{(end - begin) * _STEP:.5g}" '
                f'height="{_HEIGHT:g}"><title>{safe(band.told)}</title></rect>'
            )


def _columns(counts: Sequence[int], kind: str, told: Sequence[str]) -> Iterator[str]:
    top = max(counts, default=0)
    for at, count in enumerate(counts):
        if count:
            height = max(_LEAST, _HEIGHT * count / top)
            title = f"<title>{safe(told[at])}</title>" if told else ""
            yield (
                f'<rect class="{kind}" x="{at * _STEP + 1}" y="{_HEIGHT - height:.4g}" width="{_STEP - 2}" '
                f'height="{height:.4g}">{title}</rect>'
            )


def scale(values: Sequence[float]) -> tuple[float, float]:
    """Return the powers of ten that hold all values above zero."""
    above = [value for value in values if value > 0]
    if not above:
        return 0.001, 1.0
    low, high = math.floor(math.log10(min(above))), math.ceil(math.log10(max(above)))
    return 10.0**low, 10.0 ** max(high, low + 1)


def spread(p50_s: float, p95_s: float, p99_s: float, *, within: tuple[float, float], label: str) -> str:
    """Return three quantiles on a logarithmic scale: a thick bar from the first to the second, a thin one on."""
    x50, x95, x99 = (_place(value, within) for value in (p50_s, p95_s, p99_s))
    return (
        f'<svg class="range" viewBox="0 0 {_RANGE:g} 20" preserveAspectRatio="none" role="img" aria-label="{safe(label)}">'
        f'<rect class="track" x="0" y="9" width="{_RANGE:g}" height="2"/>'
        f'<rect class="far" x="{x95:.4g}" y="7" width="{max(x99 - x95, 4):.4g}" height="6"/>'
        f'<rect class="most" x="{x50:.4g}" y="2" width="{max(x95 - x50, 6):.4g}" height="16"/></svg>'
    )


def _place(value: float, within: tuple[float, float]) -> float:
    low, high = (math.log10(each) for each in within)
    share = (math.log10(max(value, within[0])) - low) / (high - low)
    return round(_RANGE * min(max(share, 0.0), 1.0), 1)
