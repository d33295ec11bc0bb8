"""Which times of the schedule were taken, so that of several processes one alone does what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import delete, func, insert, select

from crashcart_lab.digest.storage.database import Database
from crashcart_lab.digest.storage.tables import schedule_slots

KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots of one database; a slot is the minute at which something is due."""

    database: Database

    def take(self, name: str, slot: datetime) -> bool:
        """Take a slot; False when it is taken."""
        with self.database.writing() as db:
            added = insert(schedule_slots).prefix_with("OR IGNORE").values(name=name, slot=_stored(slot))
            return bool(db.execute(added).rowcount)

    def was_missed(self, name: str, slot: datetime) -> bool:
        """Say whether nobody took the slot although earlier ones were taken; what is new has missed nothing."""
        newest = select(func.max(schedule_slots.c.slot)).where(schedule_slots.c.name == name)
        with self.database.reading() as db:
            found = db.execute(newest).scalar_one()
        return found is not None and found < _stored(slot)

    def prune(self, now: datetime) -> None:
        """Remove old slots; the newest of each name stays, as `was_missed` needs it."""
        other = schedule_slots.alias()
        newest = select(func.max(other.c.slot)).where(other.c.name == schedule_slots.c.name).scalar_subquery()
        is_old = (schedule_slots.c.slot < _stored(now - KEPT)) & (schedule_slots.c.slot < newest)
        with self.database.writing() as db:
            db.execute(delete(schedule_slots).where(is_old))


def latest_slot(trigger: CronTrigger, now: datetime, *, grace: timedelta) -> datetime | None:
    """Return the last time at which *trigger* fired, None when that is longer ago than *grace*."""
    latest = None
    candidate = trigger.get_next_fire_time(None, now - grace)
    while candidate is not None and candidate <= now:
        latest = candidate
        candidate = trigger.get_next_fire_time(candidate, candidate)
    return latest


def _stored(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="minutes")
