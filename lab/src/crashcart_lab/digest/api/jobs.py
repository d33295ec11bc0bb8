"""Submitting sites, and watching and cancelling their jobs."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Query
from pydantic import BaseModel, ConfigDict, Field, HttpUrl

from crashcart_lab.digest.crawl import AddressRefused
from crashcart_lab.digest.service import Service
from crashcart_lab.digest.storage.jobs import Job, Order, Status

JobId = Annotated[str, Path(max_length=64)]
Tag = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[\w.-]+$")]


class ScrapeRequest(BaseModel):
    """A documentation site to summarise."""

    model_config = ConfigDict(extra="forbid")

    url: HttpUrl
    max_pages: int = Field(default=10, ge=1, le=50)
    max_depth: int = Field(default=3, ge=1, le=10)
    tags: tuple[Tag, ...] = Field(default=(), max_length=10)


class JobCreated(BaseModel):
    job_id: str
    status: Status


class JobView(BaseModel):
    """A job as clients see it; times are ISO 8601 in UTC."""

    job_id: str
    url: str
    status: Status
    error: str | None
    pages: int
    max_pages: int
    summary_id: int | None
    created_at: str
    started_at: str | None
    finished_at: str | None


def add(app: FastAPI, service: Service) -> None:
    @app.post("/scrape", status_code=202)
    async def scrape(asked: ScrapeRequest) -> JobCreated:
        job = await submit(service, Order(str(asked.url), asked.max_pages, asked.max_depth, asked.tags))
        return JobCreated(job_id=job.id, status=job.status)

    @app.get("/jobs")
    def list_jobs(
        limit: Annotated[int, Query(ge=1, le=100)] = 10,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
        status: Status | None = None,
    ) -> list[JobView]:
        return [_view(job) for job in service.jobs.page(status=status, limit=limit, offset=offset)]

    @app.get("/jobs/{job_id}")
    def show_job(job_id: JobId) -> JobView:
        return _view(_known(service.jobs.get(job_id), job_id))

    @app.post("/jobs/{job_id}/cancel")
    async def cancel_job(job_id: JobId) -> JobView:
        job = _known(await service.runner.cancel(job_id), job_id)
        if job.status is not Status.CANCELLED:
            raise HTTPException(409, f"job {job_id} is {job.status.value} already")
        return _view(job)


async def submit(service: Service, order: Order) -> Job:
    """Queue an order.

    Raises:
        HTTPException: 422, the address is not one that we may read.
    """
    try:
        await service.guard.check(order.url)
    except AddressRefused as err:
        raise HTTPException(422, str(err)) from err
    service.metrics.scrapes.inc()
    return await service.runner.submit(order)


def _known(job: Job | None, job_id: str) -> Job:
    if job is None:
        raise HTTPException(404, f"no job {job_id}")
    return job


def _view(job: Job) -> JobView:
    return JobView(
        job_id=job.id,
        url=job.order.url,
        status=job.status,
        error=job.error,
        pages=job.pages,
        max_pages=job.order.max_pages,
        summary_id=job.summary_id,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )
