"""What alerts tell a diagnosis: which targets are meant, since when, in which words, and that there is trouble."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from crashcart.alerts.noun import Alert, AlertGroup
from crashcart.model.diagnosis import Given
from crashcart.model.system import System, Target

# Labels that name a part of a system, the most exact first. Others (severity, team) name none.
LABELS: Final = (
    "target", "instance", "service", "job", "app", "application", "component", "name", "container", "host", "hostname",
    "server", "nodename", "queue", "datname", "database", "unit",
)  # fmt: skip
_SUMMARIES = 3
_GIVEN = 5
_SUMMARY_LIMIT = 300
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0", "::"})
_PORTS: Final = {"http": 80, "https": 443, "postgres": 5432, "postgresql": 5432, "redis": 6379, "rediss": 6379}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\-]+")


@dataclass(frozen=True, slots=True)
class Match:
    """A target that an alert means, and why we think so."""

    target: str
    because: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a diagnosis is told. `notes` say what of the alerts could not be used as it stood.

    `given` is empty when nothing is firing: then trouble is a question, and no fact.
    """

    complaint: str
    onset: datetime | None
    given: tuple[Given, ...]
    matches: tuple[Match, ...]
    notes: tuple[str, ...] = ()


def told(group: AlertGroup, system: System, now: datetime) -> Told:
    """Return what these alerts tell about that system; onset and complaint are those of the firing ones."""
    alerts = group.firing or group.alerts
    placed = [(alert, match(alert, system)) for alert in alerts]
    found = tuple(dict.fromkeys(one for _, matches in placed for one in matches))
    onset, ahead_s = _onset(group.firing, now)
    notes = []
    if not group.firing:
        notes.append("no alert of the payload is firing: trouble is not taken for granted")
    if group.left_out:
        notes.append(f"the sender left out {group.left_out} more alerts of this group")
    if alerts and not found:
        notes.append(f"no label of the alerts names a target of {system.name}: the whole system is looked at")
    if ahead_s:
        notes.append(f"the alert begins {ahead_s:.0f} s in the future: its onset is taken as now")
    given = _given(placed, system) if group.firing else ()
    return Told(_complaint(alerts), onset, given, found, tuple(notes))


def match(alert: Alert, system: System) -> tuple[Match, ...]:
    """Return the targets that the labels of an alert name, the most exact label first, each target once."""
    found: dict[str, Match] = {}
    for label in LABELS:
        value = alert.labels.get(label, "").strip()
        for one in _matches(label, value, system) if value else ():
            found.setdefault(one.target, one)
    return tuple(found.values())


def words(alert: Alert) -> str:
    """Return the alert in words: its name taken apart, then its summary."""
    name = " ".join(_CAMEL.sub(" ", alert.name).split())
    return ": ".join(part for part in (name, " ".join(alert.summary.split())[:_SUMMARY_LIMIT]) if part)


def _onset(alerts: Sequence[Alert], now: datetime) -> tuple[datetime | None, float]:
    """Return the earliest begin, and by how many seconds it lay in the future before it was cut."""
    first = min((alert.starts_at for alert in alerts if alert.starts_at), default=None)
    if first is None or first <= now:
        return first, 0.0
    return now, (first - now).total_seconds()


def _complaint(alerts: Sequence[Alert]) -> str:
    told = [text for text in dict.fromkeys(words(alert) for alert in alerts) if text]
    return "; ".join(told[:_SUMMARIES])


def _given(placed: Sequence[tuple[Alert, tuple[Match, ...]]], system: System) -> tuple[Given, ...]:
    pairs = ((words(alert) or alert.fingerprint, matches) for alert, matches in placed)
    # Worded as the **Healthy** items beside it are: what should hold, and does not.
    given = (
        Given(f"no alert fires: {text}", matches[0].target if matches else system.name, None) for text, matches in pairs
    )
    return tuple(dict.fromkeys(given))[:_GIVEN]


def _matches(label: str, value: str, system: System) -> Iterator[Match]:
    for target in system.targets.values():
        because = _why(value, target)
        if because:
            yield Match(target.name, f'{label} "{value}" {because}')


def _why(value: str, target: Target) -> str:
    if _plain(value) == _plain(target.name):
        return "is its name"
    told, own = _address(value), _addresses(target)
    if told and told in own:
        return "is where it listens"
    service = target.service.partition(":")[2]
    if service and _plain(value) in (_plain(service), _plain(service.removesuffix(".service"))):
        return f"is its service, {target.service}"
    return ""


def _plain(name: str) -> str:
    return name.casefold().replace("_", "-")


def _addresses(target: Target) -> frozenset[tuple[str, int]]:
    attributes: Mapping[str, str] = target.attributes
    texts = [attributes.get("url", "")]
    if attributes.get("host") and attributes.get("port"):
        texts.append(f"{attributes['host']}:{attributes['port']}")
    return frozenset(found for text in texts if (found := _address(text)))


def _address(text: str) -> tuple[str, int] | None:
    """Return host and port of `host:port` or of a URL; every name of this machine's loopback is one."""
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme.partition("+")[0])
    except ValueError:
        return None
    if not host or not port:
        return None
    return ("localhost" if host in _LOOPBACK else host, port)
