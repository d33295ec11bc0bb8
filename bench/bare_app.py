"""The peer of `bench.digest`: the same answers from the same framework, written the shortest way, and nothing around."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, HttpUrl

DATABASE = os.environ["DATABASE_PATH"]
COLUMNS = "id, url, title, summary, status, created_at, method"

app = FastAPI()


class Summary(BaseModel):
    id: int
    url: str
    title: str
    summary: str
    status: str
    created_at: str
    method: str


class ScrapeRequest(BaseModel):
    url: HttpUrl
    max_pages: int = 10
    max_depth: int = 3


@contextmanager
def opened() -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(DATABASE)
    db.row_factory = sqlite3.Row
    try:
        yield db
    finally:
        db.close()


@app.get("/")
async def root() -> dict[str, str]:
    return {"name": "digest", "version": "1.0.0", "page": "/page", "api": "/docs", "health": "/health"}


@app.get("/summaries")
def summaries(limit: int = 10, offset: int = 0) -> list[Summary]:
    with opened() as db:
        rows = db.execute(f"SELECT {COLUMNS} FROM summaries ORDER BY id DESC LIMIT ? OFFSET ?", (limit, offset))
        return [Summary(**dict(row)) for row in rows]


@app.get("/summaries/{summary_id}")
def summary(summary_id: int) -> Summary:
    with opened() as db:
        row = db.execute(f"SELECT {COLUMNS} FROM summaries WHERE id = ?", (summary_id,)).fetchone()
    if row is None:
        raise HTTPException(404)
    return Summary(**dict(row))


@app.post("/scrape", status_code=202)
def scrape(asked: ScrapeRequest) -> dict[str, str]:
    job_id = uuid.uuid4().hex[:12]
    with opened() as db, db:
        db.execute(
            "INSERT INTO jobs (id, url, max_pages, max_depth, status, created_at) VALUES (?, ?, ?, ?, 'completed', '')",
            (job_id, str(asked.url), asked.max_pages, asked.max_depth),
        )
    return {"job_id": job_id, "status": "queued"}


@lru_cache
def counted() -> dict[str, int]:
    with opened() as db:
        return {"summaries": db.execute("SELECT count(*) FROM summaries").fetchone()[0]}


@app.get("/stats")
async def stats() -> dict[str, int]:
    return counted()
