"""Payloads become alerts, and what is none is told honestly."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from crashcart.alerts import MAX_PAYLOAD_BYTES, Sender, parse
from crashcart.errors import UsageError

if TYPE_CHECKING:
    from conftest import Payloads

    Make = Callable[[Payloads], bytes]

LABELS = {"alertname": "HighErrorRate", "instance": "127.0.0.1:8000", "severity": "page"}
BEGAN = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("make", "sender"),
    [
        (lambda p: p.alertmanager(LABELS), Sender.ALERTMANAGER),
        (lambda p: p.grafana(LABELS), Sender.GRAFANA),
        (lambda p: p.pagerduty(), Sender.PAGERDUTY),
    ],
)
def test_each_sender_is_known_by_its_payload(make: Make, payloads: Payloads, sender: Sender) -> None:
    group = parse(make(payloads))

    assert group.sender is sender
    assert [alert.summary for alert in group.firing] == ["5 % of requests fail"]
    assert group.alerts[0].starts_at is not None
    assert group.alerts[0].starts_at.replace(microsecond=0) == BEGAN


@pytest.mark.parametrize(
    "make",
    [
        lambda p: p.alertmanager(LABELS, status="resolved"),
        lambda p: p.grafana(LABELS, status="resolved"),
        lambda p: p.pagerduty(status="resolved"),
    ],
)
def test_a_resolved_alert_does_not_fire(make: Make, payloads: Payloads) -> None:
    group = parse(make(payloads))

    assert len(group.alerts) == 1
    assert group.firing == ()


def test_an_acknowledged_incident_still_fires(payloads: Payloads) -> None:
    assert len(parse(payloads.pagerduty(status="acknowledged")).firing) == 1


def test_an_event_that_is_about_no_incident_holds_no_alert(payloads: Payloads) -> None:
    assert parse(payloads.pagerduty(kind="ping")).alerts == ()


def test_an_alert_without_a_fingerprint_gets_one_of_its_labels(payloads: Payloads) -> None:
    bare = json.loads(payloads.alertmanager(LABELS))
    del bare["alerts"][0]["fingerprint"]
    turned = json.loads(json.dumps(bare))
    turned["alerts"][0]["labels"] = dict(reversed(LABELS.items()))

    first, second = (parse(json.dumps(one).encode()).alerts[0].fingerprint for one in (bare, turned))

    assert first == second != ""


@pytest.mark.parametrize(
    "zero", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+02:00", "2026-01-31T12:00:00"]
)
def test_a_time_that_says_nothing_is_no_onset(zero: str, payloads: Payloads) -> None:
    assert parse(payloads.alertmanager(LABELS, starts_at=zero)).alerts[0].starts_at is None


def test_alerts_that_the_sender_left_out_are_counted(payloads: Payloads) -> None:
    assert parse(payloads.alertmanager(LABELS, truncatedAlerts=7)).left_out == 7


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda p: b"", "no JSON"),
        (lambda p: b"\xff\xfe", "no JSON"),
        (lambda p: b"[]", "object"),
        (lambda p: b"{}", 'neither "alerts" nor "event"'),
        (lambda p: b'{"alerts": []}', "no version"),
        (lambda p: p.alertmanager(LABELS, version="3"), 'version "3"'),
        (lambda p: p.alertmanager(LABELS, status="pending"), "$.alerts[0].status"),
        (lambda p: p.alertmanager({"alertname": 7}), "$.alerts[0].labels"),  # type: ignore[dict-item]
        (lambda p: p.alertmanager(LABELS, starts_at="yesterday"), "$.alerts[0].startsAt"),
        (lambda p: p.pagerduty(status="snoozed"), "$.status"),
        (lambda p: b'{"messages": []}', "version 1 or 2"),
        (lambda p: b'{"ruleName": "cpu", "state": "alerting"}', "old alerting"),
        (lambda p: b'{"alerts":' + b"[" * 100_000, "no JSON"),
        (lambda p: b" " * (MAX_PAYLOAD_BYTES + 1), "2,000,000 are read"),
    ],
)
def test_what_is_no_payload_is_refused_with_the_key_that_is_wrong(make: Make, payloads: Payloads, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(make(payloads), where="alert.json")

    assert says in caught.value.what
    assert caught.value.where == "alert.json"
    assert caught.value.hint


@settings(phases=[Phase.explicit, Phase.reuse, Phase.generate], deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["4", "firing", "incident"]),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["alerts", "event", "data", "labels", "x"]), inner)
        ),
    )
)
def test_whatever_comes_is_read_or_refused_and_nothing_else(document: object) -> None:
    try:
        group = parse(json.dumps(document).encode())
    except UsageError:
        return
    assert isinstance(group.sender, Sender)
