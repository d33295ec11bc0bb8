"""Background jobs. Their state lives in memory: a job can fail even when nothing can be stored."""

from __future__ import annotations

import asyncio
import importlib
import logging
import uuid
from dataclasses import dataclass
from enum import Enum

from crashcart_lab.digest.pages import SiteUnreadable, crawl
from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage import Storage

logger = logging.getLogger(__name__)

# What a client is told; the reason may name hosts, files and keys, so it goes to the log alone.
PUBLIC_ERROR = "the job failed, see the log"
KEPT_JOBS = 1000


class Status(Enum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Order:
    """What a client asked for."""

    url: str
    max_pages: int
    max_depth: int


@dataclass(slots=True)
class Job:
    """One order and how far it has come."""

    id: str
    order: Order
    status: Status = Status.QUEUED
    error: str | None = None
    summary_id: int | None = None


class Jobs:
    """Runs jobs in the background, a few at a time, and remembers the last thousand."""

    def __init__(self, settings: Settings, storage: Storage) -> None:
        self._settings = settings
        self._storage = storage
        self._by_id: dict[str, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(settings.concurrent_jobs)

    def submit(self, order: Order) -> Job:
        job = Job(uuid.uuid4().hex[:12], order)
        self._by_id[job.id] = job
        while len(self._by_id) > KEPT_JOBS:
            del self._by_id[next(iter(self._by_id))]
        self._keep(asyncio.create_task(self._run(job)))
        return job

    def get(self, job_id: str) -> Job | None:
        return self._by_id.get(job_id)

    def warm_up(self) -> None:
        """Load the slow libraries now, while the service already answers."""
        self._keep(asyncio.create_task(asyncio.to_thread(_load)))

    async def close(self) -> None:
        """Cancel what still runs; unfinished jobs are lost with the process."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if tasks:
            logger.info("%d unfinished tasks cancelled", len(tasks))

    def _keep(self, task: asyncio.Task[None]) -> None:
        # The loop holds tasks weakly; without this set a running job may be collected.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, job: Job) -> None:
        async with self._places:
            job.status = Status.RUNNING
            logger.info("job %s started: %s", job.id, job.order.url)
            try:
                job.summary_id = await self._scrape_and_summarise(job.order)
            except Exception:
                job.status, job.error = Status.FAILED, PUBLIC_ERROR
                logger.exception("job %s failed", job.id)
            else:
                job.status = Status.COMPLETED
                logger.info("job %s completed: summary %d", job.id, job.summary_id)

    async def _scrape_and_summarise(self, order: Order) -> int:
        from crashcart_lab.digest import summarise  # slow to load: see `warm_up`

        found = crawl(
            order.url,
            max_pages=order.max_pages,
            max_depth=order.max_depth,
            timeout_s=self._settings.page_timeout_s,
        )
        pages = [page async for page in found]
        if not pages:
            raise SiteUnreadable(f"no page of {order.url} could be read")
        text = await asyncio.to_thread(summarise.text_of, pages, max_chars=self._settings.max_prompt_chars)
        summary = await summarise.summary_of(text, self._settings)
        title = pages[0].title or order.url
        return await asyncio.to_thread(self._storage.save, url=order.url, title=title, summary=summary)


def _load() -> None:
    importlib.import_module("crashcart_lab.digest.summarise")
