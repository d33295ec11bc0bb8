"""The health of a system for other programs, whatever strangers have written into it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from crashcart.model.health import Health, HealthLine, Mark
from crashcart.model.net import BoundCheck, Source
from crashcart.model.observation import Look
from crashcart.model.spans import Span
from crashcart.model.truth import Quant
from crashcart.report.check import change_lines, health_rows
from crashcart.report.check_formats import health_junit, health_prometheus
from crashcart.report.check_json import health_json
from crashcart.report.plain import plain

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def line(name: str, mark: Mark, text: str = "ok", *, target: str = "db") -> HealthLine:
    """An item with that text wherever a guide or a target may write."""
    look = Look("tcp", target)
    check = BoundCheck(f"tcp {{{target}}} => {name}", look.id, Quant.EACH, (look,), (), text, 0.01, 0.1)
    return HealthLine(
        target, check, mark, text, 0.02, Source("redis", f"packs/{text[:20]}/guide.md", Span(7, 1, 7, 9), name)
    )


def health(*lines: HealthLine, system: str = "shop") -> Health:
    """A health of these items."""
    return Health(system, "test", NOW, 0.25, len(lines), lines)


@given(st.text(min_size=1, max_size=60))
@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_every_format_stays_readable_whatever_the_text(text: str) -> None:
    made = health(*(line(f"{text}{number}", mark, text) for number, mark in enumerate(Mark)), system=text)

    suites = ElementTree.fromstring(health_junit(made))
    families = list(text_string_to_metric_families(health_prometheus(made)))
    document = json.loads(health_json(made))

    assert len(list(suites.iter("testcase"))) == 4
    assert sum(len(family.samples) for family in families) == 3 + 4 + 4 + 2
    assert document["items"][0]["saw"] == text
    assert all(row.text == plain(row.text) for row in health_rows(made))


@pytest.mark.parametrize(
    ("marks", "worst"),
    [
        ([Mark.PASS, Mark.WARN, Mark.FAIL, Mark.UNSEEN], Mark.FAIL),
        ([Mark.PASS, Mark.WARN, Mark.UNSEEN], Mark.WARN),
        ([Mark.PASS, Mark.UNSEEN], Mark.PASS),
        ([Mark.UNSEEN], Mark.UNSEEN),
        ([], Mark.UNSEEN),
    ],
)
def test_the_worst_thing_seen_is_the_health_and_blindness_is_not_health(marks: list[Mark], worst: Mark) -> None:
    assert health(*(line(str(number), mark) for number, mark in enumerate(marks))).mark is worst


def test_an_item_that_could_not_be_seen_has_no_value_in_prometheus() -> None:
    """A 0 would page somebody, a 1 would be a lie."""
    families = {
        family.name: family.samples
        for family in text_string_to_metric_families(
            health_prometheus(health(line("a", Mark.UNSEEN), line("b", Mark.FAIL)))
        )
    }

    assert [(sample.labels["says"], sample.value) for sample in families["crashcart_health_item_ok"]] == [("b", 0.0)]
    assert [sample.value for sample in families["crashcart_health_item_unseen"]] == [1.0, 0.0]


def test_only_items_whose_mark_changed_are_told_again() -> None:
    before = health(line("a", Mark.PASS), line("b", Mark.FAIL), line("c", Mark.PASS))
    after = health(line("a", Mark.FAIL, "refused"), line("b", Mark.FAIL), line("d", Mark.PASS))

    told = change_lines(before, after)

    assert [text.split("  (")[0] for text in told] == [
        "12:00:00  pass -> fail    db: a",
        "12:00:00  new -> pass    db: d",
    ]
