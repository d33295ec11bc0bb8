"""What is done by the clock, in UTC. Several processes may run a schedule on one database: one of them does it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage.database import Database
from crashcart_lab.digest.storage.jobs import Job, Order
from crashcart_lab.digest.upkeep import backups
from crashcart_lab.digest.upkeep.retention import remove_old
from crashcart_lab.digest.upkeep.slots import Slots, latest_slot

logger = logging.getLogger(__name__)

Submit = Callable[[Order], Awaitable[Job]]

RETENTION_CRON = "30 3 * * *"  # after the usual time of the backup, so that one still has what is removed
GRACE = timedelta(hours=1)  # later than this, the next time is as good
MAX_PAGES = 10
MAX_DEPTH = 3


@dataclass(frozen=True, slots=True)
class _Duty:
    """Something to be done at times; it is given the time at which it is done."""

    name: str
    trigger: CronTrigger
    step: Callable[[datetime], Awaitable[None]]


class Schedule:
    """Scheduled scrapes, backups and retention."""

    def __init__(self, settings: Settings, database: Database, submit: Submit) -> None:
        self._settings = settings
        self._database = database
        self._submit = submit
        self._slots = Slots(database)
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._duties = {duty.name: duty for duty in self._all_duties()}

    def start(self) -> None:
        """Begin, and first do what fell due while no process ran. Needs a running event loop."""
        for duty in self._duties.values():
            self._scheduler.add_job(
                self._tick,
                duty.trigger,
                args=[duty.name],
                id=duty.name,
                coalesce=True,
                misfire_grace_time=GRACE.seconds,
            )
        self._scheduler.add_job(self._catch_up, misfire_grace_time=None)
        self._scheduler.start()

    def close(self) -> None:
        """Stop; what is being done is cancelled."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def next_runs(self) -> dict[str, str | None]:
        """Return when each duty is next due, None while the schedule does not run."""
        jobs = {name: self._scheduler.get_job(name) for name in self._duties} if self._scheduler.running else {}
        times = {name: getattr(jobs.get(name), "next_run_time", None) for name in self._duties}
        return {name: time.isoformat() if time else None for name, time in times.items()}

    async def run_due(self, name: str, now: datetime) -> bool:
        """Do what was due last, unless another process has; False when there was nothing to do. Failures are logged."""
        duty = self._duties[name]
        slot = latest_slot(duty.trigger, now, grace=GRACE)
        if slot is None:
            return False
        try:
            if not await asyncio.to_thread(self._slots.take, name, slot):
                return False
            await duty.step(now)
        except Exception:
            logger.exception("scheduled %s failed", name)
        return True

    async def catch_up(self, now: datetime) -> None:
        """Do what fell due, not long ago, while no process ran."""
        for duty in self._duties.values():
            slot = latest_slot(duty.trigger, now, grace=GRACE)
            if slot is not None and await asyncio.to_thread(self._slots.was_missed, duty.name, slot):
                logger.info("scheduled %s was missed at %s and is done now", duty.name, slot.isoformat())
                await self.run_due(duty.name, now)

    async def _tick(self, name: str) -> None:
        await self.run_due(name, datetime.now(UTC))

    async def _catch_up(self) -> None:
        await self.catch_up(datetime.now(UTC))

    def _all_duties(self) -> list[_Duty]:
        settings = self._settings
        duties = [_Duty("retention", _cron(RETENTION_CRON), self._remove_old)]
        if settings.backup_cron is not None:
            duties.append(_Duty("backup", _cron(settings.backup_cron), self._back_up))
        if settings.scheduled_urls:
            duties.append(_Duty("scrape", _cron(settings.schedule_cron), self._scrape))
        return duties

    async def _scrape(self, _now: datetime) -> None:
        for url in self._settings.scheduled_urls:
            try:
                job = await self._submit(Order(str(url), MAX_PAGES, MAX_DEPTH))
            except Exception:  # the other sites are due all the same
                logger.exception("scheduled scrape of %s failed", url)
            else:
                logger.info("scheduled scrape of %s is job %s", url, job.id)

    async def _back_up(self, now: datetime) -> None:
        await asyncio.to_thread(backups.make, self._settings, now)
        await asyncio.to_thread(backups.prune, self._settings, now)

    async def _remove_old(self, now: datetime) -> None:
        await asyncio.to_thread(self._slots.prune, now)
        if self._settings.retention_days:
            await asyncio.to_thread(remove_old, self._database, days=self._settings.retention_days)


def _cron(line: str) -> CronTrigger:
    return CronTrigger.from_crontab(line, timezone=UTC)
