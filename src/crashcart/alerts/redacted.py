"""Alerts without secrets: what a sender puts into a label or a summary may hold one."""

from __future__ import annotations

from dataclasses import replace

from crashcart.alerts.noun import Alert, AlertGroup
from crashcart.redact import MARK, Scrubber, is_secret_name


def redacted(group: AlertGroup, scrubber: Scrubber) -> AlertGroup:
    """Return the group with every text scrubbed; before this nothing of it may be stored or shown."""
    alerts = tuple(_alert(alert, scrubber) for alert in group.alerts)
    return replace(group, key=scrubber.text(group.key), alerts=alerts)


def _alert(alert: Alert, scrubber: Scrubber) -> Alert:
    labels = {
        scrubber.text(name): MARK if is_secret_name(name) else scrubber.text(value)
        for name, value in alert.labels.items()
    }
    return replace(alert, name=scrubber.text(alert.name), summary=scrubber.text(alert.summary), labels=labels)
