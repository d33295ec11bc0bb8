"""What happened in logs as one web page that stands alone: what the text says, with charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from crashcart.model.logs import Burst, LoggedError, LogReport, LogTemplate, Silence
from crashcart.report.log_words import (
    baseline,
    clock_of,
    duration,
    length,
    message,
    number,
    plural,
    size,
    span_words,
    squeezed,
    when,
)
from crashcart.report.page.charts import Band, columns, scale, spread
from crashcart.report.page.frame import card, document, safe

_COLUMNS: Final = 120
_TICKS: Final = 5
_ERRORS: Final = 12
_ROWS: Final = 10
_MARKED: Final = 12
_TEXT: Final = 300

STYLE: Final = """
.chart{margin:0 0 14px}.chart:last-of-type{margin-bottom:0}.chart figcaption{display:flex;justify-content:space-between;gap:12px;color:var(--dim);font-size:13px;margin-bottom:4px}
.chart figcaption b{color:var(--ink);font-weight:600}
.chart svg{display:block;width:100%;height:120px;background:linear-gradient(var(--line),var(--line)) 0 100%/100% 1px no-repeat}.chart.low svg{height:64px}
svg rect.all{fill:var(--link);stroke:none}svg rect.err{fill:var(--bad);stroke:none}svg rect.burst{fill:var(--open);fill-opacity:.28;stroke:none}
svg rect.gap{fill:var(--dim);fill-opacity:.25;stroke:none}
.axis{display:flex;justify-content:space-between;color:var(--dim);font-size:12px;font-variant-numeric:tabular-nums;margin-top:4px}
.key{display:inline-block;width:10px;height:10px;border-radius:2px;margin:0 5px 0 12px}.key.burst{background:var(--open);opacity:.5}.key.gap{background:var(--dim);opacity:.45}
.errors{list-style:none;padding:0;margin:0}.errors>li{border-top:1px solid var(--line);padding:12px 0;margin:0;display:grid;grid-template-columns:74px 1fr;gap:2px 14px}
.errors>li:first-child{border-top:0;padding-top:0}.errors>li:last-child{padding-bottom:0}
.errors .n{font-weight:650;font-variant-numeric:tabular-nums;text-align:right}.errors .n small{display:block;font-weight:400;color:var(--dim)}
.errors .said{font-weight:600}.errors svg{display:block;width:100%;max-width:420px;height:22px;margin:6px 0 2px}
.new{background:var(--open-soft);color:var(--ink);border-radius:99px;padding:0 8px;font-size:12px;font-weight:650;margin-left:6px;white-space:nowrap}
.errors .record{display:block;background:var(--soft);border-radius:6px;padding:5px 9px;margin-top:4px}
svg.range{display:block;width:100%;height:14px}svg rect.track{fill:var(--line);stroke:none}svg rect.far{fill:var(--link);fill-opacity:.45;stroke:none}svg rect.most{fill:var(--link);stroke:none}
.slow{display:grid;grid-template-columns:1fr;gap:2px;padding:8px 0;border-top:1px solid var(--line)}.slow:first-of-type{border-top:0;padding-top:0}
.slow .nums{color:var(--dim);font-size:13px;font-variant-numeric:tabular-nums}.slow .nums b{color:var(--ink);font-weight:600}
@media (max-width:720px){.errors>li{grid-template-columns:1fr}.errors .n{text-align:left}.errors .n small{display:inline;margin-left:6px}.axis:not(.ends) span:nth-child(even){display:none}.chart svg{height:96px}}
""".strip()


def logs_page(report: LogReport, *, names: Sequence[str], engine: str) -> str:
    """Return the page. `names` are the paths that were asked for."""
    title = headline(report)
    body = [*_top(report, names), *_verdict(report, title), *_over_time(report), *_errors(report), *_known(report)]
    body += [*_new(report), *_swings(report), *_slow(report), *_refused(report), *_most(report), *_troubles(report)]
    body += _footer(engine)
    return document(f"{title} · {', '.join(names)}", body, engine=engine, tone=_tone(report), style=STYLE)


def headline(report: LogReport) -> str:
    """Return what stands out, in one sentence."""
    errors = sum(error.count for error in report.problems)
    said = [
        f"{number(errors)} error{plural(errors)} of {_kinds(len(report.problems))}" if errors else "",
        f"{len(report.bursts)} burst{plural(len(report.bursts))}" if report.bursts else "",
        f"{len(report.silences)} silence{plural(len(report.silences))}" if report.silences else "",
        f"access refused {number(sum(each.count for each in report.refused))} times" if report.refused else "",
    ]
    told = [each for each in said if each]
    if told:
        return ", ".join(told)
    if report.lines:
        return "Nothing in it that a person should look at"
    return "Nothing could be read" if report.troubles else "There is nothing in it"


def _tone(report: LogReport) -> str:
    if not report.lines:
        return "calm"
    return "bad" if report.problems or report.known else "open" if report.is_bad else "good"


# -- the answer


def _top(report: LogReport, names: Sequence[str]) -> Iterator[str]:
    shown = safe(", ".join(names), 120)
    yield f'<div class="top"><b>{shown}</b><span class="right">{safe(span_words(report.span))}</span></div>'


def _verdict(report: LogReport, title: str) -> Iterator[str]:
    yield f'<section class="card verdict"><h1>{safe(title)}</h1>'
    for seen in list({each.known.title: each for each in report.known}.values())[:3]:
        yield f"<p>The guide {safe(seen.known.guide)} knows it: <b>{safe(seen.known.title, 120)}</b></p>"
    yield f'<div class="facts">{"".join(_facts(report))}</div></section>'


def _facts(report: LogReport) -> Iterator[str]:
    for count, what in ((report.kept, "record"), (report.lines, "line")):
        yield f"<span><b>{number(count)}</b> {what}{plural(count)}</span>"
    yield f"<span><b>{safe(size(report.size_bytes))}</b> in {report.files} file{plural(report.files)}</span>"
    for name, count in reversed(report.levels):
        if count:
            yield f"<span>{safe(name)} <b>{number(count)}</b></span>"


# -- over time


def _over_time(report: LogReport) -> Iterator[str]:
    if report.buckets_from is None or len(report.records) < 2:
        return
    records, width_s = squeezed(report.records, report.bucket_s, columns=_COLUMNS)
    errors, _ = squeezed(report.errors, report.bucket_s, columns=_COLUMNS)
    times = [report.buckets_from + timedelta(seconds=at * width_s) for at in range(len(records) + 1)]
    bands = [*_bands(report.bursts, "burst", times, width_s), *_bands(report.silences, "gap", times, width_s)]
    rows = [*_chart("Records", records, times, width_s, report, kind="all", bands=bands)]
    if any(errors):
        rows += _chart("Errors", errors, times, width_s, report, kind="err")
    rows.append(_axis(times, report))
    legend = [("burst", "burst"), ("gap", "silence")]
    keys = "".join(
        f'<span class="key {kind}"></span>{word}' for kind, word in legend if any(band.kind == kind for band in bands)
    )
    yield from card(f"Over time{keys}", rows)


def _chart(
    name: str,
    counts: Sequence[int],
    times: Sequence[datetime],
    width_s: int,
    report: LogReport,
    *,
    kind: str,
    bands: Sequence[Band] = (),
) -> Iterator[str]:
    top = max(counts)
    told = [f"{clock_of(times[at], report)}: {number(count)}" for at, count in enumerate(counts)]
    most = f"up to {number(top)} in {length(width_s)}, at {clock_of(times[counts.index(top)], report)}"
    label = f"{name} over time: {number(sum(counts))} in all, {most}"
    yield f'<figure class="chart{" low" if kind == "err" else ""}"><figcaption><b>{name}</b><span>{safe(most)}</span></figcaption>'
    yield columns(counts, kind=kind, label=label, told=told, bands=bands)
    yield "</figure>"


def _bands(
    swings: Sequence[Burst] | Sequence[Silence], kind: str, times: Sequence[datetime], width_s: int
) -> Iterator[Band]:
    for swing in swings[:_MARKED]:
        begin, end = (swing.began, swing.ended) if isinstance(swing, Burst) else (swing.since, swing.until or times[-1])
        first, last = ((moment - times[0]).total_seconds() / width_s for moment in (begin, end))
        yield Band(kind, first, last, f"{what(swing)}: {swing.reason}")


def what(swing: Burst | Silence) -> str:
    """Return what burst or stopped."""
    return message(swing.template) if swing.template is not None else "all lines"


def _axis(times: Sequence[datetime], report: LogReport) -> str:
    span = times[-1] - times[0]
    form = "%H:%M:%S" if span < timedelta(minutes=10) else "%H:%M" if span < timedelta(days=1) else "%m-%d %H:%M"
    ticks = [times[0] + span * at / (_TICKS - 1) for at in range(_TICKS)]
    zone = " UTC" if report.span is not None and report.span.is_zoned else ""
    return f'<div class="axis">{"".join(f"<span>{tick.strftime(form)}{zone}</span>" for tick in ticks)}</div>'


# -- what was found


def _errors(report: LogReport) -> Iterator[str]:
    counts = {template.id: template.counts for template in report.templates if template.counts}
    rows = "".join(_error(error, report, counts.get(error.template.id, ())) for error in report.problems[:_ERRORS])
    more = len(report.problems) - _ERRORS
    left = [f'<p class="dim">and {_kinds(more)} more: <code>--json</code> has them</p>'] if more > 0 else []
    yield from card("Errors that matter", [f'<ul class="errors">{rows}</ul>', *left] if rows else [])


def _error(error: LoggedError, report: LogReport, counts: Sequence[int]) -> str:
    new = f'<span class="new" title="{safe(error.new_because)}">new</span>' if error.new_because else ""
    said = error.raised or message(error.template)
    place = f" · <code>{safe(error.where, 120)}</code>" if error.where else ""
    example = ""
    if error.example is not None:
        where = f"{error.example.file}:{error.example.line}"
        example = f'<code class="record">{safe(where)}<br>{safe(error.example.text, _TEXT)}</code>'
    return (
        f'<li><div class="n">{number(error.count)}<small>time{plural(error.count)}</small></div><div>'
        f'<span class="said">{safe(said, _TEXT)}</span>{new}<div class="dim small">{safe(when(error.first, error.last, report))}{place}</div>'
        f"{_line_of(counts, report)}{example}</div></li>"
    )


def _line_of(counts: Sequence[int], report: LogReport) -> str:
    if not any(counts):
        return ""
    drawn, width_s = squeezed(counts, report.bucket_s, columns=_COLUMNS)
    return columns(drawn, kind="err", label=f"how often over time, up to {number(max(drawn))} in {length(width_s)}")


def _known(report: LogReport) -> Iterator[str]:
    rows = "".join(
        f"<tr><td>“{safe(seen.known.text, 120)}”<br><span class='dim'>{safe(seen.known.guide)}: {safe(seen.known.title, 120)}</span></td>"
        f'<td class="num">{number(seen.count)} ×<br>{safe(when(seen.first, seen.last, report))}</td></tr>'
        for seen in report.known[:_ROWS]
    )
    yield from card("Known to guides", [f"<table>{rows}</table>"] if rows else [])


def _new(report: LogReport) -> Iterator[str]:
    shown = {error.template.id for error in report.problems[:_ERRORS]}  # an error that is new says so itself
    news = [new for new in report.new if new.template.id not in shown]
    rows = "".join(
        _row(new.template, f"{when(new.template.first, new.template.last, report)}; {new.reason}", new.template.count)
        for new in news[:_ROWS]
    )
    yield from card(f"New against {safe(baseline(report))}", [f"<table>{rows}</table>"] if rows else [])


def _swings(report: LogReport) -> Iterator[str]:
    bursts = "".join(
        f"<tr><td>{safe(what(burst), _TEXT)}<br><span class='dim small'>{safe(burst.reason)}, {number(round(burst.factor))} times as many</span></td>"
        f'<td class="num">{safe(clock_of(burst.began, report))}<br>to {safe(clock_of(burst.ended, report))}</td></tr>'
        for burst in report.bursts[:_ROWS]
    )
    stopped = "".join(
        f"<tr><td>{safe(what(silence), _TEXT)}<br><span class='dim small'>{safe(silence.reason)}</span></td>"
        f'<td class="num">{safe(clock_of(silence.since, report))}<br>{_until(silence, report)}</td></tr>'
        for silence in report.silences[:_ROWS]
    )
    yield from card("Came in bursts", [f"<table>{bursts}</table>"] if bursts else [])
    yield from card("Stopped", [f"<table>{stopped}</table>"] if stopped else [])


def _until(silence: Silence, report: LogReport) -> str:
    return f"to {safe(clock_of(silence.until, report))}" if silence.until is not None else "did not come again"


def _slow(report: LogReport) -> Iterator[str]:
    told = report.latencies[:_ROWS]
    within = scale([value for each in told for value in (each.p50_s, each.p99_s)])
    rows = []
    for each in told:
        p50, p95, p99 = (duration(value) for value in (each.p50_s, each.p95_s, each.p99_s))
        label = f"half within {p50}, 95 % within {p95}, 99 % within {p99}"
        rows.append(
            f'<div class="slow"><div>{safe(message(each.template), _TEXT)}</div>'
            f"{spread(each.p50_s, each.p95_s, each.p99_s, within=within, label=label)}"
            f'<div class="nums">{number(each.count)} × · half within <b>{p50}</b> · 95 % within <b>{p95}</b> · 99 % within <b>{p99}</b></div></div>'
        )
    if rows:
        rows.append(
            f'<div class="axis ends"><span>{duration(within[0])}</span><span>{duration(within[1])}</span></div>'
        )
    yield from card("Slowest", rows)


def _refused(report: LogReport) -> Iterator[str]:
    rows = "".join(
        _row(each.template, when(each.first, each.last, report), each.count) for each in report.refused[:_ROWS]
    )
    yield from card("Access refused", [f"<table>{rows}</table>"] if rows else [])


def _most(report: LogReport) -> Iterator[str]:
    rows = "".join(_row(each, when(each.first, each.last, report), each.count) for each in report.templates[:_ROWS])
    if rows:
        told = (
            f"{number(report.templates_total)} different statement{plural(report.templates_total)}, the most frequent"
        )
        yield from card("Most of it", [f"<details><summary>{told}</summary><table>{rows}</table></details>"])


def _row(template: LogTemplate, below: str, count: int) -> str:
    return (
        f"<tr><td>{safe(message(template), _TEXT)}<br><span class='dim small'>{safe(below)}</span></td>"
        f'<td class="num">{number(count)} ×</td></tr>'
    )


def _troubles(report: LogReport) -> Iterator[str]:
    rows = []
    if report.undated and report.span:
        rows.append(f"{number(report.undated)} record{plural(report.undated)} without a time stamp")
    if report.is_crowded:
        rows.append("there are more different lines than can be kept apart: rare ones are taken together")
    rows += [f"{trouble.file}: {trouble.kind}: {trouble.detail}" for trouble in report.troubles[:_ROWS]]
    more = len(report.troubles) - _ROWS
    rows += [f"and {more} more"] if more > 0 else []
    items = "".join(f"<li>{safe(row, _TEXT)}</li>" for row in rows)
    yield from card("Not all was read", [f"<ul>{items}</ul>"] if rows else [])


def _footer(engine: str) -> list[str]:
    return [
        f"<footer><p>Made by crashcart {safe(engine)}: logs are only read, and secrets were taken out of lines and statements alike. "
        "<code>&lt;*&gt;</code> stands for what varies. Durations are on a logarithmic scale, to within 5 %.</p></footer>"
    ]


def _kinds(count: int) -> str:
    return f"{number(count)} kind{plural(count)}"
