"""What one job does: read the site, summarise it, store the summary."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import aclosing
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from tenacity import AsyncRetrying, before_sleep_log, retry_if_exception, stop_after_delay, wait_exponential

from crashcart_lab.digest.crawl import Guard, Limits, Page, crawl
from crashcart_lab.digest.metrics import Metrics
from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage.database import Database
from crashcart_lab.digest.storage.jobs import Job, JobStore, Status, finish
from crashcart_lab.digest.storage.summaries import SummaryStore
from crashcart_lab.digest.summarise.summariser import Summarised, Summariser
from crashcart_lab.digest.summarise.text import text_of
from crashcart_lab.digest.webhooks.outbox import announce

logger = logging.getLogger(__name__)

Value = TypeVar("Value")

# What a client is told; the reason may name hosts, files and keys, so it goes to the log alone.
PUBLIC_ERROR = "the job failed, see the log"
# The summary has cost pages and tokens: a database that is busy for a while must not lose it.
STORING_S = 600.0
# What may pass by itself: another holds the lock, the disk is full (as I/O error, too, where it is the shared memory
# beside the file that does not fit), or no descriptor or memory is left to open it with. A file that is damaged or may
# not be written, or a column that is missing, is so in ten minutes, too, and whoever waits should be told now.
PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOMEM,
    }
)


class Abandoned(Exception):
    """The job is no longer this process's to run: cancelled, or queued again for another."""


class Pipeline:
    """Runs single jobs from their begin to their end."""

    def __init__(self, settings: Settings, database: Database, summariser: Summariser, metrics: Metrics) -> None:
        self._settings = settings
        self._database = database
        self._jobs = JobStore(database)
        self._summaries = SummaryStore(database)
        self._summariser = summariser
        self._metrics = metrics
        self._guard = Guard(allowed=settings.allowed_networks)

    async def run(self, job_id: str, runner: str) -> bool:
        """Run a queued job to its end; False when there was nothing to run. What goes wrong is logged and stored."""
        job = await _insist(lambda: self._jobs.claim(job_id, runner))
        if job is None:
            return False
        logger.info("job %s started: %s", job.id, job.order.url)
        began = time.perf_counter()
        try:
            summary_id = await self._scrape_and_summarise(job)
        except Abandoned:
            logger.info("job %s abandoned: it was cancelled, or another process runs it", job.id)
        except Exception:
            logger.exception("job %s failed", job.id)
            await _insist(lambda: self._fail(job))
        else:
            logger.info("job %s completed: summary %d", job.id, summary_id)
        self._metrics.duration.observe(time.perf_counter() - began)
        return True

    async def _scrape_and_summarise(self, job: Job) -> int:
        pages = await self._read(job)
        text = await asyncio.to_thread(text_of, pages, max_chars=self._settings.max_prompt_chars)
        summarised = await self._summariser.summarise(text)
        title = pages[0].title or job.order.url
        summary_id = await _insist(lambda: self._store(job, title, summarised))
        if summary_id is None:
            raise Abandoned
        return summary_id

    async def _read(self, job: Job) -> list[Page]:
        order = job.order
        limits = Limits(
            max_pages=order.max_pages,
            max_depth=order.max_depth,
            page_timeout_s=self._settings.page_timeout_s,
            page_bytes=self._settings.page_bytes,
            max_redirects=self._settings.page_redirects,
            delay_s=self._settings.page_delay_s,
        )
        pages: list[Page] = []
        found = crawl(order.url, limits=limits, guard=self._guard, user_agent=self._settings.user_agent)
        async with aclosing(found):
            async for page in found:
                pages.append(page)
                if not await _insist(lambda: self._jobs.note_pages(job, len(pages))):
                    raise Abandoned
        return pages

    def _store(self, job: Job, title: str, summarised: Summarised) -> int | None:
        with self._database.writing() as db:
            summary_id = self._summaries.store(db, job, title=title, summary=summarised.text, method=summarised.method)
            if summary_id is not None:
                announce(db, self._settings, "scrape_completed", job_id=job.id, summary_id=summary_id)
            return summary_id

    def _fail(self, job: Job) -> None:
        with self._database.writing() as db:
            if finish(db, job, Status.FAILED, PUBLIC_ERROR):
                announce(db, self._settings, "scrape_failed", job_id=job.id, summary_id=None)


async def _insist(step: Callable[[], Value]) -> Value:
    """Take a step with the database in a thread; again and again while it is locked, full or otherwise not to be had.

    What cannot pass by itself is raised at once.
    """
    retrying = AsyncRetrying(
        retry=retry_if_exception(_may_pass),
        wait=wait_exponential(multiplier=0.2, max=10.0),
        stop=stop_after_delay(STORING_S),
        before_sleep=before_sleep_log(logger, logging.WARNING),
        reraise=True,
    )
    return await retrying(asyncio.to_thread, step)


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, PoolTimeout):
        return True
    code = getattr(error.orig, "sqlite_errorcode", None) if isinstance(error, DBAPIError) else None
    # The low byte is the kind of error; the rest says where in SQLite it was met.
    return code is not None and code & 0xFF in PASSING
