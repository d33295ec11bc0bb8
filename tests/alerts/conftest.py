"""Payloads as their senders make them, with the values that a test cares about."""

from __future__ import annotations

import json

import pytest

from crashcart.model.system import System, Target

Labels = dict[str, str]


class Payloads:
    """What each sender posts."""

    def alertmanager(
        self,
        labels: Labels,
        *,
        status: str = "firing",
        summary: str = "5 % of requests fail",
        starts_at: str = "2026-01-31T12:00:00.123456789Z",
        **more: object,
    ) -> bytes:
        """One alert as Alertmanager 0.25 sends it."""
        alert = {
            "status": status, "labels": labels, "annotations": {"summary": summary}, "startsAt": starts_at,
            "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prometheus:9090/graph", "fingerprint": "b3fc3dd0a4dc5bd7",
        }  # fmt: skip
        group = {
            "receiver": "crashcart", "status": status, "alerts": [alert], "groupLabels": {"alertname": "HighErrorRate"},
            "commonLabels": labels, "commonAnnotations": {"summary": summary}, "externalURL": "http://alertmanager:9093",
            "version": "4", "groupKey": '{}:{alertname="HighErrorRate"}', "truncatedAlerts": 0,
        }  # fmt: skip
        return json.dumps({**group, **more}).encode()

    def grafana(self, labels: Labels, *, status: str = "firing") -> bytes:
        """The same from Grafana: its own keys beside them, and version 1."""
        group = json.loads(self.alertmanager(labels, status=status))
        group["alerts"][0] |= {
            "values": {"B": 0.05, "C": 1},
            "valueString": "[ value=0.05 ]",
            "silenceURL": "",
            "panelURL": "",
        }
        return json.dumps({**group, "version": "1", "orgId": 1, "title": "[FIRING:1]", "state": "alerting"}).encode()

    def pagerduty(self, service: str = "api", *, status: str = "triggered", kind: str = "incident") -> bytes:
        """An event of PagerDuty's webhook, version 3."""
        data = {
            "id": "PT4KHLK", "type": kind, "number": 1234, "status": status, "incident_key": "baf7", "title": "5 % of requests fail",
            "created_at": "2026-01-31T12:00:00Z", "urgency": "high", "priority": None,
            "service": {"id": "PIJ90N7", "summary": service, "type": "service_reference"}, "assignees": [],
        }  # fmt: skip
        event = {
            "id": "01",
            "event_type": f"incident.{status}",
            "resource_type": "incident",
            "occurred_at": "2026-01-31T12:00:00Z",
        }
        return json.dumps({"event": {**event, "agent": None, "client": None, "data": data}}).encode()


@pytest.fixture
def payloads() -> Payloads:
    return Payloads()


@pytest.fixture
def system() -> System:
    """A shop: an API, its database, a worker under systemd."""
    return System(
        "shop",
        "test",
        {
            "api": Target("api", "http", {"url": "http://127.0.0.1:8000/v1", "host": "127.0.0.1", "port": "8000"}),
            "db": Target("db", "postgres", {"url": "postgresql://shop@db.internal/shop"}),
            "mail_worker": Target("mail_worker", "worker", service="systemd:mailer.service"),
        },
    )
