"""Removing what is older than the operator wants to keep."""

from __future__ import annotations

import logging

from sqlalchemy import delete

from crashcart_lab.digest.storage.database import Database, ago
from crashcart_lab.digest.storage.deliveries import DeliveryStore
from crashcart_lab.digest.storage.jobs import OPEN
from crashcart_lab.digest.storage.summaries import SummaryStore
from crashcart_lab.digest.storage.tables import jobs

logger = logging.getLogger(__name__)


def remove_old(database: Database, *, days: int) -> None:
    """Remove summaries, ended jobs and delivered webhooks that are older; dead letters stay, somebody must look."""
    summaries = SummaryStore(database).remove_older(days=days)
    ended = _remove_jobs(database, days=days)
    webhooks = DeliveryStore(database).remove_delivered(days=days)
    if summaries or ended or webhooks:
        logger.info("removed after %d days: %d summaries, %d jobs, %d webhooks", days, summaries, ended, webhooks)


def _remove_jobs(database: Database, *, days: int) -> int:
    is_old = jobs.c.status.not_in(OPEN) & (jobs.c.finished_at < ago(days=days))
    with database.writing() as db:
        return db.execute(delete(jobs).where(is_old)).rowcount
