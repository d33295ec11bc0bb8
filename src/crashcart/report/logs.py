"""What happened in logs, as a person would tell it, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from crashcart.model.logs import Burst, KnownSeen, LogExample, LoggedError, LogReport, LogTemplate, Silence
from crashcart.report.log_words import (
    baseline,
    brief,
    clock_of,
    duration,
    length,
    message,
    number,
    percent,
    plural,
    size,
    span_words,
    squeezed,
    when,
)
from crashcart.report.plain import end_of, line

VERSION = 1
_COLUMNS = 60
_BARS = " ▁▂▃▄▅▆▇█"
_ERRORS = 6
_OTHERS = 4
_TROUBLES = 5
_TEXT = 76
_EXAMPLE = 92


def logs_json(report: LogReport) -> bytes:
    """Return the report, indented, with a newline at the end. `v` is the version of its shape.

    Where `span.is_zoned` is false, moments are the clock on the wall, though they end in Z.
    """
    built = msgspec.to_builtins(report, order="sorted")
    document = {"v": VERSION, "is_bad": report.is_bad, **built}
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n"


def logs_text(report: LogReport) -> str:
    """Return the story, at most a screen and a half."""
    return "\n".join(_lines(report)) + "\n"


def error_lines(report: LogReport, limit: int) -> list[str]:
    """Return the errors that matter most, each with its time, its place and an example."""
    return [text for error in report.problems[:limit] for text in _error(error, report)]


def _lines(report: LogReport) -> Iterator[str]:
    yield from _head(report)
    for part in (_errors, _known, _new, _bursts, _silences, _slow, _refused, _most, _troubles):
        lines = list(part(report))
        if lines:
            yield ""
            yield from lines
    yield ""
    yield _close(report)


# --- the parts --------------------------------------------------------------------------------------------------------


def _head(report: LogReport) -> Iterator[str]:
    counts = ((report.kept, "record"), (report.lines, "line"))
    told = [f"{number(count)} {what}{plural(count)}" for count, what in counts]
    yield f"{', '.join(told)}, {size(report.size_bytes)}, {report.files} file{plural(report.files)}"
    yield span_words(report.span)
    levels = [f"{name} {number(count)}" for name, count in reversed(report.levels) if count]
    if levels:
        yield "levels: " + ", ".join(levels)
    if report.records and len(report.records) > 1:
        yield ""
        records, width_s = squeezed(report.records, report.bucket_s, columns=_COLUMNS)
        yield f"records |{sparkline(records)}| up to {number(max(records))} in {length(width_s)}"
        errors, _ = squeezed(report.errors, report.bucket_s, columns=_COLUMNS)
        if any(errors):
            share = max(e / r for e, r in zip(errors, records, strict=True) if r)
            yield f"errors  |{sparkline(errors)}| up to {number(max(errors))}, {percent(share)} of all at worst"


def _errors(report: LogReport) -> Iterator[str]:
    if not report.problems:
        return
    told = report.problems[:_ERRORS]
    yield f"Errors that matter ({number(sum(error.count for error in report.problems))} in {len(report.problems)} kind{'s' if len(report.problems) > 1 else ''})"
    for error in told:
        yield from _error(error, report)
    if len(report.problems) > len(told):
        yield f"  and {len(report.problems) - len(told)} kinds more: `--json` has them"


def _error(error: LoggedError, report: LogReport) -> Iterator[str]:
    new = "  NEW" if error.new_because else ""
    yield f"  {number(error.count):>7} x {brief(error.raised or message(error.template), _TEXT)}{new}"
    place = f", {end_of(error.where, 60)}" if error.where else ""
    yield f"            {when(error.first, error.last, report)}{place}"
    yield from _example(error.example, error.template)


def _example(example: LogExample | None, template: LogTemplate) -> Iterator[str]:
    if example is not None:
        # Of a JSON line, the message tells more than its beginning.
        text = template.text if example.text.startswith("{") else example.text
        place = f"{end_of(example.file, 40)}:{example.line}: "
        yield f"            {place}{brief(text, _EXAMPLE - len(place))}"


def _known(report: LogReport) -> Iterator[str]:
    by_text: dict[str, list[KnownSeen]] = {}
    for seen in report.known:
        by_text.setdefault(seen.known.text, []).append(seen)
    for text, group in list(by_text.items())[:_OTHERS]:
        first = group[0]
        yield f'Known: "{line(text, 50)}", {number(first.count)} x, {when(first.first, first.last, report)}'
        titles = " or ".join(f'"{line(seen.known.title, 44)}"' for seen in group[:2])
        yield f"  the guide {first.known.guide} calls this {titles}: crashcart diagnose"
    if len(by_text) > _OTHERS:
        yield f"  and {len(by_text) - _OTHERS} known texts more: `--json` has them"


def _new(report: LogReport) -> Iterator[str]:
    # An error that is new says so itself.
    told = {error.template for error in report.problems[:_ERRORS]}
    news = [new for new in report.new if new.template not in told]
    if not news:
        return
    yield f"New against {baseline(report)}"
    for new in news[:_OTHERS]:
        yield f"  {number(new.template.count):>7} x {brief(message(new.template), _TEXT)}"
        yield f"            {when(new.template.first, new.template.last, report)}; {new.reason}"
    if len(news) > _OTHERS:
        yield f"  and {len(news) - _OTHERS} more"


def _bursts(report: LogReport) -> Iterator[str]:
    if not report.bursts:
        return
    yield "Came in bursts"
    for burst in report.bursts[:_OTHERS]:
        yield f"  {clock_of(burst.began, report)} to {clock_of(burst.ended, report)}: {_what(burst)}"
        yield f"            {burst.reason}, {number(round(burst.factor))} times as many"
    if len(report.bursts) > _OTHERS:
        yield f"  and {len(report.bursts) - _OTHERS} more"


def _silences(report: LogReport) -> Iterator[str]:
    if not report.silences:
        return
    yield "Stopped"
    for silence in report.silences[:_OTHERS]:
        until = f"until {clock_of(silence.until, report)}" if silence.until is not None else "and did not come again"
        yield f"  from {clock_of(silence.since, report)} {until}: {_what(silence)}"
        yield f"            {silence.reason}"
    if len(report.silences) > _OTHERS:
        yield f"  and {len(report.silences) - _OTHERS} more"


def _slow(report: LogReport) -> Iterator[str]:
    if not report.latencies:
        return
    yield "Slowest      p50      p95      p99"
    for each in report.latencies[:_OTHERS]:
        times = "".join(f"{duration(value):>9}" for value in (each.p50_s, each.p95_s, each.p99_s))
        yield f"       {times}   {number(each.count)} x {brief(message(each.template), 56)}"


def _refused(report: LogReport) -> Iterator[str]:
    if not report.refused:
        return
    yield f"Access refused {number(sum(each.count for each in report.refused))} times"
    for each in report.refused[:_OTHERS]:
        yield f"  {number(each.count):>7} x {brief(message(each.template), _TEXT)}"
        yield f"            {when(each.first, each.last, report)}"


def _most(report: LogReport) -> Iterator[str]:
    """What the log is full of; worth the room only where little else is told."""
    if report.is_bad or not report.templates:
        return
    yield f"Most of it ({number(report.templates_total)} different statements)"
    for template in report.templates[:_ERRORS]:
        yield f"  {number(template.count):>7} x {brief(message(template), _TEXT)}"


def _troubles(report: LogReport) -> Iterator[str]:
    if report.undated and report.span is not None:
        yield f"{number(report.undated)} record{plural(report.undated)} without a time stamp"
    if report.is_crowded:
        yield "there are more different lines than can be kept apart: rare ones are taken together"
    for trouble in report.troubles[:_TROUBLES]:
        yield f"not all was read: {end_of(trouble.file, 50)}: {trouble.kind}: {line(trouble.detail, 70)}"
    if len(report.troubles) > _TROUBLES:
        yield f"and {len(report.troubles) - _TROUBLES} troubles more: `--json` has them"


def _close(report: LogReport) -> str:
    if not report.lines:
        return "Nothing could be read." if report.troubles else "There is nothing in it."
    if report.known:
        return "Next: crashcart diagnose, or of the log alone: crashcart diagnose --log PATH"
    if report.is_bad:
        return "Next: crashcart diagnose --log PATH, or crashcart guide suggest PATH for what no guide knows"
    return "Nothing in it that a person should look at."


# --- words ------------------------------------------------------------------------------------------------------------


def sparkline(counts: Sequence[int]) -> str:
    """Return one bar a count; the smallest count that is not 0 is still seen."""
    top = max(counts, default=0)
    return "".join(_BARS[-(-count * (len(_BARS) - 1) // top)] if top else " " for count in counts)


def _what(each: Burst | Silence) -> str:
    return brief(message(each.template), 60) if each.template is not None else "all lines"
