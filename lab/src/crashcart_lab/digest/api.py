"""The HTTP face of the service."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field, HttpUrl

from crashcart_lab.digest.jobs import Jobs, Order
from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage import Storage, Summary

logger = logging.getLogger(__name__)

MB = 1_000_000
GB = 1_000_000_000


class ScrapeRequest(BaseModel):
    url: HttpUrl
    max_pages: int = Field(default=10, ge=1, le=50)
    max_depth: int = Field(default=3, ge=1, le=10)


class JobCreated(BaseModel):
    job_id: str


class JobView(BaseModel):
    status: str
    error: str | None
    summary_id: int | None


class DiskSpace(BaseModel):
    total_gb: float
    free_gb: float


class Health(BaseModel):
    status: str
    disk_space: DiskSpace
    database_size_mb: float
    summaries_count: int


def build(settings: Settings) -> FastAPI:
    """Wire the service; nothing runs and no file is touched before its first request."""
    storage = Storage(settings.database_path, settings.sqlite_busy_timeout_s)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        storage.prepare()
        app.state.jobs = Jobs(settings, storage)
        app.state.jobs.warm_up()
        yield
        await app.state.jobs.close()

    app = FastAPI(title="digest", lifespan=lifespan)
    app.middleware("http")(_log_request)
    _add_jobs(app)
    _add_summaries(app, storage)
    _add_health(app, storage)
    return app


def _add_jobs(app: FastAPI) -> None:
    @app.post("/scrape", status_code=202)
    async def scrape(asked: ScrapeRequest) -> JobCreated:
        jobs: Jobs = app.state.jobs
        job = jobs.submit(Order(str(asked.url), asked.max_pages, asked.max_depth))
        return JobCreated(job_id=job.id)

    @app.get("/jobs/{job_id}")
    async def show_job(job_id: str) -> JobView:
        jobs: Jobs = app.state.jobs
        job = jobs.get(job_id)
        if job is None:
            raise HTTPException(404, f"no job {job_id}")
        return JobView(status=job.status.value, error=job.error, summary_id=job.summary_id)


def _add_summaries(app: FastAPI, storage: Storage) -> None:
    @app.get("/summaries")
    def list_summaries(
        limit: Annotated[int, Query(ge=1, le=100)] = 10, offset: Annotated[int, Query(ge=0)] = 0
    ) -> list[Summary]:
        return storage.page(limit=limit, offset=offset)

    @app.get("/summaries/{summary_id}")
    def show_summary(summary_id: int) -> Summary:
        summary = storage.get(summary_id)
        if summary is None:
            raise HTTPException(404, f"no summary {summary_id}")
        return summary


def _add_health(app: FastAPI, storage: Storage) -> None:
    @app.get("/health")
    def health() -> Health:
        disk = shutil.disk_usage(storage.path.absolute().parent)
        return Health(
            status="healthy",
            disk_space=DiskSpace(total_gb=round(disk.total / GB, 2), free_gb=round(disk.free / GB, 2)),
            database_size_mb=round(storage.path.stat().st_size / MB, 3),
            summaries_count=storage.count(),
        )


async def _log_request(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    began = time.perf_counter()
    response = await call_next(request)
    took_s = time.perf_counter() - began
    level = logging.WARNING if response.status_code >= 400 else logging.INFO
    logger.log(level, "%s %s - %d - %.3fs", request.method, request.url.path, response.status_code, took_s)
    return response
