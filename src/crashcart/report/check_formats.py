"""The health of a system for other programs: JUnit XML and the text format of Prometheus."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from crashcart.model.health import Health, HealthLine, Mark
from crashcart.report.check import says, told
from crashcart.report.plain import plain

# XML 1.0 has no place for these, escaped or not; `plain` writes the other control characters out.
_NO_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def health_junit(health: Health) -> str:
    """Return JUnit XML: a suite for each target, unseen as skipped, a warning as a pass with words."""
    counts = health.counts()
    stamp = health.now.strftime("%Y-%m-%dT%H:%M:%S")
    rows = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="crashcart check" tests="{len(health.lines)}" failures="{counts[Mark.FAIL]}" errors="0" '
        f'skipped="{counts[Mark.UNSEEN]}" time="{health.took_s:.3f}">',
    ]
    for target, found in groupby(health.lines, key=lambda entry: entry.target):
        lines = list(found)
        failures, skipped = (sum(entry.mark is mark for entry in lines) for mark in (Mark.FAIL, Mark.UNSEEN))
        took_s = sum(entry.took_s for entry in lines)
        rows.append(
            f'  <testsuite name={_attribute(target)} tests="{len(lines)}" failures="{failures}" errors="0" '
            f'skipped="{skipped}" time="{took_s:.3f}" timestamp="{stamp}">'
        )
        rows += [f"    {_case(entry)}" for entry in lines]
        rows.append("  </testsuite>")
    return "\n".join([*rows, "</testsuites>"]) + "\n"


def _case(entry: HealthLine) -> str:
    classname = f"{entry.target}.{entry.source.guide}"
    name = says(entry)
    place_ = f"{entry.source.path}:{entry.source.span.line}"
    head = f'<testcase classname={_attribute(classname)} name={_attribute(name)} time="{entry.took_s:.3f}"'
    text = f"{told(entry)} ({place_})"
    match entry.mark:
        case Mark.PASS:
            return f"{head}/>"
        case Mark.FAIL:
            return f'{head}><failure type="fail" message={_attribute(entry.saw)}>{_xml(text)}</failure></testcase>'
        case Mark.WARN:
            return f"{head}><system-out>{_xml(f'warn: {text}')}</system-out></testcase>"
        case Mark.UNSEEN:
            return f"{head}><skipped message={_attribute(entry.saw)}/></testcase>"


def _xml(text: str) -> str:
    return escape(_NO_XML.sub("\ufffd", plain(text)))


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("\ufffd", plain(text)))


# -- Prometheus


def health_prometheus(health: Health) -> str:
    """Return the text format of Prometheus, as a scrape or the textfile collector reads it."""
    rows: list[str] = []
    rows += _metric(
        "crashcart_health_item_ok", "Whether a Healthy item holds: 1 yes, 0 no; not there when it could not be seen.",
        [(_labels(health, entry), str(int(entry.mark is Mark.PASS))) for entry in health.lines if entry.mark is not Mark.UNSEEN],
    )  # fmt: skip
    rows += _metric(
        "crashcart_health_item_unseen", "Whether a Healthy item could not be seen.",
        [(_labels(health, entry), str(int(entry.mark is Mark.UNSEEN))) for entry in health.lines],
    )  # fmt: skip
    system = f"system={_label(health.system)}"
    rows += _metric(
        "crashcart_health_items", "How many Healthy items have each mark.",
        [(f'{system},mark="{mark.value}"', str(count)) for mark, count in health.counts().items()],
    )  # fmt: skip
    rows += _metric("crashcart_check_seconds", "How long the check took.", [(system, f"{health.took_s:.6g}")])
    at = f"{health.now.timestamp():.3f}"
    rows += _metric("crashcart_check_timestamp_seconds", "When the check was made.", [(system, at)])
    return "\n".join(rows) + "\n"


def _metric(name: str, what: str, samples: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield f"# HELP {name} {what}"
    yield f"# TYPE {name} gauge"
    yield from (f"{name}{{{labels}}} {value}" for labels, value in samples)


def _labels(health: Health, entry: HealthLine) -> str:
    pairs = (
        ("system", health.system), ("target", entry.target), ("guide", entry.source.guide),
        ("says", says(entry)), ("check", entry.check.key),
    )  # fmt: skip
    return ",".join(f"{name}={_label(value)}" for name, value in pairs)


def _label(value: str) -> str:
    text = plain(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{text}"'
