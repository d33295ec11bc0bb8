"""What a report of logs says, in words: numbers, sizes, lengths of time, moments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from crashcart.model.logs import LogReport, LogSpan, LogTemplate
from crashcart.report.plain import line

_FRONT = re.compile(
    r"^(?:<\*> ){2,}|^[\[(]?(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?[\])]?(?: [-|])? "
)
# A dotted name near the beginning, with what stands behind a logger's name: "org.apache.Client: ", "[shop.api.views] ".
_LOGGER = re.compile(r"^(.{0,60}?(?<![\w.\-/@]))(?:[A-Za-z_]\w*\.){2,}(?=[A-Za-z_$][\w$]*(?:: |\] | - | \[|:\w+:\d+ ))")


def message(template: LogTemplate) -> str:
    """Return the text without the remains of its head: `] [<*>] [ERROR] it failed`."""
    return template.text.lstrip("]:,.|- ")


def brief(text: str, limit: int) -> str:
    """Return a line of a log in so many characters. Where it is longer, its message is worth more than its stamp, the
    holes in front of it and the packages of its logger."""
    flat = line(text)
    if len(flat) > limit:
        flat = _FRONT.sub("", flat)
    if len(flat) > limit:
        flat = _LOGGER.sub(r"\1…", flat, count=1)
    return line(flat, limit)


def span_words(span: LogSpan | None) -> str:
    """Return from when to when a log goes, and how long that is."""
    if span is None:
        return "no time stamps"
    zone = "UTC" if span.is_zoned else "(no zone)"
    last = f"{span.last:%H:%M:%S}" if span.first.date() == span.last.date() else f"{span.last:%Y-%m-%d %H:%M:%S}"
    return f"{span.first:%Y-%m-%d %H:%M:%S} to {last} {zone}, {length(span.seconds)}"


def when(first: datetime | None, last: datetime | None, report: LogReport) -> str:
    """Return the time of the first and of the last of something."""
    if first is None or last is None:
        return "at times unknown"
    if first == last:
        return f"at {clock_of(first, report)}"
    return f"{clock_of(first, report)} to {clock_of(last, report)}"


def clock_of(moment: datetime, report: LogReport) -> str:
    """Return a moment; with its day only where the log has several."""
    span = report.span
    is_day = span is not None and span.first.date() == span.last.date()
    return f"{moment:%H:%M:%S}" if is_day else f"{moment:%m-%d %H:%M:%S}"


def number(count: int) -> str:
    """Return a count with commas between thousands."""
    return f"{count:,}"


def plural(count: int) -> str:
    """Return what a word for this many things ends in."""
    return "" if count == 1 else "s"


def size(size_bytes: int) -> str:
    """Return a size to three digits."""
    units = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
    return next((f"{size_bytes / least:.3g} {unit}" for least, unit in units if size_bytes >= least), f"{size_bytes} B")


def length(seconds: float) -> str:
    """Return a length of time in the unit that suits it."""
    units = ((172_800.0, 86_400.0, "d"), (7_200.0, 3_600.0, "h"), (120.0, 60.0, "min"))
    return next((f"{seconds / of:.3g} {unit}" for least, of, unit in units if seconds >= least), f"{seconds:.3g} s")


def duration(seconds: float) -> str:
    """Return how long a request took."""
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def percent(share: float) -> str:
    """Return a share of 1 in percent, to two digits."""
    return f"{100 * share:.2g} %" if share < 0.995 else "100 %"


def baseline(report: LogReport) -> str:
    """Return what *new* is measured against."""
    return line(report.baseline.partition("+")[0].replace("T", " "), 70)


def squeezed(counts: Sequence[int], bucket_s: int, *, columns: int) -> tuple[list[int], int]:
    """Return sums of as many neighbours as it takes to be at most so many, and how long each then is."""
    times = max(1, -(-len(counts) // columns))
    return [sum(counts[at : at + times]) for at in range(0, len(counts), times)], bucket_s * times
