"""The health of a system as a page of text."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby

from crashcart.model.health import Health, HealthLine, Mark
from crashcart.model.net import BoundCheck
from crashcart.report.plain import line
from crashcart.report.text import look_words, place

_SAYS = 48
_SAW = 40


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the page; with a mark, the word that begins it may be coloured. `is_changed`: not as the round before."""

    text: str
    mark: Mark | None = None
    is_changed: bool = False


def health_rows(health: Health, changed: Collection[tuple[str, str]] = ()) -> list[Row]:
    """Return the page: a block for each target, each item with what it saw; the total, and what to do next.

    `changed` names items by target and check.
    """
    rows = [Row(_head(health)), Row("")]
    for target, lines in groupby(health.lines, key=lambda entry: entry.target):
        rows.append(Row(line(target, 60)))
        for entry in lines:
            rows += _rows(entry, is_changed=(entry.target, entry.check.key) in changed)
    rows += [Row(""), Row(total(health))]
    rows += [Row(f"note: {line(note, 110)}") for note in health.notes[:3]]
    command = _next(health)
    return [*rows, *([Row(""), Row(f"Next: {command}")] if command else [])]


def _head(health: Health) -> str:
    environment = f" · {line(health.environment, 30)}" if health.environment else ""
    looks = f"{health.looks} look{'' if health.looks == 1 else 's'}"
    return f"{line(health.system, 40)}{environment} · {health.now:%Y-%m-%d %H:%M:%S} UTC · {looks} in {health.took_s:.2f} s"


def _rows(entry: HealthLine, *, is_changed: bool) -> Iterator[Row]:
    what = line(says(entry), _SAYS)
    if entry.mark is Mark.PASS:
        yield Row(f"  pass    {what:<{_SAYS}}  {line(entry.saw, _SAW)}".rstrip(), entry.mark, is_changed)
        return
    word = entry.mark.value if entry.mark is Mark.UNSEEN else entry.mark.value.upper()
    yield Row(f"  {word:<6}  {what:<{_SAYS}}  {place(entry.source)}".rstrip(), entry.mark, is_changed)
    yield Row(f"            {told(entry)}")


def says(entry: HealthLine) -> str:
    """Return the guide's sentence; the look and the claim when it has none."""
    sentence = entry.source.sentence
    return f"{asked_words(entry.check)} => {entry.check.claim_text}" if sentence.startswith("`") else sentence


def told(entry: HealthLine) -> str:
    """Return what was asked, what was seen, and what should have been."""
    asked = line(asked_words(entry.check), 60)
    saw = line(entry.saw, 96)
    if entry.mark in (Mark.PASS, Mark.UNSEEN):
        return f"{asked}: {saw}"
    return f"{asked}: {saw}; should be: {line(entry.check.claim_text, 60)}"


def asked_words(check: BoundCheck) -> str:
    """Return the look as one says it."""
    if not check.looks:
        return check.key
    return look_words(
        check.looks[0], target="" if len(check.looks) == 1 else f"{check.quant.value} of {len(check.looks)}"
    )


def total(health: Health) -> str:
    """Return the counts as a sentence."""
    counts = health.counts()
    words = (
        (counts[Mark.FAIL], "fails", "fail"), (counts[Mark.WARN], "warns", "warn"), (counts[Mark.PASS], "passes", "pass"),
        (counts[Mark.UNSEEN], "could not be seen", "could not be seen"),
    )  # fmt: skip
    found = [f"{count} {one if count == 1 else many}" for count, one, many in words if count]
    return ", ".join(found) if found else "no guide says what is healthy here"


def _next(health: Health) -> str:
    if not health.lines:
        return "crashcart guide new KIND > guide.md    (and name it under `guides` in the system file)"
    return "crashcart diagnose" if health.mark is Mark.FAIL else ""


def change_lines(before: Health, after: Health) -> list[str]:
    """Return one line for each item whose mark is another than the round before."""
    was = {(entry.target, entry.check.key): entry.mark for entry in before.lines}
    lines = []
    for entry in after.lines:
        mark = was.get((entry.target, entry.check.key))
        if mark is not entry.mark:
            old = mark.value if mark else "new"
            lines.append(
                f"{after.now:%H:%M:%S}  {old} -> {entry.mark.value:<6}  {line(entry.target, 30)}: "
                f"{line(says(entry), _SAYS)}  ({told(entry)})"
            )
    return lines
