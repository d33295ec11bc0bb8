"""Ends idle sessions, makes an index, analyzes a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crashcart.actions.blocking import Job
from crashcart.actions.files import Refused
from crashcart.actions.postgres.session import rows, session
from crashcart.model.touch import Happened, Prepared

if TYPE_CHECKING:
    from psycopg import Connection

_SHOWN = 10
_IDLE = """
SELECT pid, extract(epoch FROM backend_start)::text, coalesce(application_name, '') FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
AND state LIKE 'idle in transaction%%' AND state_change < now() - %s * interval '1 second' ORDER BY pid
"""
_ALIVE = """
SELECT pid::text || '@' || extract(epoch FROM backend_start)::text FROM pg_stat_activity
WHERE state LIKE 'idle in transaction%%'
"""
_OVER = """
SELECT c.relname, i.indisvalid, array_to_string(array(
  SELECT a.attname::text FROM unnest(i.indkey::int[]) WITH ORDINALITY k(number, place)
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY k.place), ',')
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = to_regclass(%s) AND i.indpred IS NULL AND i.indexprs IS NULL ORDER BY c.relname
"""
_ANALYZED = (
    "SELECT coalesce(extract(epoch FROM last_analyze)::text, '') FROM pg_stat_user_tables WHERE relid = to_regclass(%s)"
)


class EndIdle:
    """Ends the sessions that the dry run has listed, each only while it is still idle in its transaction."""

    def prepare(self, job: Job) -> Prepared:
        with session(job) as connection:
            found = rows(connection, _IDLE, float(job.touch.arg("age")))
        lines = [f"- session {pid} of {name or 'a program without a name'}" for pid, _, name in found]
        more = [f"- and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
        kept = {"sessions": " ".join(f"{pid}@{started}" for pid, started, _ in found)}
        return Prepared((*lines[:_SHOWN], *more), kept, bool(found))

    def touch(self, job: Job) -> str:
        listed = set(job.kept["sessions"].split())
        with session(job) as connection:
            alive = listed & _alive(connection)
            ended = [
                one
                for one in sorted(alive)
                if rows(connection, _END, int(one.partition("@")[0]), int(job.timeout_s * 900))[0][0]
            ]
            left = listed & _alive(connection)
        if left:
            raise OSError(f"{len(left)} of {len(listed)} sessions are still there")
        return f"{len(ended)} sessions were ended"

    def happened(self, job: Job) -> Happened:
        with session(job) as connection:
            return Happened.NO if set(job.kept["sessions"].split()) & _alive(connection) else Happened.YES

    def undo(self, job: Job) -> str:
        raise Refused("a session that was ended cannot be brought back")


_END = "SELECT pg_terminate_backend(%s, %s)"


class Index:
    """Makes and drops one index, without keeping writers out."""

    def prepare(self, job: Job) -> Prepared:
        table, columns = _wanted(job)
        with session(job) as connection:
            known = {str(name) for (name,) in rows(connection, _COLUMNS, table)}
            existing = _valid(connection, table, columns)
        if not known:
            raise Refused(f"there is no table {table}")
        if missing := [column for column in columns if column not in known]:
            raise Refused(f"the table {table} has no column {', '.join(missing)}")
        name = re.sub(r"\W+", "_", "_".join(("ix", table, *columns, "crashcart")))[:60]
        diff = () if existing else (f"+ index {name} on {table} ({', '.join(columns)})",)
        return Prepared(diff, {"index": name, "was": existing}, not existing)

    def touch(self, job: Job) -> str:
        table, columns = _wanted(job)
        name = job.kept["index"]
        with session(job) as connection:
            if existing := _valid(connection, table, columns):
                return f"the index {existing} is there already"
            found = {str(index): (bool(valid), over) for index, valid, over in rows(connection, _OVER, table)}
            if not rows(connection, _COLUMNS, table) or found.get(name, (False, ""))[0]:
                raise Refused(f"the table {table}, or an index {name}, is not as when the plan was made")
            if name in found:  # what an attempt that was cut off leaves behind
                _drop(connection, table, name)
            _create(connection, table, name, columns)
        return f"the index {name} was made"

    def happened(self, job: Job) -> Happened:
        with session(job) as connection:
            return Happened.YES if _valid(connection, *_wanted(job)) else Happened.NO

    def undo(self, job: Job) -> str:
        (table, columns), name = _wanted(job), job.kept["index"]
        with session(job) as connection:
            found = {str(index): str(over) for index, _, over in rows(connection, _OVER, table)}
            if job.kept["was"] or name not in found:
                return f"the index {name} is not there, as before"
            if found[name] != ",".join(columns):
                raise Refused(f"the index {name} is another one by now: by hand, then")
            _drop(connection, table, name)
        return f"the index {name} was dropped"


_COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped"
_SCHEMA = "SELECT nspname, relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE pg_class.oid = to_regclass(%s)"


class Analyze:
    """Counts a table afresh."""

    def prepare(self, job: Job) -> Prepared:
        table = job.touch.arg("table")
        with session(job) as connection:
            found = rows(connection, _ANALYZED, table)
        if not found:
            raise Refused(f"there is no table {table}")
        return Prepared((f"- {table} as it was counted last", "+ counted afresh"), {"at": str(found[0][0])})

    def touch(self, job: Job) -> str:
        from psycopg import sql

        table = job.touch.arg("table")
        with session(job) as connection:
            if self._at(connection, table) != job.kept["at"]:
                return f"{table} was counted since already"
            connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(*_names(connection, table))))
        return f"{table} was counted afresh"

    def happened(self, job: Job) -> Happened:
        with session(job) as connection:
            return Happened.NO if self._at(connection, job.touch.arg("table")) == job.kept["at"] else Happened.YES

    def undo(self, job: Job) -> str:
        return "nothing needs to be put back: no row was changed"

    def _at(self, connection: Connection, table: str) -> str:
        found = rows(connection, _ANALYZED, table)
        if not found:
            raise Refused(f"the table {table} is not there any more")
        return str(found[0][0])


def _alive(connection: Connection) -> set[str]:
    return {str(one) for (one,) in rows(connection, _ALIVE)}


def _wanted(job: Job) -> tuple[str, list[str]]:
    columns = [column.strip() for column in job.touch.arg("columns").split(",") if column.strip()]
    if not columns:
        raise Refused("an index needs a column")
    return job.touch.arg("table"), columns


def _valid(connection: Connection, table: str, columns: list[str]) -> str:
    """Return the name of a valid, whole index over exactly these columns, empty when there is none."""
    found = rows(connection, _OVER, table)
    return next((str(name) for name, is_valid, over in found if is_valid and over == ",".join(columns)), "")


def _names(connection: Connection, table: str) -> tuple[str, str]:
    found = rows(connection, _SCHEMA, table)
    if not found:
        raise Refused(f"the table {table} is not there any more")
    return str(found[0][0]), str(found[0][1])


def _create(connection: Connection, table: str, name: str, columns: list[str]) -> None:
    from psycopg import sql

    listed = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    statement = sql.SQL("CREATE INDEX CONCURRENTLY {} ON {} ({})")
    connection.execute(statement.format(sql.Identifier(name), sql.Identifier(*_names(connection, table)), listed))


def _drop(connection: Connection, table: str, name: str) -> None:
    from psycopg import sql

    schema, _ = _names(connection, table)
    connection.execute(sql.SQL("DROP INDEX CONCURRENTLY {}").format(sql.Identifier(schema, name)))
