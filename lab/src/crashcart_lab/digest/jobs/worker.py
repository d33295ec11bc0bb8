"""A Celery worker: `python -m crashcart_lab.digest worker`."""

from __future__ import annotations

import asyncio

from celery import Celery

from crashcart_lab.digest.jobs import runners
from crashcart_lab.digest.jobs.celery_app import TASK, application
from crashcart_lab.digest.jobs.pipeline import Pipeline
from crashcart_lab.digest.metrics import Metrics
from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage import schema
from crashcart_lab.digest.storage.database import Database
from crashcart_lab.digest.summarise.summariser import Summariser


class _Work:
    """What a worker's process keeps from job to job; made in each process, as connections do not survive a fork."""

    def __init__(self, settings: Settings) -> None:
        self._summariser = Summariser(settings)
        self._pipeline = Pipeline(settings, Database(settings), self._summariser, Metrics())

    async def run(self, job_id: str) -> None:
        try:
            await self._pipeline.run(job_id, runners.own_name())
        finally:
            await self._summariser.close()


def main(settings: Settings) -> int:
    """Work until told to stop. Returns the exit code."""
    database = Database(settings)
    schema.prepare(database, may_migrate=settings.migrate_on_start)
    database.close()
    app = application(settings)
    _register(app, settings)
    app.worker_main(["worker", "--loglevel", settings.log_level, "--without-mingle", "--without-gossip"])
    return 0


def _register(app: Celery, settings: Settings) -> None:
    work: list[_Work] = []

    @app.task(name=TASK)
    def run_job(job_id: str) -> None:
        if not work:
            work.append(_Work(settings))
        asyncio.run(work[0].run(job_id))
