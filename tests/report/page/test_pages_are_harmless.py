"""Guides, logs and answers are written by strangers: no page of ours does what they say."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from crashcart import app
from crashcart.model.case import Case, GuideText
from crashcart.model.guide import Trust
from crashcart.model.observation import Record, Seen
from crashcart.report.page.html import html_page
from crashcart.report.page.markdown import markdown_page
from crashcart.report.page.slack import slack_message
from crashcart.report.page.story import Story, story
from crashcart.report.text import Pages
from crashcart.storage import cases

CASES = Path(__file__).parents[3] / "cases" / "digest"
NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></svg><iframe src=//evil.example>",
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07 \x1b[31mred\x9b2J",
    "\u202etxt.exe \u2066 \u200b",
    "&lt;b&gt; &amp; ]]> --> <!-- ",
    "[click](javascript:alert(1)) ![x](http://evil.example/x.png) @everyone #1 | `code` ```\n# head\n- [ ] item",
    "<@U123> <!channel> <https://evil.example|bank> *bold* _it_ ~no~",
    "x" * 5000,
)


class _Elements(HTMLParser):
    """Collects what a browser would see as elements, with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def poisoned(text: str) -> Story:
    """Return the story of a real case in which a stranger has written wherever strangers write."""
    case = cases.read(CASES / "key-missing.json")
    word = " ".join(text.split()) or "x"
    guides = tuple(
        GuideText(guide.path, Trust.OWN, guide.text.replace("no key is set", f"no key {word[:300]} is set"))
        for guide in case.guides
    )
    targets = {name: replace(target, attributes=target.attributes) for name, target in case.system.targets.items()}
    observations = tuple(
        replace(
            entry,
            outcome=replace(entry.outcome, records=(Record(text, f"/var/log/{text[:80]}", entry.seen_at.isoformat()),)),
        )
        if isinstance(entry.outcome, Seen) and entry.outcome.records
        else entry
        for entry in case.observations
    )
    system = replace(case.system, name=text[:200], environment=text[:200], targets=targets)
    return told(replace(case, guides=guides, observations=observations, system=system, complaint=text))


def told(case: Case, **how: str) -> Story:
    """Return the story of a case."""
    result = app.replay_case(case, **how)
    return story(Pages(result.diagnosis, result.net, case.system, result.observations), result.observations, engine="0")


@pytest.fixture(scope="module")
def plain_tags() -> set[str]:
    """The elements of a page in which nobody has written anything nasty."""
    page = _Elements()
    page.feed(html_page(told(cases.read(CASES / "key-missing.json"))))
    return {tag for tag, _ in page.found}


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_no_stranger_adds_an_element_an_address_or_a_control_character(text: str, plain_tags: set[str]) -> None:
    """The page goes to everybody in the incident channel, and they open it."""
    page = html_page(poisoned(text))

    seen = _Elements()
    seen.feed(page)
    assert {tag for tag, _ in seen.found} <= plain_tags
    for tag, attributes in seen.found:
        assert not {name for name in attributes if name.startswith("on")}, (tag, attributes)
        assert not {"src", "href", "action", "srcset", "data"} & set(attributes), (tag, attributes)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", page)


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    page = html_page(told(cases.read(CASES / "key-missing.json")))

    assert "<script" not in page
    assert "url(" not in page.replace('marker-end="url(#tip)"', "")
    assert "@import" not in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_no_stranger_writes_markdown(text: str) -> None:
    page = markdown_page(poisoned(text))

    for row in page.splitlines():
        bare = re.sub(r"\\.|(`+)[^`].*?\1", "", row)
        assert not re.search(r"<|!\[|\]\(|(?<!\w)@\w", bare), row
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_no_stranger_calls_a_channel_and_slack_takes_the_message(text: str) -> None:
    message = json.loads(slack_message(poisoned(text)))

    assert len(message["blocks"]) <= 50
    for block in message["blocks"]:
        if block["type"] == "header":
            assert len(block["text"]["text"]) <= 150
            continue
        texts = [block["text"]] if "text" in block else block["elements"]
        for part in texts:
            assert "<" not in part["text"]
            assert 0 < len(part["text"]) <= 3000


@pytest.mark.parametrize("path", sorted(CASES.glob("*.json")), ids=lambda path: path.stem)
def test_every_recorded_case_has_a_page_with_what_was_found_and_what_was_looked_at(path: Path) -> None:
    one = told(cases.read(path))

    page = html_page(one)

    assert escape(one.headline.split("(")[0].strip().split(": ")[-1]) in page
    seen = [taken for taken in one.taken if not taken.unseen]
    assert page.count("<summary><code>") == len(seen)
    assert all(f"<summary><code>{escape(taken.words)[:120]}" in page for taken in seen)
    assert one.first is None or "<svg" in page


def test_a_cause_that_no_guide_covers_is_drawn_as_unknown() -> None:
    page = html_page(told(cases.read(CASES / "key-missing.json"), without="key-missing"))

    assert "none of the problems I know" in page
    assert "something no guide covers" in page
    assert "What would decide" in page


def test_the_same_case_gives_the_same_bytes() -> None:
    case = cases.read(CASES / "provider-hangs.json")

    assert html_page(told(case)) == html_page(told(case))
