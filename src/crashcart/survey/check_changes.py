"""What differs from the known good sweep, for every target."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crashcart.drive.take import Taker
from crashcart.model.drift import Drift
from crashcart.model.observation import Look, LookId, Observation, Scalar, Seen, Unseen


async def changes(targets: Sequence[str], taker: Taker, *, budget_s: float) -> tuple[Drift, ...]:
    """Compare every target with the known good sweep; in order of name."""
    looks = {name: Look("changes", name) for name in sorted(targets)}
    found: dict[LookId, Observation] = {}

    def arrived(observation: Observation) -> None:
        found[observation.look] = observation

    await taker.take(list(looks.values()), within_s=budget_s, arrived=arrived)
    return tuple(_drift(name, found[look.id]) for name, look in looks.items())


def _drift(target: str, observation: Observation) -> Drift:
    outcome = observation.outcome
    if isinstance(outcome, Unseen):
        return Drift(target, unseen=outcome.reason)
    restarted = outcome.fields.get("is_restarted")
    return Drift(
        target=target, lines=tuple(filter(None, str(outcome.fields.get("what", "")).split("\n"))),
        settings=_count(outcome, "settings"), packages=_count(outcome, "packages"), files=_count(outcome, "files"),
        is_restarted=restarted if isinstance(restarted, bool) else None,
        started=_moment(outcome.fields.get("started")), known_at=_moment(outcome.fields.get("known_at")),
    )  # fmt: skip


def _count(seen: Seen, field: str) -> int:
    value = seen.fields.get(field, 0)
    return value if isinstance(value, int) else 0


def _moment(value: Scalar | None) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
