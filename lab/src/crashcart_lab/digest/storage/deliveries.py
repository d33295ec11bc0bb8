"""Webhooks to be sent: an outbox, so that what was announced is sent even if this process ends before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Row, delete, insert, select, update
from sqlalchemy.engine import Connection

from crashcart_lab.digest.storage.database import Database, ago, now
from crashcart_lab.digest.storage.tables import deliveries


class State(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"  # given up; stays until somebody revives it


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message; `attempts` counts those begun, `url` is where the last one went."""

    id: str
    url: str
    body: str
    attempts: int
    error: str | None
    created_at: str


def add(db: Connection, *, delivery_id: str, url: str, body: str) -> None:
    """Put a message into the outbox, inside the caller's transaction."""
    moment = now()
    db.execute(
        insert(deliveries).values(
            id=delivery_id, url=url, body=body, status=State.PENDING, due_at=moment, created_at=moment
        )
    )


@dataclass(frozen=True, slots=True)
class DeliveryStore:
    """The outbox of one database.

    A claim is a lease: it moves the time at which the message is due. Whoever claimed it and died needs no clearing up.
    """

    database: Database

    def claim_due(self, at: datetime, *, url: str, lease_s: float, limit: int) -> list[Delivery]:
        """Begin an attempt, to *url*, at what has been due for longest. Nobody else gets it before the lease is over."""
        is_due = (deliveries.c.status == State.PENDING) & (deliveries.c.due_at <= _stored(at))
        due = select(deliveries.c.id).where(is_due).order_by(deliveries.c.due_at).limit(limit)
        with self.database.reading() as db:  # most often nothing is due, and a look needs no write lock
            if db.execute(due.limit(1)).first() is None:
                return []
        begun = {
            "url": url,
            "attempts": deliveries.c.attempts + 1,
            "due_at": _stored(at + timedelta(seconds=lease_s)),
        }
        with self.database.writing() as db:
            ids = list(db.execute(due).scalars())
            db.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(begun))
            claimed = select(deliveries).where(deliveries.c.id.in_(ids)).order_by(deliveries.c.created_at)
            return [_delivery(row) for row in db.execute(claimed)]

    def delivered(self, delivery: Delivery) -> bool:
        """Note that it arrived; False when another attempt has begun meanwhile."""
        return self._end(delivery, status=State.DELIVERED, error=None)

    def retry_later(self, delivery: Delivery, *, due_at: datetime, error: str) -> bool:
        return self._end(delivery, status=State.PENDING, error=error, due_at=due_at)

    def dead(self, delivery: Delivery, *, error: str) -> bool:
        return self._end(delivery, status=State.DEAD, error=error)

    def dead_letters(self, *, limit: int, offset: int) -> list[Delivery]:
        """Return the newest first."""
        order = (deliveries.c.created_at.desc(), deliveries.c.id)
        dead = select(deliveries).where(deliveries.c.status == State.DEAD).order_by(*order)
        with self.database.reading() as db:
            return [_delivery(row) for row in db.execute(dead.limit(limit).offset(offset))]

    def revive(self, delivery_id: str) -> bool:
        """Have a dead letter sent again, with all its attempts; False when there is no such dead letter."""
        is_dead = (deliveries.c.id == delivery_id) & (deliveries.c.status == State.DEAD)
        with self.database.writing() as db:
            revived = update(deliveries).where(is_dead).values(status=State.PENDING, attempts=0, due_at=now())
            return bool(db.execute(revived).rowcount)

    def remove_delivered(self, *, days: int) -> int:
        """Remove what arrived and is older, and return how many that were."""
        is_old = (deliveries.c.status == State.DELIVERED) & (deliveries.c.created_at < ago(days=days))
        with self.database.writing() as db:
            return db.execute(delete(deliveries).where(is_old)).rowcount

    def _end(self, delivery: Delivery, *, status: State, error: str | None, due_at: datetime | None = None) -> bool:
        values: dict[str, str | None] = {"status": status, "error": error}
        if due_at is not None:
            values["due_at"] = _stored(due_at)
        with self.database.writing() as db:
            return bool(db.execute(update(deliveries).where(_is_attempt(delivery)).values(values)).rowcount)


def _is_attempt(delivery: Delivery) -> ColumnElement[bool]:
    """Say whether the newest attempt is still the one that was claimed: a late end must not undo a later one."""
    return (
        (deliveries.c.id == delivery.id)
        & (deliveries.c.status == State.PENDING)
        & (deliveries.c.attempts == delivery.attempts)
    )


def _stored(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _delivery(row: Row[tuple[object, ...]]) -> Delivery:
    return Delivery(row.id, row.url, row.body, row.attempts, row.error, row.created_at)
