"""A guide up to its first problem: all that health needs, in the same lines."""

from __future__ import annotations

import pytest

from crashcart import app
from crashcart.guides.health import opening
from crashcart.model.case import GuideText
from crashcart.model.guide import Trust

HEAD = "---\nguide: a\nfor: http\n---\n# A\n\n**Healthy**\n- `tcp {self} => ok`\n"
REST = "\n## It fails {#fails}\n\n**Symptoms**\n- always: `tcp {self} => refused`\n"


def test_the_problems_are_left_out() -> None:
    assert opening(HEAD + REST) == HEAD + "\n"


def test_a_fence_that_shows_a_heading_ends_nothing() -> None:
    text = HEAD.replace("**Healthy**", "```markdown\n## not a problem\n```\n\n**Healthy**")

    assert opening(text + REST) == text + "\n"


def test_a_guide_whose_label_stands_elsewhere_is_read_whole() -> None:
    text = "---\nguide: a\nfor: http\n---\n# A\n" + REST + "\n**Healthy**\n- `tcp {self} => ok`\n"

    assert opening(text) == text


@pytest.mark.parametrize("text", app.shipped_texts(), ids=lambda text: text.path)
def test_the_opening_of_every_shipped_guide_has_the_same_healthy_items(text: GuideText) -> None:
    whole = app.compile_text(text, others=app.shipped_texts())

    head = app.compile_text(GuideText(text.path, Trust.SHIPPED, opening(text.text)))

    assert head.healthy == whole.healthy
    assert head.healthy.checks
