"""A payload in, alerts out: Alertmanager (webhook version 4), Grafana (unified alerting), PagerDuty (webhook version 3).

Which of them it is stands in the payload. The values that we read are typed and closed; keys that we do not read may be
there, since all three senders add keys within a version, and an alert that is refused for a new key is an alert lost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, TypeVar

import msgspec

from crashcart.alerts.noun import Alert, AlertGroup, Sender
from crashcart.errors import UsageError

MAX_PAYLOAD_BYTES = 2_000_000  # a thousand alerts with long annotations have half of it
_MAX_TEXT = 2000
_SUMMARIES = ("summary", "description", "message", "title")
_YEAR_ONE = 1  # Go's zero time: the sender says nothing
_ALERTMANAGER = "4"
_HINT = "a webhook payload of Alertmanager (version 4), Grafana or PagerDuty (version 3)"

Payload = TypeVar("Payload", bound=msgspec.Struct)


_ABSENT = msgspec.Raw(b"")


class _Head(msgspec.Struct):
    """The keys that tell senders apart."""

    event: msgspec.Raw = _ABSENT
    alerts: msgspec.Raw = _ABSENT
    version: str | int | None = None
    org: int | None = msgspec.field(default=None, name="orgId")
    messages: msgspec.Raw = _ABSENT
    rule: str | None = msgspec.field(default=None, name="ruleName")


class _Alert(msgspec.Struct, rename="camel"):
    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    starts_at: datetime | None = None
    annotations: dict[str, str] | None = None
    fingerprint: str = ""


class _Group(msgspec.Struct, rename="camel"):
    alerts: list[_Alert]
    group_key: str = ""
    truncated_alerts: int = 0


class _Named(msgspec.Struct):
    summary: str = ""


class _Incident(msgspec.Struct):
    id: str
    title: str
    status: Literal["triggered", "acknowledged", "resolved"]
    created_at: datetime | None = None
    service: _Named | None = None
    urgency: str | None = None
    priority: _Named | None = None


class _Event(msgspec.Struct):
    event_type: str
    data: msgspec.Raw


class _PagerDuty(msgspec.Struct):
    event: _Event


class _Kind(msgspec.Struct):
    type: str = ""


def parse(data: bytes, *, where: str = "") -> AlertGroup:
    """Return the alerts of a payload, texts as they were sent. An event about no incident gives a group of none.

    Raises:
        UsageError: it is no payload that we know; it says what is wrong, at which key.
    """
    if len(data) > MAX_PAYLOAD_BYTES:
        raise UsageError(
            f"the payload has {len(data):,} bytes; {MAX_PAYLOAD_BYTES:,} are read", where=where, hint="`max_alerts` at the sender"
        )  # fmt: skip
    match _sender(data, where):
        case Sender.PAGERDUTY:
            return _pagerduty(data, where)
        case sender:
            return _group(sender, _read(data, _Group, where))


def _sender(data: bytes, where: str) -> Sender:
    head = _read(data, _Head, where)
    if _is_there(head.event):
        return Sender.PAGERDUTY
    if _is_there(head.messages):
        raise UsageError("this is PagerDuty's webhook of version 1 or 2", where=where, hint="a webhook of version 3")
    if head.rule is not None and not _is_there(head.alerts):
        raise UsageError("this is a payload of Grafana's old alerting", where=where, hint="Grafana's unified alerting")
    if not _is_there(head.alerts):
        raise UsageError('the payload has neither "alerts" nor "event"', where=where, hint=_HINT)
    if head.org is not None:
        return Sender.GRAFANA
    if str(head.version) != _ALERTMANAGER:
        told = "no version" if head.version is None else f'version "{str(head.version)[:20]}"'
        raise UsageError(f"the payload has {told} of Alertmanager's webhook; 4 is read", where=where, hint=_HINT)
    return Sender.ALERTMANAGER


def _is_there(raw: msgspec.Raw) -> bool:
    return bytes(raw) not in (b"", b"null")


def _read(data: bytes | msgspec.Raw, kind: type[Payload], where: str) -> Payload:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise UsageError(f"the payload is not as its sender describes it: {error}", where=where, hint=_HINT) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"the payload is no JSON: {error}", where=where, hint=_HINT) from error


def _group(sender: Sender, payload: _Group) -> AlertGroup:
    alerts = tuple(_alert(entry) for entry in payload.alerts)
    return AlertGroup(sender, payload.group_key[:_MAX_TEXT], alerts, max(0, payload.truncated_alerts))


def _alert(entry: _Alert) -> Alert:
    labels = {name[:_MAX_TEXT]: value[:_MAX_TEXT] for name, value in entry.labels.items()}
    notes = entry.annotations or {}
    return Alert(
        fingerprint=entry.fingerprint[:64] or _fingerprint(labels),
        name=labels.get("alertname", ""),
        summary=next((notes[key][:_MAX_TEXT] for key in _SUMMARIES if notes.get(key)), ""),
        labels=labels,
        starts_at=_utc(entry.starts_at),
        is_firing=entry.status == "firing",
    )


def _pagerduty(data: bytes, where: str) -> AlertGroup:
    event = _read(data, _PagerDuty, where).event
    if _read(event.data, _Kind, where).type != "incident":
        return AlertGroup(Sender.PAGERDUTY, "", ())  # a ping, a note, a responder: nothing to diagnose
    incident = _read(event.data, _Incident, where)
    labels = {
        "service": incident.service.summary if incident.service else "",
        "urgency": incident.urgency or "",
        "priority": incident.priority.summary if incident.priority else "",
    }
    alert = Alert(
        fingerprint=incident.id[:64],
        name="",
        summary=incident.title[:_MAX_TEXT],
        labels={name: value[:_MAX_TEXT] for name, value in labels.items() if value},
        starts_at=_utc(incident.created_at),
        is_firing=incident.status != "resolved",
    )
    return AlertGroup(Sender.PAGERDUTY, alert.fingerprint, (alert,))


def _utc(moment: datetime | None) -> datetime | None:
    """Return the moment in UTC; a time without a zone says too little to be used."""
    if moment is None or moment.tzinfo is None or moment.year <= _YEAR_ONE:
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def _fingerprint(labels: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(labels, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()[:16]
