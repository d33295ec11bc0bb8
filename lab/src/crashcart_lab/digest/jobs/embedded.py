"""Jobs in the service's own process, a few at a time."""

from __future__ import annotations

import asyncio
import logging

from crashcart_lab.digest.jobs import runners
from crashcart_lab.digest.jobs.pipeline import PUBLIC_ERROR, Pipeline
from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage.jobs import Job, JobStore, Order

logger = logging.getLogger(__name__)


class EmbeddedRunner:
    """Runs jobs as tasks of the event loop. What a process leaves undone, the next one does."""

    def __init__(self, settings: Settings, jobs: JobStore, pipeline: Pipeline) -> None:
        self._settings = settings
        self._jobs = jobs
        self._pipeline = pipeline
        self._name = runners.own_name()
        self._tasks: dict[str, asyncio.Task[bool]] = {}
        self._places = asyncio.Semaphore(settings.concurrent_jobs)

    async def start(self) -> None:
        """Take up what a process before us has begun or never came to."""
        dead = runners.gone(await asyncio.to_thread(self._jobs.runners))
        waiting = await asyncio.to_thread(
            self._jobs.recover, dead_runners=dead, max_attempts=self._settings.job_attempts, error=PUBLIC_ERROR
        )
        for job_id in waiting:
            self._begin(job_id)
        if waiting:
            logger.info("%d unfinished jobs taken up again", len(waiting))

    async def submit(self, order: Order) -> Job:
        job = await asyncio.to_thread(self._jobs.add, order)
        self._begin(job.id)
        return job

    async def cancel(self, job_id: str) -> Job | None:
        job = await asyncio.to_thread(self._jobs.cancel, job_id)
        if task := self._tasks.get(job_id):
            task.cancel()
        return job

    async def close(self) -> None:
        """Let jobs end that are about to; stop the others, and leave them to the next process."""
        tasks = list(self._tasks.values())
        if not tasks:
            return
        await asyncio.wait(tasks, timeout=self._settings.shutdown_grace_s)
        left = [task for task in tasks if not task.done()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.to_thread(self._jobs.put_back, self._name)
        if left:
            logger.info("%d unfinished jobs left to the next process", len(left))

    def depth(self) -> None:
        """There is no queue but the database."""

    def _begin(self, job_id: str) -> None:
        task = asyncio.create_task(self._run(job_id), name=f"job {job_id}")
        # The loop holds tasks weakly; without this table a running job may be collected.
        self._tasks[job_id] = task
        task.add_done_callback(lambda ended: self._forget(job_id, ended))

    def _forget(self, job_id: str, task: asyncio.Task[bool]) -> None:
        del self._tasks[job_id]
        if not task.cancelled() and (error := task.exception()):
            logger.error("job %s ended without a result", job_id, exc_info=error)

    async def _run(self, job_id: str) -> bool:
        async with self._places:
            return await self._pipeline.run(job_id, self._name)
