"""The score as one page that needs nothing beside itself: no script, no font, no network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from crashcart_lab.score.calibration import Bin, Table
from crashcart_lab.score.rate import Rate
from crashcart_lab.score.scored import Scored
from crashcart_lab.score.summary import Less, Row
from crashcart_lab.score.table import bounds, facts, looks, made, numbers, of

# Where a page has two colours for "as it should be" and "not", each also has its word.
STYLE = """
:root { color-scheme: light dark; --ink: #1c2126; --soft: #5b6670; --line: #d8dde2; --paper: #fff; --band: #f5f7f9;
  --good: #1b6e3c; --bad: #b3261e; --mark: #2f6fb0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --soft: #9aa6b1; --line: #353c43; --paper: #14181b;
  --band: #1c2125; --good: #6cc48d; --bad: #ff8a80; --mark: #7db4ea; } }
* { box-sizing: border-box; }
body { margin: 2rem auto; max-width: 76rem; padding: 0 1.25rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2.25rem 0 .5rem; }
p { margin: .25rem 0; } .soft { color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { color: var(--soft); font-weight: 600; font-size: .85rem; } th:first-child, td:first-child, td.text, th.text {
  text-align: left; } td.text { white-space: normal; width: 100%; }
tr.all td { font-weight: 650; border-top: 2px solid var(--line); }
tbody tr:hover { background: var(--band); }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 650; }
ul.claims { list-style: none; padding: 0; columns: 2 28rem; } ul.claims li { break-inside: avoid; padding: .1rem 0 .1rem 3.5rem;
  text-indent: -3.5rem; }
ul.claims b { display: inline-block; width: 3.5rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr)); gap: 1.5rem; }
svg { width: 100%; height: auto; max-width: 24rem; }
svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
svg .axis { stroke: var(--line); } svg .even { stroke: var(--soft); stroke-dasharray: 3 4; }
svg .bar { stroke: var(--mark); stroke-width: 2; } svg circle { fill: var(--mark); }
"""
SIDE = 260.0
ROOM = 34.0


def page(scored: Scored) -> str:
    """Return the whole score as HTML."""
    title = f"Score of {scored.service} at {scored.commit}"
    verdict = '<span class="good">all claims hold</span>' if scored.is_passed else '<span class="bad">fails</span>'
    parts = [
        f"<h1>{escape(title)}: {verdict}</h1>",
        f'<p class="soft">{escape(made(scored))}. Seeds ({escape(scored.seeds_from)}): {numbers(scored.seeds)}.</p>',
        _claims(scored),
        _section("Every fault", _rows(scored.summary.rows, scored.summary.total)),
        _section("With something taken away", _less(scored.summary.total.less)),
        _section("More figures", _facts(facts(scored))),
        _section("Calibration", f'<div class="pair">{"".join(map(_calibration, scored.calibration))}</div>'),
        _section("Looks used", _lines(looks(scored.looks))) if scored.looks else "",
        _section("Taken for another", _confusions(scored)),
        _section("To look at", _lines(scored.complaints)) if scored.complaints else "",
        _section("Not run: the budget was over", _lines(scored.not_run)) if scored.not_run else "",
        _section("Not made", _lines(scored.failures)) if scored.failures else "",
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    body = "\n".join(part for part in parts if part)
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}<style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n'
    )


def _section(title: str, inner: str) -> str:
    return f"<h2>{escape(title)}</h2>\n{inner}"


def _claims(scored: Scored) -> str:
    items = [
        f'<li><b class="{"good" if one.is_held else "bad"}">{"holds" if one.is_held else "FAILS"}</b> '
        f"{escape(one.text)}</li>"
        for one in scored.claims
    ]
    return f'<ul class="claims">{"".join(items)}</ul>'


def _table(head: Sequence[str], rows: Iterable[str]) -> str:
    cells = "".join(f"<th>{escape(one)}</th>" for one in head)
    return f'<div class="wide"><table><thead><tr>{cells}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _row(cells: Sequence[str], *, sort: str = "") -> str:
    kind = f' class="{sort}"' if sort else ""
    return f"<tr{kind}>{''.join(f'<td>{one}</td>' for one in cells)}</tr>\n"


def _rows(rows: Sequence[Row], total: Row) -> str:
    head = (
        "fault",
        "first",
        "top 3",
        "decided",
        "median p",
        "looks",
        "s, median",
        "s, p95",
        "wrong",
        "left out, best other",
    )
    return _table(head, (*(_fault(row) for row in rows), _fault(total, sort="all")))


def _fault(row: Row, *, sort: str = "") -> str:
    took = row.watched if row.watched.runs > row.at_once.runs else row.at_once
    return _row(
        (
            escape(row.name),
            _good(bounds(row.first), is_good=row.first.hits == row.first.of),
            _good(of(row.among_first), is_good=row.among_first.hits == row.among_first.of),
            of(row.named),
            f"{row.p_median:.3f}",
            f"{row.looks_median:g}",
            f"{took.median:.1f}",
            f"{took.p95:.1f}",
            _good(str(row.wrong.hits), is_good=row.wrong.hits == 0),
            _good(f"{row.left_out.p:.3f}" if row.left_out else "-", is_good=row.blamed.hits == 0),
        ),
        sort=sort,
    )


def _less(found: Sequence[Less]) -> str:
    rows = (
        _row(
            (
                escape(one.name),
                bounds(one.first),
                of(one.among_first),
                _good(bounds(one.wrong), is_good=one.wrong.hits == 0),
                f"{one.taken_away}/{one.first.of}",
            )
        )
        for one in found
    )
    return _table(("ablation", "first", "top 3", "confidently wrong", "runs with something to take"), rows)


def _good(text: str, *, is_good: bool) -> str:
    return text if is_good else f'<span class="bad">{escape(text)}</span>'


def _calibration(one: Table) -> str:
    rows = (
        _row((f"{b.low:g} - {b.high:g}", f"{b.claimed:.3f}", f"{b.true.share:.3f}", bounds(b.true))) for b in one.bins
    )
    return (
        f"<div><p>{escape(one.name)}: expected calibration error {one.error:.3f}</p>{_chart(one.bins)}"
        f"{_table(('claimed', 'mean', 'true', 'count and 95 %'), rows)}</div>"
    )


def _chart(bins: Sequence[Bin]) -> str:
    """Draw claimed against true, with the bounds of 95 %, and the line on which both are equal."""
    full = SIDE + 2 * ROOM
    ends = f'x1="{ROOM}" y1="{ROOM + SIDE}"'
    drawn = [
        f'<line class="axis" {ends} x2="{ROOM + SIDE}" y2="{ROOM + SIDE}"/>',
        f'<line class="axis" {ends} x2="{ROOM}" y2="{ROOM}"/>',
        f'<line class="even" {ends} x2="{ROOM + SIDE}" y2="{ROOM}"/>',
    ]
    for share in (0.0, 0.5, 1.0):
        drawn.append(f'<text x="{_x(share)}" y="{ROOM + SIDE + 16}" text-anchor="middle">{share:g}</text>')
        drawn.append(f'<text x="{ROOM - 6}" y="{_y(share) + 4}" text-anchor="end">{share:g}</text>')
    drawn.append(f'<text x="{_x(0.5)}" y="{full - 4}" text-anchor="middle">claimed</text>')
    drawn.append(f'<text x="{ROOM}" y="{ROOM - 12}">true</text>')
    drawn += [_point(one.claimed, one.true) for one in bins]
    return f'<svg viewBox="0 0 {full:g} {full:g}" role="img" aria-label="claimed against true">{"".join(drawn)}</svg>'


def _point(claimed: float, true: Rate) -> str:
    x = _x(claimed)
    return (
        f'<line class="bar" x1="{x}" y1="{_y(true.low)}" x2="{x}" y2="{_y(true.high)}"/>'
        f'<circle cx="{x}" cy="{_y(true.share)}" r="4"><title>{claimed:.3f} claimed, {bounds(true)} true</title></circle>'
    )


def _x(share: float) -> float:
    return round(ROOM + SIDE * share, 1)


def _y(share: float) -> float:
    return round(ROOM + SIDE * (1 - share), 1)


def _confusions(scored: Scored) -> str:
    if not scored.confusions:
        return "<p>none</p>"
    rows = (
        _row((escape(c.truth), escape(c.said), escape(c.where), str(c.times), f"{c.p:.3f}", escape(c.example)))
        for c in scored.confusions
    )
    return _table(("true", "said instead", "where", "times", "at most p", "for instance"), rows)


def _facts(found: Iterable[tuple[str, str]]) -> str:
    rows = (f'<tr><td>{escape(name)}</td><td class="text">{escape(figures)}</td></tr>' for name, figures in found)
    return f'<div class="wide"><table><tbody>{"".join(rows)}</tbody></table></div>'


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)
