"""Jobs that outlive the process; tags, the way a summary was made, and full-text search."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# An external-content index: the text is stored once, and three triggers keep the index in step.
SEARCH = """
CREATE VIRTUAL TABLE summaries_search USING fts5(title, summary, content='summaries', content_rowid='id');
CREATE TRIGGER summaries_search_insert AFTER INSERT ON summaries BEGIN
    INSERT INTO summaries_search(rowid, title, summary) VALUES (new.id, new.title, new.summary);
END;
CREATE TRIGGER summaries_search_delete AFTER DELETE ON summaries BEGIN
    INSERT INTO summaries_search(summaries_search, rowid, title, summary)
    VALUES ('delete', old.id, old.title, old.summary);
END;
CREATE TRIGGER summaries_search_update AFTER UPDATE OF title, summary ON summaries BEGIN
    INSERT INTO summaries_search(summaries_search, rowid, title, summary)
    VALUES ('delete', old.id, old.title, old.summary);
    INSERT INTO summaries_search(rowid, title, summary) VALUES (new.id, new.title, new.summary);
END;
INSERT INTO summaries_search(summaries_search) VALUES ('rebuild');
"""
TRIGGERS = ("summaries_search_insert", "summaries_search_delete", "summaries_search_update")


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("max_pages", sa.Integer, nullable=False),
        sa.Column("max_depth", sa.Integer, nullable=False),
        sa.Column("tags", sa.Text, nullable=False, server_default=""),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("pages", sa.Integer, nullable=False, server_default="0"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("runner", sa.Text),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("started_at", sa.Text),
        sa.Column("finished_at", sa.Text),
    )
    op.create_index("idx_jobs_status", "jobs", ["status", "created_at"])
    op.add_column("summaries", sa.Column("job_id", sa.Text))
    op.add_column("summaries", sa.Column("method", sa.Text, nullable=False, server_default="model"))
    op.create_index("idx_job_id", "summaries", ["job_id"], unique=True)
    op.create_index("idx_status", "summaries", ["status"])
    op.create_index("idx_url", "summaries", ["url"])
    op.create_table(
        "summary_tags",
        sa.Column("tag", sa.Text, primary_key=True),
        sa.Column("summary_id", sa.Integer, sa.ForeignKey("summaries.id", ondelete="CASCADE"), primary_key=True),
    )
    op.create_index("idx_summary_tags_summary", "summary_tags", ["summary_id"])
    _run(SEARCH)


def downgrade() -> None:
    for trigger in TRIGGERS:
        op.execute(f"DROP TRIGGER {trigger}")
    op.drop_table("summaries_search")
    op.drop_table("summary_tags")
    for index in ("idx_url", "idx_status", "idx_job_id"):
        op.drop_index(index, "summaries")
    op.drop_column("summaries", "method")
    op.drop_column("summaries", "job_id")
    op.drop_table("jobs")


def _run(script: str) -> None:
    """Execute a script statement by statement: the driver takes one at a time inside a transaction."""
    statement = ""
    for line in script.strip().splitlines():
        statement += line + "\n"
        is_inside_trigger = "CREATE TRIGGER" in statement and not line.startswith("END;")
        if line.endswith(";") and not is_inside_trigger:
            op.execute(sa.text(statement.replace(":", r"\:")))
            statement = ""
