"""How the service is: at a glance, in detail, and in numbers."""

from __future__ import annotations

import asyncio
import gc
import shutil
import time
from collections.abc import Mapping
from datetime import UTC, datetime

import psutil
from fastapi import FastAPI, HTTPException, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from crashcart_lab.digest.checks import Check, Checks
from crashcart_lab.digest.service import Service

MB = 1_000_000
GB = 1_000_000_000


class DiskSpace(BaseModel):
    total_gb: float
    free_gb: float


class Health(BaseModel):
    status: str
    disk_space: DiskSpace
    database_size_mb: float
    summaries_count: int


class DetailedHealth(BaseModel):
    status: str  # healthy, or degraded when a check is not
    checks: dict[str, Check]
    timestamp: str


class Stats(BaseModel):
    """Numbers that may be as old as the cache; `generated_at` says when they were taken."""

    summaries: int
    by_method: Mapping[str, int]
    by_tag: Mapping[str, int]
    newest: str | None
    jobs: Mapping[str, int]
    database_size_mb: float
    generated_at: str


class Memory(BaseModel):
    memory_mb: float
    memory_percent: float
    gc_stats: list[dict[str, int]]


def add(app: FastAPI, service: Service, checks: Checks) -> None:
    stats = _CachedStats(service)

    @app.get("/stats", response_model=Stats)
    async def show_stats() -> Response:
        return Response(await stats.get(), media_type="application/json")

    @app.get("/health")
    def health() -> Health:
        path = service.settings.database_path
        disk = shutil.disk_usage(path.absolute().parent)
        return Health(
            status="healthy",
            disk_space=DiskSpace(total_gb=round(disk.total / GB, 2), free_gb=round(disk.free / GB, 2)),
            database_size_mb=round(path.stat().st_size / MB, 3),
            summaries_count=service.summaries.count_all(),
        )

    @app.get("/health/detailed")
    async def detailed() -> DetailedHealth:
        results = await checks.run()
        is_healthy = all(check.healthy for check in results.values())
        return DetailedHealth(status="healthy" if is_healthy else "degraded", checks=results, timestamp=_now())

    @app.get("/metrics", response_class=Response)
    def metrics() -> Response:
        return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)

    @app.get("/debug/memory")
    def memory() -> Memory:
        if not service.settings.debug_memory:
            raise HTTPException(404, "off: DEBUG_MEMORY=true turns it on")
        process = psutil.Process()
        used = process.memory_info().rss
        return Memory(
            memory_mb=round(used / MB, 1), memory_percent=process.memory_percent(), gc_stats=list(gc.get_stats())
        )


class _CachedStats:
    """The statistics as they are sent, for as long as the setting says."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._until = 0.0
        self._body = b""
        self._lock = asyncio.Lock()

    async def get(self) -> bytes:
        if time.monotonic() < self._until:
            return self._body
        async with self._lock:  # many ask when the time is over, and one counts
            if time.monotonic() >= self._until:
                self._body = await asyncio.to_thread(self._count)
                self._until = time.monotonic() + self._service.settings.stats_cache_s
            return self._body

    def _count(self) -> bytes:
        totals, jobs = self._service.summaries.totals(), self._service.jobs.counts()
        stats = Stats(
            summaries=totals.summaries,
            by_method=totals.by_method,
            by_tag=totals.by_tag,
            newest=totals.newest,
            jobs={status.value: count for status, count in jobs.items()},
            database_size_mb=round(self._service.settings.database_path.stat().st_size / MB, 3),
            generated_at=_now(),
        )
        return stats.model_dump_json().encode()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
