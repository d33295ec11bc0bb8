"""An alert as we know it, whoever sent it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Sender(Enum):
    """Whose payload it was."""

    ALERTMANAGER = "Alertmanager"
    GRAFANA = "Grafana"
    PAGERDUTY = "PagerDuty"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `fingerprint` is equal for the same alert, however often it is sent.

    `starts_at` is aware, in UTC; None when the sender did not say.
    """

    fingerprint: str
    name: str
    summary: str
    labels: Mapping[str, str]
    starts_at: datetime | None
    is_firing: bool


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """What one payload holds. `key` is the sender's own name of the group; `left_out` alerts were cut off by it."""

    sender: Sender
    key: str
    alerts: tuple[Alert, ...]
    left_out: int = 0

    @property
    def firing(self) -> tuple[Alert, ...]:
        """The alerts that are not resolved."""
        return tuple(alert for alert in self.alerts if alert.is_firing)
