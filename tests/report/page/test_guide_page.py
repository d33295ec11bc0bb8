"""A guide as a page: every problem with its decisions, and nothing that a stranger's words could do in it."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TypeVar

import pytest
from click.testing import CliRunner

from crashcart import app
from crashcart.cli.root import cli
from crashcart.guides.telling import tell_guide
from crashcart.model.case import GuideText
from crashcart.model.guide import Guide, Trust
from crashcart.model.guide_page import GuidePage
from crashcart.report.page.decisions import decision_drawing
from crashcart.report.page.guide import guide_page

T = TypeVar("T")

OWN = """\
---
guide: shop
for: http
severity: high
---
# Shop

Sells things. Nothing in `code <b>` acts.

**Healthy**
- it answers `http {self} GET /health => status = 200`

## Orders fail {#orders-fail}

**Symptoms**
- always: the log names each order `log {self} "order <order> failed"`

**Escalate**
1. By hand: call the shop's owner

### Cause: the till is shut {#till-shut} (rare)

**Evidence**
- usually: it says so `log {self} "till is shut"`
- always, else 0.01: it listens no more `tcp {self} => refused`
- never, else often: somebody was served `log {self} "served"`

**Fix**
1. By hand: open the till
2. Begin anew `service restart {self}`
   - only if it has ended `process {self} => absent`

**Verify**
- it answers `http {self} GET /health => status = 200 within 30 s`

### Cause: [the key is refused](http-provider#key-refused) {#key} (common)
"""
NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></svg><iframe src=//evil.example>",
    "\u202etxt.exe \u2066 \u200b",
    "[click](javascript:alert(1)) ![x](http://evil.example/x.png)",
    "&lt;b&gt; &amp; ]]>",
    "x" * 3000,
)


class _Elements(HTMLParser):
    """Collects what a browser would see as elements, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def compiled(text: str) -> Guide:
    own = GuideText("shop.md", Trust.OWN, text)
    return app.compile_text(own, None, others=(*app.shipped_texts(), own))


def shipped(name: str) -> Guide:
    text = next(text for text in app.shipped_texts() if Path(text.path).parent.name == name)
    return app.compile_text(text, None, others=app.shipped_texts())


def told() -> GuidePage:
    return tell_guide(compiled(OWN), app.catalogue(), [shipped("http-provider")])


def spoilt(part: T, word: str) -> T:
    """Return a part of a page in which a stranger has written every word."""
    if isinstance(part, str):
        return word  # type: ignore[return-value]
    if isinstance(part, tuple):
        return tuple(spoilt(each, word) for each in part)  # type: ignore[return-value]
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{field.name: spoilt(getattr(part, field.name), word) for field in fields(part)})
    return part


def test_what_happens_most_is_asked_first_by_the_sign_that_tells_most() -> None:
    (problem,) = told().problems

    assert [cause.id for cause in problem.causes] == ["key", "till-shut"]
    assert problem.causes[1].question is not None
    assert problem.causes[1].question.code == "tcp {self} => refused"


def test_a_cause_of_another_guide_brings_its_question_and_its_fix() -> None:
    (problem,) = told().problems
    key = problem.causes[0]

    assert key.link == "http-provider#key-refused"
    assert key.question is not None
    assert [remedy.label for remedy in key.remedies if remedy.label.startswith("Fix")]


def test_a_drawing_has_every_cause_and_whom_to_call_when_it_is_none() -> None:
    (problem,) = told().problems
    drawing = decision_drawing(problem)

    assert drawing.count(">yes<") == drawing.count(">no<") == 2
    assert "the till is shut" in drawing
    assert "the key is refused" in drawing
    assert "call the shop&#x27;s" in drawing


@pytest.mark.parametrize("word", NASTY, ids=range(len(NASTY)))
def test_no_words_of_a_guide_become_an_element_an_address_or_a_control_character(word: str) -> None:
    page = guide_page(spoilt(told(), word), engine=word)

    seen = _Elements(page).found
    assert {tag for tag, _ in seen} <= {
        tag for tag, _ in _Elements(guide_page(spoilt(told(), "harmless"), engine="0")).found
    }
    for tag, attributes in seen:
        assert not {name for name in attributes if name.startswith("on")}, (tag, attributes)
        assert not {"src", "href", "action", "srcset", "data"} & set(attributes), (tag, attributes)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", page)


@pytest.mark.parametrize("name", sorted(Path(text.path).parent.name for text in app.shipped_texts()))
def test_every_shipped_guide_has_a_page_with_all_of_its_checks_and_steps(name: str) -> None:
    guide = shipped(name)
    linked = {cause.link.guide for problem in guide.problems for cause in problem.causes if cause.link} - {
        "",
        guide.name,
    }
    page = tell_guide(guide, app.catalogue(), [shipped(each) for each in sorted(linked)])

    html = guide_page(page, engine="0")

    assert html.count("<svg") == sum(bool(problem.causes) for problem in guide.problems)
    assert html.count("<details>") == sum(len(problem.causes) for problem in guide.problems)
    for problem in guide.problems:
        assert all(told_.question is not None for told_ in page.problems[guide.problems.index(problem)].causes)


def test_the_command_writes_one_file_that_fetches_nothing(tmp_path: Path) -> None:
    (tmp_path / "shop.md").write_text(OWN)

    result = CliRunner().invoke(
        cli, ["guide", "render", str(tmp_path / "shop.md"), "--html", str(tmp_path / "shop.html")]
    )

    assert result.exit_code == 0, result.output
    page = (tmp_path / "shop.html").read_text()
    assert "the till is shut" in page
    assert "<script" not in page
    assert "default-src 'none'" in page
