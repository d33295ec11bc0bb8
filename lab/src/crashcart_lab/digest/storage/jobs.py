"""Jobs: what was asked, how far it has come, and which process is at it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, insert, select, update
from sqlalchemy.engine import Connection

from crashcart_lab.digest.storage.database import Database, now
from crashcart_lab.digest.storage.tables import jobs, summaries


class Status(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (Status.QUEUED, Status.RUNNING)


@dataclass(frozen=True, slots=True)
class Order:
    """What a client asked for."""

    url: str
    max_pages: int
    max_depth: int
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """One order and how far it has come; `runner` names the process that is or was at it."""

    id: str
    order: Order
    status: Status
    error: str | None
    pages: int
    attempts: int
    runner: str | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    summary_id: int | None


@dataclass(frozen=True, slots=True)
class JobStore:
    """The jobs of one database. A job moves only from a state in which that makes sense, whoever else is at it."""

    database: Database

    def add(self, order: Order) -> Job:
        """Queue an order."""
        job_id = uuid.uuid4().hex[:12]
        with self.database.writing() as db:
            db.execute(
                insert(jobs).values(
                    id=job_id,
                    url=order.url,
                    max_pages=order.max_pages,
                    max_depth=order.max_depth,
                    tags=",".join(order.tags),
                    status=Status.QUEUED,
                    created_at=now(),
                )
            )
            return _one(db, job_id)

    def get(self, job_id: str) -> Job | None:
        with self.database.reading() as db:
            row = db.execute(_WITH_SUMMARY.where(jobs.c.id == job_id)).first()
        return _job(row) if row else None

    def page(self, *, status: Status | None, limit: int, offset: int) -> list[Job]:
        """Return the newest jobs first."""
        asked = _WITH_SUMMARY.order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit).offset(offset)
        with self.database.reading() as db:
            rows = db.execute(asked if status is None else asked.where(jobs.c.status == status)).all()
        return [_job(row) for row in rows]

    def counts(self) -> dict[Status, int]:
        """Return how many jobs are in each state; a state without jobs is left out."""
        with self.database.reading() as db:
            rows = db.execute(select(jobs.c.status, func.count()).group_by(jobs.c.status)).all()
        return {Status(row[0]): row[1] for row in rows}

    def claim(self, job_id: str, runner: str) -> Job | None:
        """Begin a queued job; None when it is not to be begun (taken, finished or cancelled meanwhile)."""
        with self.database.writing() as db:
            begun = db.execute(
                update(jobs)
                .where(jobs.c.id == job_id, jobs.c.status == Status.QUEUED)
                .values(status=Status.RUNNING, runner=runner, attempts=jobs.c.attempts + 1, pages=0, started_at=now())
            )
            return _one(db, job_id) if begun.rowcount else None

    def note_pages(self, job: Job, pages: int) -> bool:
        """Note how many pages were read; False when the job is no longer its runner's to run."""
        with self.database.writing() as db:
            return bool(db.execute(update(jobs).where(_is_run(job)).values(pages=pages)).rowcount)

    def cancel(self, job_id: str) -> Job | None:
        """Cancel a job that is queued or running. Returns it as it then is, None when there is no such job."""
        with self.database.writing() as db:
            db.execute(
                update(jobs)
                .where(jobs.c.id == job_id, jobs.c.status.in_(OPEN))
                .values(status=Status.CANCELLED, finished_at=now())
            )
            row = db.execute(_WITH_SUMMARY.where(jobs.c.id == job_id)).first()
        return _job(row) if row else None

    def put_back(self, runner: str) -> None:
        """Queue again what this process was at; the attempt does not count, as nothing was wrong with the job."""
        with self.database.writing() as db:
            db.execute(
                update(jobs)
                .where(jobs.c.status == Status.RUNNING, jobs.c.runner == runner)
                .values(status=Status.QUEUED, runner=None, attempts=jobs.c.attempts - 1)
            )

    def recover(self, *, dead_runners: Sequence[str], max_attempts: int, error: str) -> list[str]:
        """Queue again what processes that are gone had begun, and return the ids of all that is queued.

        A job that was begun *max_attempts* times and never ended is what kills its process: it is failed.
        """
        gone = (jobs.c.status == Status.RUNNING) & jobs.c.runner.in_(dead_runners)
        with self.database.writing() as db:
            db.execute(
                update(jobs)
                .where(gone, jobs.c.attempts >= max_attempts)
                .values(status=Status.FAILED, error=error, finished_at=now())
            )
            db.execute(update(jobs).where(gone).values(status=Status.QUEUED, runner=None))
            queued = select(jobs.c.id).where(jobs.c.status == Status.QUEUED).order_by(jobs.c.created_at, jobs.c.id)
            return list(db.execute(queued).scalars())

    def runners(self) -> list[str]:
        """Return the names of processes that are said to run a job."""
        with self.database.reading() as db:
            return list(db.execute(select(jobs.c.runner).where(jobs.c.status == Status.RUNNING).distinct()).scalars())


def finish(db: Connection, job: Job, status: Status, error: str | None = None) -> bool:
    """End a job inside a transaction; False when it is no longer its runner's to end."""
    ended = update(jobs).where(_is_run(job)).values(status=status, error=error, finished_at=now())
    return bool(db.execute(ended).rowcount)


def _is_run(job: Job) -> ColumnElement[bool]:
    """Say whether the job is still run by the process, and in the attempt, that it was claimed in."""
    return (
        (jobs.c.id == job.id)
        & (jobs.c.status == Status.RUNNING)
        & (jobs.c.runner == job.runner)
        & (jobs.c.attempts == job.attempts)
    )


_WITH_SUMMARY: Select[*tuple[Any, ...]] = select(jobs, summaries.c.id.label("summary_id")).outerjoin(
    summaries, summaries.c.job_id == jobs.c.id
)


def _one(db: Connection, job_id: str) -> Job:
    return _job(db.execute(_WITH_SUMMARY.where(jobs.c.id == job_id)).one())


def _job(row: Row[*tuple[Any, ...]]) -> Job:
    tags = tuple(tag for tag in row.tags.split(",") if tag)
    return Job(
        id=row.id,
        order=Order(row.url, row.max_pages, row.max_depth, tags),
        status=Status(row.status),
        error=row.error,
        pages=row.pages,
        attempts=row.attempts,
        runner=row.runner,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        summary_id=row.summary_id,
    )
