"""Summaries: stored with the end of their job, listed by page, found by tag and by words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
)
from sqlalchemy.engine import Connection

from crashcart_lab.digest.storage.database import Database, ago, now
from crashcart_lab.digest.storage.jobs import Job, Status, finish
from crashcart_lab.digest.storage.tables import summaries, summary_tags


class Method(StrEnum):
    """How a summary was made."""

    MODEL = "model"  # written by the provider's model
    EXTRACTIVE = "extractive"  # the site's own sentences, because the provider failed


@dataclass(frozen=True, slots=True)
class Summary:
    """One stored summary; created_at is ISO 8601 in UTC."""

    id: int
    url: str
    title: str
    summary: str
    status: str
    created_at: str
    method: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which summaries a client asks for; every condition that is set must hold."""

    tag: str | None = None
    words: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """What there is, counted."""

    summaries: int
    by_method: Mapping[str, int]
    by_tag: Mapping[str, int]
    newest: str | None


@dataclass(frozen=True, slots=True)
class SummaryStore:
    """The summaries of one database."""

    database: Database

    def store(self, db: Connection, job: Job, *, title: str, summary: str, method: Method) -> int | None:
        """Store a job's summary and end the job, inside the caller's transaction.

        Returns the summary's id, None when the job is not running any more (cancelled, or run elsewhere).
        """
        if not finish(db, job, Status.COMPLETED):
            return None
        values = {"url": job.order.url, "title": title, "summary": summary, "status": "completed"}
        stored = db.execute(insert(summaries).values(**values, created_at=now(), job_id=job.id, method=method))
        assert stored.inserted_primary_key is not None  # an INSERT that returned has made a row
        summary_id = int(stored.inserted_primary_key[0])
        _set_tags(db, summary_id, job.order.tags)
        return summary_id

    def page(self, wanted: Wanted, *, limit: int, offset: int) -> list[Summary]:
        """Return the newest summaries first."""
        asked = _matching(wanted).order_by(summaries.c.id.desc()).limit(limit).offset(offset)
        with self.database.reading() as db:
            return [_summary(row) for row in db.execute(asked)]

    def count(self, wanted: Wanted) -> int:
        with self.database.reading() as db:
            return db.execute(select(func.count()).select_from(_matching(wanted).subquery())).scalar_one()

    def count_all(self) -> int:
        with self.database.reading() as db:
            return db.execute(select(func.count()).select_from(summaries)).scalar_one()

    def get(self, summary_id: int) -> Summary | None:
        with self.database.reading() as db:
            row = db.execute(_ONE, {"summary_id": summary_id}).first()
        return _summary(row) if row else None

    def set_tags(self, summary_id: int, tags: Sequence[str]) -> bool:
        """Replace the tags of a summary; False when there is no such summary."""
        with self.database.writing() as db:
            if db.execute(select(summaries.c.id).where(summaries.c.id == summary_id)).first() is None:
                return False
            db.execute(delete(summary_tags).where(summary_tags.c.summary_id == summary_id))
            _set_tags(db, summary_id, tags)
            return True

    def remove(self, summary_id: int) -> bool:
        """Remove a summary; False when there is none."""
        with self.database.writing() as db:
            return bool(db.execute(delete(summaries).where(summaries.c.id == summary_id)).rowcount)

    def remove_older(self, *, days: int) -> int:
        """Remove what is older, and return how many that were."""
        with self.database.writing() as db:
            return db.execute(delete(summaries).where(summaries.c.created_at < ago(days=days))).rowcount

    def totals(self) -> Totals:
        with self.database.reading() as db:
            count, newest = db.execute(
                select(func.count(), func.max(summaries.c.created_at)).select_from(summaries)
            ).one()
            methods = db.execute(select(summaries.c.method, func.count()).group_by(summaries.c.method)).all()
            tags = db.execute(select(summary_tags.c.tag, func.count()).group_by(summary_tags.c.tag)).all()
        return Totals(count, {row[0]: row[1] for row in methods}, {row[0]: row[1] for row in tags}, newest)


_SHOWN = (
    summaries.c.id,
    summaries.c.url,
    summaries.c.title,
    summaries.c.summary,
    summaries.c.status,
    summaries.c.created_at,
    summaries.c.method,
    # Tags hold no comma; a second statement for them would take as long as the first.
    select(func.group_concat(summary_tags.c.tag))
    .where(summary_tags.c.summary_id == summaries.c.id)
    .scalar_subquery()
    .label("tags"),
)
# Built once: to build a statement takes longer than to run it.
_ONE = select(*_SHOWN).where(summaries.c.id == bindparam("summary_id"))


def _matching(wanted: Wanted) -> Select[*tuple[Any, ...]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.status is not None:
        conditions.append(summaries.c.status == wanted.status)
    if wanted.tag is not None:
        tagged = select(summary_tags.c.summary_id).where(summary_tags.c.tag == wanted.tag)
        conditions.append(summaries.c.id.in_(tagged))
    if wanted.words is not None:
        found = select(literal_column("rowid", Integer)).select_from(text("summaries_search"))
        matches = text("summaries_search MATCH :words").bindparams(words=_phrases(wanted.words))
        conditions.append(summaries.c.id.in_(found.where(matches)))
    return select(*_SHOWN).where(*conditions)


def _phrases(words: str) -> str:
    """Return a full-text query for all of the words, none of them read as an operator."""
    return " ".join('"' + word.replace('"', '""') + '"' for word in words.replace("\0", " ").split())


def _set_tags(db: Connection, summary_id: int, tags: Sequence[str]) -> None:
    if tags:
        db.execute(insert(summary_tags), [{"summary_id": summary_id, "tag": tag} for tag in dict.fromkeys(tags)])


def _summary(row: Row[*tuple[Any, ...]]) -> Summary:
    tags = tuple(sorted(row.tags.split(","))) if row.tags else ()
    return Summary(row.id, row.url, row.title, row.summary, row.status, row.created_at, row.method, tags)
