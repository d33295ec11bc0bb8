"""What alerts tell a diagnosis."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crashcart.alerts import match, parse, redacted, told
from crashcart.model.system import System
from crashcart.redact import MARK, Scrubber

if TYPE_CHECKING:
    from conftest import Payloads

    Make = Callable[[Payloads], bytes]

NOW = datetime(2026, 1, 31, 12, 5, tzinfo=UTC)
NAMED = {"alertname": "HighErrorRate"}


@pytest.mark.parametrize(
    ("label", "value", "target"),
    [
        ("target", "api", "api"),
        ("job", "API", "api"),
        ("service", "mail-worker", "mail_worker"),
        ("instance", "127.0.0.1:8000", "api"),
        ("instance", "localhost:8000", "api"),
        ("instance", "http://127.0.0.1:8000/v1/health", "api"),
        ("instance", "db.internal:5432", "db"),
        ("service", "mailer", "mail_worker"),
        ("name", "mailer.service", "mail_worker"),
    ],
)
def test_a_label_names_a_target_by_name_by_address_or_by_service(
    system: System, label: str, value: str, target: str, payloads: Payloads
) -> None:
    alert = parse(payloads.alertmanager({**NAMED, label: value})).alerts[0]

    found = match(alert, system)

    assert [one.target for one in found] == [target]
    assert found[0].because.startswith(f'{label} "{value}" is ')


@pytest.mark.parametrize(
    ("label", "value"),
    [("severity", "api"), ("instance", "127.0.0.1:8001"), ("instance", "elsewhere:8000"), ("job", "node"), ("job", "")],
)
def test_what_names_no_target_is_not_guessed(system: System, label: str, value: str, payloads: Payloads) -> None:
    found = told(parse(payloads.alertmanager({**NAMED, label: value})), system, NOW)

    assert found.matches == ()
    assert "the whole system is looked at" in found.notes[0]
    assert [one.target for one in found.given] == ["shop"]


@pytest.mark.parametrize(
    "make",
    [lambda p: p.alertmanager({"job": "api"}), lambda p: p.grafana({"job": "api"}), lambda p: p.pagerduty("api")],
)
def test_an_alert_gives_trouble_target_words_and_onset(system: System, make: Make, payloads: Payloads) -> None:
    found = told(parse(make(payloads)), system, NOW)

    assert found.complaint == "5 % of requests fail"
    assert found.onset is not None
    assert found.onset.replace(microsecond=0) == datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
    assert [(one.text, one.target) for one in found.given] == [("no alert fires: 5 % of requests fail", "api")]
    assert found.notes == ()


def test_the_name_of_an_alert_is_taken_apart_into_words(system: System, payloads: Payloads) -> None:
    found = told(parse(payloads.alertmanager({"alertname": "HTTPErrorRate_tooHigh"}, summary="")), system, NOW)

    assert found.complaint == "HTTP Error Rate too High"


def test_a_resolved_alert_is_no_fact_of_trouble(system: System, payloads: Payloads) -> None:
    found = told(parse(payloads.alertmanager(NAMED, status="resolved")), system, NOW)

    assert found.given == ()
    assert found.onset is None
    assert "no alert of the payload is firing" in found.notes[0]


def test_the_first_of_several_alerts_is_the_onset_and_equal_words_are_said_once(
    system: System, payloads: Payloads
) -> None:
    group = parse(payloads.alertmanager({"job": "api"}))
    first = replace(group.alerts[0], starts_at=NOW - timedelta(hours=1))
    resolved = replace(first, starts_at=NOW - timedelta(days=1), is_firing=False)

    found = told(replace(group, alerts=(*group.alerts, first, resolved)), system, NOW)

    assert found.onset == NOW - timedelta(hours=1)
    assert found.complaint == "5 % of requests fail"
    assert len(found.given) == 1


def test_a_sender_whose_clock_is_ahead_is_told_and_now_is_taken(system: System, payloads: Payloads) -> None:
    found = told(parse(payloads.alertmanager({"job": "api"}, starts_at="2026-01-31T12:05:30Z")), system, NOW)

    assert found.onset == NOW
    assert "30 s in the future" in found.notes[0]


def test_secrets_in_a_payload_are_gone_before_anybody_sees_it(system: System, payloads: Payloads) -> None:
    """A label named like a secret, a known secret in a summary, a password in a URL."""
    labels = {"job": "api", "api_key": "abcd-efgh", "url": "http://ann:hunter22@shop/"}
    group = redacted(
        parse(payloads.alertmanager(labels, summary="login with swordfish-9 fails")), Scrubber(["swordfish-9"])
    )

    shown = json.dumps([dict(group.alerts[0].labels), told(group, system, NOW).complaint])

    assert MARK in shown
    assert not any(secret in shown for secret in ("abcd-efgh", "hunter22", "swordfish-9"))
    assert group.alerts[0].labels["job"] == "api"
