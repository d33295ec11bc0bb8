"""The tables, as the newest revision leaves them. Times are ISO 8601 in UTC, so they sort as text."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text

metadata = MetaData()

summaries = Table(
    "summaries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    # Unique: however often a job is run again, it leaves one summary.
    Column("job_id", Text),
    Column("method", Text, nullable=False, server_default="model"),
    Index("idx_created_at", "created_at"),
    Index("idx_status", "status"),
    Index("idx_url", "url"),
    Index("idx_job_id", "job_id", unique=True),
)

summary_tags = Table(
    "summary_tags",
    metadata,
    Column("tag", Text, primary_key=True),
    Column("summary_id", Integer, ForeignKey("summaries.id", ondelete="CASCADE"), primary_key=True),
    Index("idx_summary_tags_summary", "summary_id"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("max_pages", Integer, nullable=False),
    Column("max_depth", Integer, nullable=False),
    Column("tags", Text, nullable=False, server_default=""),
    Column("status", Text, nullable=False),
    Column("error", Text),
    Column("pages", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("runner", Text),
    Column("created_at", Text, nullable=False),
    Column("started_at", Text),
    Column("finished_at", Text),
    Index("idx_jobs_status", "status", "created_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Text, nullable=False),
    Column("error", Text),
    Column("created_at", Text, nullable=False),
    Index("idx_deliveries_due", "status", "due_at"),
)

received = Table(
    "received",
    metadata,
    Column("id", Text, primary_key=True),
    Column("received_at", Text, nullable=False),
)

schedule_slots = Table(
    "schedule_slots",
    metadata,
    Column("name", Text, primary_key=True),
    Column("slot", Text, primary_key=True),
)
