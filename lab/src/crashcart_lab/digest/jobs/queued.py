"""Jobs in Celery workers: the database says what is to be done, Redis only wakes somebody to do it."""

from __future__ import annotations

import asyncio
import logging

from celery import Celery
from kombu.exceptions import OperationalError
from redis import Redis, RedisError
from sqlalchemy.exc import SQLAlchemyError

from crashcart_lab.digest.jobs import runners
from crashcart_lab.digest.jobs.celery_app import QUEUE, TASK, application
from crashcart_lab.digest.jobs.pipeline import PUBLIC_ERROR
from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage.jobs import Job, JobStore, Order

logger = logging.getLogger(__name__)

SWEEP_S = 15.0


class QueuedRunner:
    """Hands jobs to workers. A message may be lost or come twice: a job is claimed in the database, once."""

    def __init__(self, settings: Settings, jobs: JobStore) -> None:
        self._settings = settings
        self._jobs = jobs
        self._celery: Celery = application(settings)
        self._redis = Redis.from_url(settings.redis_url, socket_timeout=2.0, socket_connect_timeout=2.0)
        self._sweeper: asyncio.Task[None] | None = None
        self._sending: set[asyncio.Task[int]] = set()

    async def start(self) -> None:
        self._sweeper = asyncio.create_task(self._sweep_for_ever())

    async def submit(self, order: Order) -> Job:
        job = await asyncio.to_thread(self._jobs.add, order)
        # Not awaited: a queue that is down takes seconds to say so, and the job cannot be lost any more.
        sending = asyncio.create_task(asyncio.to_thread(self._send, [job.id]))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)
        return job

    async def cancel(self, job_id: str) -> Job | None:
        """Cancel in the database; a worker that is at it notices before its next page."""
        return await asyncio.to_thread(self._jobs.cancel, job_id)

    async def close(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, *self._sending, return_exceptions=True)
        self._redis.close()
        self._celery.close()

    def depth(self) -> int:
        """Return how many messages wait. Raises redis.RedisError."""
        return self._redis.llen(QUEUE)

    def sweep(self) -> int:
        """Queue again what dead workers had begun; send again what Redis has lost. Returns how many were sent."""
        dead = runners.gone(self._jobs.runners())
        waiting = self._jobs.recover(dead_runners=dead, max_attempts=self._settings.job_attempts, error=PUBLIC_ERROR)
        # While messages wait, workers are busy and every queued job has one; sending more would pile them up.
        if not waiting or self.depth():
            return 0
        return self._send(waiting)

    async def _sweep_for_ever(self) -> None:
        while True:
            try:
                if count := await asyncio.to_thread(self.sweep):
                    logger.info("%d queued jobs sent to the workers again", count)
            except (RedisError, SQLAlchemyError) as err:
                logger.error("the queued jobs cannot be compared with the queue: %s", err)
            await asyncio.sleep(SWEEP_S)

    def _send(self, job_ids: list[str]) -> int:
        sent = 0
        for job_id in job_ids:
            try:
                self._celery.send_task(TASK, [job_id], retry=False)
            except OperationalError as err:
                # The job is in the database, and the sweep sends it when Redis is back.
                logger.error("job %s cannot be sent to the workers yet: %s", job_id, err)
                return sent
            sent += 1
        return sent
