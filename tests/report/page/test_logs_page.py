"""The page of a log: all that the text tells, with charts, and nothing of what strangers wrote acts in it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from crashcart.drive.scan import Request, Signatures, scan
from crashcart.logs.conclude import Asked, conclude
from crashcart.model.logs import LogReport
from crashcart.redact import Scrubber
from crashcart.report.page.charts import columns, scale, spread
from crashcart.report.page.logs import logs_page

BEGIN = datetime(2026, 5, 4, 3)
SECRET = "correct-horse-battery"
NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style></svg><iframe src=//evil.example>",
    "\x1b]8;;https://evil.example\x07click\x1b[31mred\x9b2J",
    "\u202etxt.exe \u2066 \u200b",
    "x" * 5000,
)


class Elements(HTMLParser):
    """Collects what a browser would see as elements, with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def lines(said: str) -> str:
    """Two hours with everything a report tells: errors, a burst, a silence, durations, refusals, something new."""
    rows: list[str] = []
    for minute in range(120):
        at = BEGIN + timedelta(minutes=minute)
        rows += [
            f"{at:%Y-%m-%d %H:%M}:{n:02} INFO app.http GET /a/{minute}{n} took {20 + n}ms" for n in range(0, 60, 6)
        ]
        rows += [f"{at:%Y-%m-%d %H:%M}:03 INFO app.sched heartbeat {minute}"] if minute < 80 else []
        rows += [f"{at:%Y-%m-%d %H:%M}:04 WARNING app.auth login failed for user{minute}"] if minute % 20 == 0 else []
        if 90 <= minute < 95:
            rows += [
                f"{at:%Y-%m-%d %H:%M}:{n:02} ERROR app.jobs job {n} failed: {said} key={SECRET}" for n in range(30)
            ]
    return "\n".join(rows) + "\n"


def report(text: str, folder: Path) -> LogReport:
    path = folder / "app.log"
    path.write_text(text, encoding="utf-8")
    found = scan(Request([str(path)], Signatures((), (), ())))
    return conclude(found, Asked(Scrubber((SECRET,))))


def page(text: str, folder: Path) -> str:
    return logs_page(report(text, folder), names=("app.log",), engine="0")


def test_it_tells_what_the_text_tells(tmp_path: Path) -> None:
    made = page(lines("paper jam"), tmp_path)

    for title in ("Over time", "Errors that matter", "Stopped", "Slowest", "Access refused", "Most of it"):
        assert title in made
    assert "<h1>150 errors of 1 kind, " in made
    assert made.count("<svg") >= 4


def test_no_secret_is_in_the_page(tmp_path: Path) -> None:
    """The page is made to be sent around."""
    assert SECRET not in page(lines("paper jam"), tmp_path)


def test_the_same_log_gives_the_same_bytes(tmp_path: Path) -> None:
    assert page(lines("paper jam"), tmp_path) == page(lines("paper jam"), tmp_path)


def test_the_page_fetches_nothing_and_runs_nothing(tmp_path: Path) -> None:
    made = page(lines("paper jam"), tmp_path)

    assert "default-src 'none'" in made
    assert not re.search(r"<script|url\(|@import|https?://", made)


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_no_stranger_adds_an_element_or_a_control_character(text: str, tmp_path: Path) -> None:
    """A log is written by whoever sends requests."""
    calm, nasty = Elements(), Elements()
    calm.feed(page(lines("paper jam"), tmp_path))

    made = logs_page(report(lines(text), tmp_path), names=(text,), engine="0")
    nasty.feed(made)

    assert {tag for tag, _ in nasty.found} <= {tag for tag, _ in calm.found}
    for tag, attributes in nasty.found:
        assert not {name for name in attributes if name.startswith("on")}, (tag, attributes)
        assert not {"src", "href", "action", "srcset", "data"} & set(attributes), (tag, attributes)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", made)


def test_an_empty_log_and_one_without_stamps_have_a_page(tmp_path: Path) -> None:
    assert "<h1>There is nothing in it</h1>" in page("", tmp_path)
    assert "no time stamps" in page("ERROR it failed\nINFO it goes on\n", tmp_path)


def test_what_happened_once_beside_many_is_still_seen() -> None:
    drawn = columns([1, 100_000, 0], kind="all", label="records")

    assert drawn.count("<rect") == 2
    assert 'height="2"' in drawn


def test_durations_stand_between_powers_of_ten() -> None:
    within = scale([0.034, 1.4])

    assert within == (0.01, 10.0)
    assert 'class="most" x="333.3"' in spread(0.1, 1.0, 10.0, within=within, label="")
