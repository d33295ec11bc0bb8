"""Alerts of other programs: their payloads read, and what they tell a diagnosis. Pure."""

from crashcart.alerts.noun import Alert, AlertGroup, Sender
from crashcart.alerts.parse import MAX_PAYLOAD_BYTES, parse
from crashcart.alerts.redacted import redacted
from crashcart.alerts.told import Match, Told, match, told

__all__ = ["MAX_PAYLOAD_BYTES", "Alert", "AlertGroup", "Match", "Sender", "Told", "match", "parse", "redacted", "told"]
