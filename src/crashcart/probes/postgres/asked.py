"""The questions that are asked of a server. All there are: none comes from a guide, names are bound.

Only catalogues and statistics are read, and one table that Alembic keeps: no question opens a table of the user, as
that would wait behind whoever has it locked. Sizes of tables are estimates for the same reason.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crashcart.model.observation import Look, Scalar
from crashcart.probes.postgres.does import does
from crashcart.probes.postgres.session import OURS, Refused, Row, ask, reading
from crashcart.redact import fingerprint

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

Fields = dict[str, Scalar]
Shown = Callable[[str], str]  # redacts

WATCH_S = 2.0  # a session hands in its statistics once a second
LARGE_ROWS = 10_000
_LOCKED = "55P03"

# Sessions of clients; of those that our role may not see, the kind is hidden too.
_CLIENTS = "(backend_type = 'client backend' OR backend_type IS NULL AND datid IS NOT NULL) AND pid <> pg_backend_pid()"
# Several looks may be taken at once: none of them is what they are after.
_OTHERS = f"{_CLIENTS} AND application_name <> '{OURS}'"
_ROOM = f"""
SELECT
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true), '0')::int,
  (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE {_OTHERS}),
  (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE {_CLIENTS}),
  CASE WHEN r.rolconnlimit >= 0 AND NOT r.rolsuper THEN r.rolconnlimit
    - (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE usesysid = r.oid AND {_OTHERS}) END,
  CASE WHEN d.datconnlimit >= 0 AND NOT r.rolsuper THEN d.datconnlimit
    - (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datid = d.oid AND {_OTHERS}) END,
  r.rolsuper
FROM pg_catalog.pg_roles r, pg_catalog.pg_database d
WHERE r.rolname = session_user AND d.datname = current_database()
"""
_MOST = f"""
SELECT coalesce(nullif(application_name, ''), usename, ''), count(*) FROM pg_catalog.pg_stat_activity
WHERE {_OTHERS} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1
"""
_SESSIONS = f"""
SELECT pid, coalesce(state, ''), coalesce(nullif(application_name, ''), usename, ''),
  extract(epoch FROM clock_timestamp() - state_change), extract(epoch FROM clock_timestamp() - query_start),
  extract(epoch FROM clock_timestamp() - xact_start), left(query, 200)
FROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND {_OTHERS}
"""
_PREPARED = "SELECT count(*) FROM pg_catalog.pg_prepared_xacts WHERE database = current_database()"
_TABLES = f"""
SELECT s.relid, s.schemaname || '.' || s.relname, s.seq_tup_read, s.seq_scan, s.n_dead_tup, s.n_live_tup,
  greatest(s.n_live_tup, c.reltuples::bigint) >= {LARGE_ROWS},
  s.last_analyze IS NULL AND s.last_autoanalyze IS NULL
FROM pg_catalog.pg_stat_user_tables s JOIN pg_catalog.pg_class c ON c.oid = s.relid
"""
# Each part in quotes: the name is meant as it stands, and nothing in it is taken for anything else.
_RELATION = """pg_catalog.to_regclass(
  (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(part), '.')
   FROM pg_catalog.unnest(pg_catalog.string_to_array($1, '.')) part))"""
_TABLE = f"SELECT 1 WHERE {_RELATION} IS NOT NULL"
_COLUMN = f"""
SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = {_RELATION} AND attname = $2 AND attnum > 0 AND NOT attisdropped
"""
_INDEX = f"""
SELECT 1 FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid AND i.indisvalid
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE CASE WHEN $1 = '' THEN c.relname = $2 ELSE i.indrelid = {_RELATION} AND (c.relname = $2 OR a.attname = $2) END
"""
_PARTS = """
SELECT count(DISTINCT c.oid), count(*), coalesce(md5(string_agg(
  n.nspname || '.' || c.relname || '.' || a.attname || ' ' || a.atttypid || ' ' || a.atttypmod || ' ' || a.attnotnull,
  E'\\n' ORDER BY n.nspname, c.relname, a.attname)), ''),
  (SELECT count(*) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
   JOIN pg_catalog.pg_namespace m ON m.oid = t.relnamespace
   WHERE i.indisvalid AND t.relkind IN ('r', 'p') AND m.nspname !~ '^pg_' AND m.nspname <> 'information_schema'),
  (SELECT count(*) FROM pg_catalog.pg_class v WHERE v.oid = to_regclass('alembic_version') AND v.relkind = 'r'
   AND NOT v.relrowsecurity)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
_REVISION = "SELECT version_num FROM alembic_version ORDER BY 1"
_SIZE = "SELECT pg_database_size(current_database())"


@dataclass(frozen=True, slots=True)
class Room:
    """How many connections of clients there are, ours not counted, and how many more may come.

    `is_last`: with ours there is none left for anybody else.
    """

    used: int
    limit: int
    left: int
    is_last: bool


async def room(connection: PGconn) -> Room:
    """Return how much room is left."""
    async with reading(connection):
        ((limit, others, clients, of_role, of_database, is_super),) = await ask(connection, _ROOM)
    own = [_int(one) for one in (of_role, of_database) if one is not None]
    left = min(_int(limit) - _int(others), *own) if own else _int(limit) - _int(others)
    # An administrator is not held by limits of roles and databases, and has places of its own.
    is_last = is_super != "t" and min(left, _int(limit) - _int(clients)) <= 1
    return Room(_int(others), _int(limit), max(0, left), is_last)


async def connections(connection: PGconn, look: Look, shown: Shown) -> Fields:
    """Say who has the most connections; the rest is told by `room`."""
    async with reading(connection):
        found = await ask(connection, _MOST)
    return {"most": _int(found[0][1]), "most_by": shown(str(found[0][0]))} if found else {"most": 0}


async def sessions(connection: PGconn, look: Look, shown: Shown) -> Fields:
    """Say what the sessions do."""
    async with reading(connection):
        found = await ask(connection, _SESSIONS)
        ((prepared,),) = await ask(connection, _PREPARED)
    hidden = sum(not row[1] for row in found)
    by_state = {
        word: [row for row in found if str(row[1]).startswith(word)] for word in ("active", "idle in transaction")
    }
    idle = sum(row[1] == "idle" for row in found)
    waiting, active = by_state["idle in transaction"], by_state["active"]
    fields: Fields = {
        "active": len(active),
        "idle": idle,
        "open": len(waiting),
        "prepared": _int(prepared),
        "hidden": hidden,
    }
    # What is hidden may be the longest of all, and none that is seen is no proof that there is none.
    for name, rows, column in (("open_idle", waiting, 3), ("longest", active, 4), ("oldest", found, 5)):
        ages = [(_float(row[column]), str(row[2]), str(row[6])) for row in rows if row[column] is not None]
        age, by, query = max(ages, default=(0.0, "", ""))
        if ages or not hidden:
            fields[name] = max(0.0, age)
        if ages and name == "open_idle":
            fields["open_by"] = shown(by)
        if ages and name == "longest":
            fields |= {"longest_by": shown(by), "longest_does": does(query)}
    return fields


async def tables(connection: PGconn, look: Look, shown: Shown) -> Fields:
    """Watch for a moment what is read of the tables."""
    before, began = await _statistics(connection), time.monotonic()
    await asyncio.sleep(WATCH_S)
    after = await _statistics(connection)
    passed_s = time.monotonic() - began
    async with reading(connection):
        ((size,),) = await ask(connection, _SIZE)
    large = [oid for oid, row in after.items() if row[6] == "t" and oid in before]
    walked = {oid: _int(after[oid][2]) - _int(before[oid][2]) for oid in large}
    walks = sum(_int(after[oid][3]) - _int(before[oid][3]) for oid in large)
    fields: Fields = {
        "walked": max(0.0, sum(walked.values()) / passed_s),
        "walks": max(0.0, walks / passed_s),
        "uncounted": sum(row[6] == "t" and row[7] == "t" for row in after.values()),
        "size": _int(size),
        **_dead(after, shown),
    }
    most = max(walked, key=lambda oid: walked[oid], default=None)
    return fields if most is None or not walked[most] else {**fields, "walked_in": shown(str(after[most][1]))}


async def schema(connection: PGconn, look: Look, shown: Shown) -> Fields:
    """Count the parts, and say whether those that are named are there."""
    async with reading(connection):
        ((count, _, columns, indexes, has_revision),) = await ask(connection, _PARTS)
        fields: Fields = {"tables": _int(count), "indexes": _int(indexes), "fingerprint": fingerprint(str(columns))}
        if look.args:
            fields["is_present"] = await _is_present(
                connection, look.arg("table"), look.arg("column"), look.arg("index")
            )
    if has_revision != "0":
        try:
            async with reading(connection):
                found = await ask(connection, _REVISION)
            fields["revision"] = shown(", ".join(str(row[0]) for row in found))
        except Refused as refused:
            if refused.code not in (_LOCKED, "42501"):  # a migration is at work on it, or it is not for us
                raise
    return fields


async def _is_present(connection: PGconn, table: str | None, column: str | None, index: str | None) -> bool:
    asked: list[tuple[str, tuple[str, ...]]] = []
    if table:
        asked.append((_TABLE, (table,)))
    if column:
        asked.append((_COLUMN, (table or "", column)))
    if index:
        asked.append((_INDEX, (table or "", index)))
    return all([bool(await ask(connection, sql, *values)) for sql, values in asked])


async def _statistics(connection: PGconn) -> Mapping[str, Row]:
    # A transaction of its own each time: within one, statistics stand still.
    async with reading(connection):
        return {str(row[0]): row for row in await ask(connection, _TABLES)}


def _dead(found: Mapping[str, Row], shown: Shown) -> Fields:
    row = max(found.values(), key=lambda row: _int(row[4]), default=None)
    if row is None or not _int(row[4]):
        return {"dead": 0, "dead_share": 0.0}
    dead, live = _int(row[4]), _int(row[5])
    return {"dead": dead, "dead_share": 100.0 * dead / (dead + live), "dead_in": shown(str(row[1]))}


def _int(value: str | None) -> int:
    return int(value or 0)


def _float(value: str | None) -> float:
    return float(value or 0.0)
