"""An index over columns, under a name that says that it is ours."""

from __future__ import annotations

import re

from crashcart.actions.blocking import Job
from crashcart.actions.files import Refused
from crashcart.actions.sqlite.file import asked, opened, path_of, quoted
from crashcart.model.touch import Happened, Prepared


class Index:
    """Makes and drops one index."""

    def prepare(self, job: Job) -> Prepared:
        table, columns = _wanted(job)
        known = [str(row[0]) for row in asked(job, "SELECT name FROM pragma_table_info(?)", table)]
        if not known:
            raise Refused(f"{path_of(job)} has no table {table}")
        if missing := [column for column in columns if column not in known]:
            raise Refused(f"the table {table} has no column {', '.join(missing)}")
        name = _name(table, columns)
        existing = _over(job, table, columns)
        diff = () if existing else (f"+ index {name} on {table} ({', '.join(columns)})",)
        return Prepared(diff, {"index": name, "was": existing}, not existing)

    def touch(self, job: Job) -> str:
        table, columns = _wanted(job)
        if existing := _over(job, table, columns):
            return f"the index {existing} is there already"
        if _columns(job, job.kept["index"]) or not asked(job, "SELECT 1 FROM pragma_table_info(?)", table):
            raise Refused(f"the table {table}, or an index {job.kept['index']}, is not as when the plan was made")
        listed = ", ".join(quoted(column) for column in columns)
        with opened(job) as database:
            database.execute(f"CREATE INDEX {quoted(job.kept['index'])} ON {quoted(table)} ({listed})")
        return f"the index {job.kept['index']} was made"

    def happened(self, job: Job) -> Happened:
        return Happened.YES if _over(job, *_wanted(job)) else Happened.NO

    def undo(self, job: Job) -> str:
        name = job.kept["index"]
        found = _columns(job, name)
        if job.kept["was"] or not found:
            return f"the index {name} is not there, as before"
        if found != _wanted(job)[1]:
            raise Refused(f"the index {name} is another one by now: by hand, then")
        with opened(job) as database:
            database.execute(f"DROP INDEX {quoted(name)}")
        return f"the index {name} was dropped"


def _wanted(job: Job) -> tuple[str, list[str]]:
    columns = [column.strip() for column in job.touch.arg("columns").split(",") if column.strip()]
    if not columns:
        raise Refused("an index needs a column")
    return job.touch.arg("table"), columns


def _name(table: str, columns: list[str]) -> str:
    return re.sub(r"\W+", "_", "_".join(("ix", table, *columns, "crashcart")))[:100]


def _columns(job: Job, index: str) -> list[str]:
    return [str(row[0]) for row in asked(job, "SELECT name FROM pragma_index_info(?) ORDER BY seqno", index)]


def _over(job: Job, table: str, columns: list[str]) -> str:
    """Return the name of a whole index over exactly these columns, empty when there is none."""
    for (name,) in asked(job, "SELECT name FROM pragma_index_list(?) WHERE partial = 0 ORDER BY name", table):
        if _columns(job, str(name)) == columns:
            return str(name)
    return ""
